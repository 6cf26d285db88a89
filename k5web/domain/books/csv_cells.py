"""Cells of a CSV that spreadsheets of this part of the world open as a table: semicolons, decimal commas, a BOM."""

from k5web.domain.money import Money

BOM = "\N{BOM}"
DELIMITER = ";"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is run by spreadsheets


def plain(text: str) -> str:
    """Return the text as a spreadsheet shows it, never as it would run it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def decimal(money: Money) -> str:
    """Return a sum as a spreadsheet reads it: 1234,56."""
    return str(money).replace(".", ",")
