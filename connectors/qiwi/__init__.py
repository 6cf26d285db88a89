"""QIWI and the networks that speak its protocols: they pay to accounts, or K5 makes out a bill and they pay it."""
