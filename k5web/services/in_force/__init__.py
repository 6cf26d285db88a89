"""What is in force, in this process's memory: price lists and plans, and how the files of plans are read."""
