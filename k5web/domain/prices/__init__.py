"""Prices: rate decks, tariffs, bulk pricing."""
