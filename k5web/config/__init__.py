"""What the operator decides: the environment and the files it names, read once, each mistake named with its mend."""
