"""Price lists as data: CloverTel's printed list and K5's own as rate decks, with the script that makes them.

Source: docs/price-lists.md tells where every price and prefix comes from.
"""

from pathlib import Path


def path(name: str) -> Path:
    """Return the file of a price list: `clovertel` or `k5`."""
    return Path(__file__).with_name(f"{name}.csv")
