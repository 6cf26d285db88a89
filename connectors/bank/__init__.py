"""A payer's bank, simulated: K5's side of it is the import of the bank's statements, so there is no connector."""
