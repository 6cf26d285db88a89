"""K5: a prepaid callback-telephony operator in a box."""

VERSION = "0.1.0"  # pyproject.toml takes it from here
