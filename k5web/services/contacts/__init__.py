"""Contacts: the list of numbers that a subscriber keeps here, and address books that only pass through."""
