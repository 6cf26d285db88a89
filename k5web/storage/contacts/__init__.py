"""Contacts: the list of numbers that a subscriber keeps here."""
