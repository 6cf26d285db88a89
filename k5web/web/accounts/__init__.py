"""Subscribers: accounts, devices, log-ins, passwords, tokens, blocks."""
