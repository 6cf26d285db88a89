"""The operator's own people: who they are, which role may do what, how long a log-in lasts."""
