"""Requests to other parties: switches, payment providers, and K5 itself where a simulated provider calls it."""
