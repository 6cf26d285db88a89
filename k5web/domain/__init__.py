"""Pure rules: the standard library and phonenumbers only; time and ids arrive as arguments."""
