"""Cells of a price list as values: prefixes, prices, days. What has two readings is refused, never guessed."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from k5web.domain.money import Price
from k5web.domain.prices.number_plan import country_code
from k5web.errors import WrongPrice

MOST_IN_A_RANGE = 10_000  # 7000-79999 is a slip of the pen, not a price list
BLOCKED = "blocked"  # in the column of prices: the range is closed, whatever a shorter prefix costs
BLOCK_WORDS = (BLOCKED, "closed", "закрыто", "закрыт", "запрещено")

_PREFIX = re.compile(r"\+?([1-9][0-9]{0,14})", re.ASCII)
_RANGE = re.compile(r"\+?([1-9][0-9]{0,14})\s*[-\u2013]\s*\+?([0-9]{1,15})", re.ASCII)
_WAY_OUT = re.compile(r"(?:00|011|0)([1-9][0-9]{0,14})", re.ASCII)
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,5}", re.ASCII)
_ISO_DAY = re.compile(r"([0-9]{4})([-/])([0-9]{2})\2([0-9]{2})(?:[ T]00:00(?::00)?)?", re.ASCII)
_RUSSIAN_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", re.ASCII)
_EXCEL_DAY = re.compile(r"[34567][0-9]{4}", re.ASCII)
_EXCEL_BEGINS = date(1899, 12, 30)
_LONG_FRACTION = re.compile(r"[0-9]+[.,][0-9]{7,}", re.ASCII)
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}", re.ASCII)
_SIGN = re.compile(r"[0-9]+([.,])[0-9]+", re.ASCII)
_CURRENCY_SIGN = re.compile(r"[$€£¥₸₽]|(?:USD|EUR|GBP|RUB|KGS|руб\.?|р\.|сом)", re.IGNORECASE)


class WrongCell(ValueError):
    """Why a cell, and with it its row, is turned down."""


def parse_prefixes(cell: str) -> list[str]:
    """Return the prefixes of a cell: `7495`, `7495;7499`, `78632-78635`, or with a short end `783141-3`.

    A part of a list stands for itself alone: «7495,499» may mean 7499 or Germany's 499, so it is refused.
    Raises: WrongCell.
    """
    parts = [part.strip() for part in re.split("[;,]", cell) if part.strip()]
    if len(parts) == 2 and _SCIENTIFIC.fullmatch(cell.strip()):
        raise WrongCell(f"prefix '{shown(cell)}' is a number that a spreadsheet shortened: format the column as text")
    for part in parts[1:]:
        if len(_first(part)) < len(_first(parts[0])):
            written = f"{_first(parts[0])[: -len(_first(part))]}{_first(part)}"
            told = f"prefix '{shown(part)}' after {shown(parts[0])} may mean {shown(written)}"
            raise WrongCell(f"{told}: write it whole, or in a row of its own")
    prefixes = [prefix for part in parts for prefix in _expand(part)]
    if not prefixes:
        raise WrongCell("prefix is empty")
    if len(set(prefixes)) < len(prefixes):
        raise WrongCell(f"prefix {next(p for p in prefixes if prefixes.count(p) > 1)} stands twice in one cell")
    return prefixes


def _first(part: str) -> str:
    return re.split("[-\u2013]", part, maxsplit=1)[0].strip().lstrip("+")


def _expand(part: str) -> Iterable[str]:
    single = _PREFIX.fullmatch(part)
    if single is not None:
        return [single[1]]
    span = _RANGE.fullmatch(part)
    if span is None:
        raise WrongCell(_why_no_prefix(part))
    first, last = span[1], span[2]
    if len(last) < len(first):
        last = first[: -len(last)] + last
    if len(last) > len(first) or last < first:
        told = f"prefix range {first}-{span[2]} runs backwards or changes its length"
        raise WrongCell(f"{told}: if {first}{span[2]} is meant, write it so")
    if country_code(first) != country_code(last):
        joined = f": if {first}{span[2]} is meant, write it so" if len(span[2]) < len(first) else ""
        raise WrongCell(f"prefix range {first}-{last} leaves the country code {country_code(first)}{joined}")
    if int(last) - int(first) >= MOST_IN_A_RANGE:
        raise WrongCell(f"prefix range {first}-{span[2]} holds more than {MOST_IN_A_RANGE} prefixes")
    return (str(number) for number in range(int(first), int(last) + 1))


def _why_no_prefix(part: str) -> str:
    if _SCIENTIFIC.fullmatch(part):
        return f"prefix '{shown(part)}' is a number that a spreadsheet shortened: format the column as text"
    if dialled := _WAY_OUT.fullmatch(part):
        return f"prefix '{part}' begins as it is dialled: write {dialled[1]}"
    return f"prefix '{shown(part)}' is not digits like 7495, 7495;7499 or 78632-78635"


def parse_price(name: str, cell: str, currency: str) -> Price:
    """Return an exact price. Raises: WrongCell."""
    try:
        return Price.parse(cell, currency)
    except WrongPrice:
        raise WrongCell(f"{name} '{shown(cell)}' {_why_no_price(cell)}") from None


def is_block_word(cell: str, more: Iterable[str] = ()) -> bool:
    """Return whether a cell of prices says that the range is closed."""
    return cell.strip().casefold() in {*BLOCK_WORDS, *(word.casefold() for word in more)}


def decimal_sign(cell: str) -> str | None:
    """Return the sign that surely parts whole and fraction in a price; None where it may part thousands."""
    found = _SIGN.fullmatch(cell.strip())
    return found[1] if found and not _THOUSANDS.fullmatch(cell.strip()) else None


def thousands_sign(cell: str) -> str | None:
    """Return the sign of a price such as 1,500, which may be one and a half or fifteen hundred."""
    found = _THOUSANDS.fullmatch(cell.strip())
    return found[1] if found else None


def _why_no_price(cell: str) -> str:
    if cell.startswith(("-", "\u2212")):
        return "is negative"
    if any(letter.isdigit() and not letter.isascii() for letter in cell):
        return "has digits other than 0-9"
    if _LONG_FRACTION.fullmatch(cell):
        return "has more than six decimals"
    if cell.lower() in {"nan", "inf", "infinity"}:
        return "is not a number"
    if sign := _CURRENCY_SIGN.search(cell):
        return f"is not a price: write the number alone, and the currency of '{sign[0]}' in a column of its own"
    return "is not a price: write 1.75 or 1,75"


def parse_seconds(name: str, cell: str, default: int) -> int:
    """Return whole seconds; the default where the cell is empty. Raises: WrongCell."""
    if not cell:
        return default
    if not _WHOLE.fullmatch(cell):
        raise WrongCell(f"{name} '{shown(cell)}' is not a whole number of seconds")
    return int(cell)


def parse_day(cell: str) -> date | None:
    """Return a day, None where the cell is empty. Raises: WrongCell, also for 01/02/2027, which is two days."""
    if not cell:
        return None
    iso, russian = _ISO_DAY.fullmatch(cell), _RUSSIAN_DAY.fullmatch(cell)
    try:
        if iso:
            return date(int(iso[1]), int(iso[3]), int(iso[4]))
        if russian:
            return date(int(russian[3]), int(russian[2]), int(russian[1]))
    except ValueError:
        pass
    hint = ""
    if _EXCEL_DAY.fullmatch(cell):
        hint = f": a spreadsheet's number of {_EXCEL_BEGINS + timedelta(days=int(cell))}, if it is one"
    raise WrongCell(f"effective_from '{shown(cell)}' is not a day like 2026-12-01 or 01.12.2026{hint}")


def shown(cell: str) -> str:
    """Return the beginning of a foreign text, fit for a terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in cell[:40])
