"""Contacts: address books of phones, and the call links in them."""
