"""Rate decks as values: rows of text become dated rates, each wrong row is named with its reason."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from k5web.domain.money import CURRENCIES, Price
from k5web.domain.rating import Rate
from k5web.errors import WrongPrice

COLUMNS = (
    "prefix",
    "destination",
    "per_minute",
    "currency",
    "increment_s",
    "minimum_s",
    "free_below_s",
    "connect_fee",
    "effective_from",
)
NEEDED = COLUMNS[:3]
DEFAULT_CURRENCY = "RUB"

MOST_RATES = 500_000  # of a deck: ten times the longest list known
MOST_IN_A_RANGE = 10_000  # 7000-79999 is a slip of the pen, not a price list
LONGEST_DESTINATION = 200  # letters

DECK_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)  # a bare number means a version

_PREFIX = re.compile(r"\+?([1-9][0-9]{0,14})", re.ASCII)
_RANGE = re.compile(r"\+?([1-9][0-9]{0,14})\s*[-\u2013]\s*\+?([0-9]{1,15})", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,5}", re.ASCII)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_RUSSIAN_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", re.ASCII)
_LONG_FRACTION = re.compile(r"[0-9]+[.,][0-9]{7,}", re.ASCII)

SheetRow = tuple[int, Sequence[str]]  # the line it begins at, its cells as text


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A rate and the day it takes force, at 00:00 in the operator's zone."""

    rate: Rate
    starts: date


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be taken. `line` counts from 1, as editors and spreadsheets do."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedDeck:
    """What a file holds. It is imported only where nothing was rejected."""

    rates: tuple[DatedRate, ...]
    rejected: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True)
class DeckVersion:
    """A version of a price list: published whole, never edited."""

    id: int
    name: str
    effective_from: datetime
    imported_at: datetime
    row_count: int
    source: str  # the file's name
    digest: bytes  # SHA-256 of the file


class WrongCell(ValueError):
    """Why a cell, and with it its row, is turned down."""


def parse_deck(rows: Iterable[SheetRow], effective: date) -> ParsedDeck:
    """Return the rates of a sheet that takes force on `effective`; a row's own later day counts for that row.

    Source: contract.md 5.
    """
    sheet = _Sheet(effective)
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if not sheet.take(line, cells):
            break
    return ParsedDeck(tuple(sheet.rates), tuple(sheet.rejected))


def known_columns(cells: Sequence[str]) -> int:
    """Return how many cells are names of columns: a heading has some, a row of prices none."""
    return sum(cell.strip().lower() in COLUMNS for cell in cells)


def looks_like_rate(cells: Sequence[str]) -> bool:
    """Return whether the cells, without a heading, read as prefix, destination and price."""
    if len(cells) < len(NEEDED):
        return False
    try:
        parse_prefixes(cells[0])
        _price("per_minute", cells[2], DEFAULT_CURRENCY)
    except WrongCell:
        return False
    return True


def parse_prefixes(cell: str) -> list[str]:
    """Return the prefixes of a cell: `7495`, `7495;7499`, `78632-78635`, or with a short end `783141-3`.

    Raises: WrongCell.
    """
    parts = [part.strip() for part in re.split("[;,]", cell)]
    prefixes = [prefix for part in parts if part for prefix in _expand(part)]
    if not prefixes:
        raise WrongCell("prefix is empty")
    if len(set(prefixes)) < len(prefixes):
        raise WrongCell(f"prefix {next(p for p in prefixes if prefixes.count(p) > 1)} stands twice in one cell")
    return prefixes


def _expand(part: str) -> Iterable[str]:
    single = _PREFIX.fullmatch(part)
    if single is not None:
        return [single[1]]
    span = _RANGE.fullmatch(part)
    if span is None:
        raise WrongCell(f"prefix '{_shown(part)}' is not digits like 7495, 7495;7499 or 78632-78635")
    first, last = span[1], span[2]
    if len(last) < len(first):
        last = first[: -len(last)] + last
    if len(last) > len(first) or last < first:
        raise WrongCell(f"prefix range {first}-{span[2]} runs backwards or changes its length")
    if int(last) - int(first) >= MOST_IN_A_RANGE:
        raise WrongCell(f"prefix range {first}-{span[2]} holds more than {MOST_IN_A_RANGE} prefixes")
    return (str(number) for number in range(int(first), int(last) + 1))


class _Sheet:
    """The rows taken so far. The first row may be a heading; the first currency is the deck's."""

    def __init__(self, effective: date) -> None:
        self.rates: list[DatedRate] = []
        self.rejected: list[RejectedRow] = []
        self._effective = effective
        self._columns: Sequence[str] = ()
        self._currency: tuple[str, int] | None = None  # and the line that set it
        self._lines: dict[tuple[str, date], int] = {}
        self._prices: dict[tuple[str, str], Price] = {}

    def take(self, line: int, cells: Sequence[str]) -> bool:
        """Add a row or reject it; False means that reading on makes no sense."""
        try:
            if not self._columns:
                is_heading = known_columns(cells) > 0 or not any(letter.isdigit() for cell in cells for letter in cell)
                self._columns = _heading(cells) if is_heading else COLUMNS
                if is_heading:
                    return True
            self.rates += self._dated(line, self._by_name(cells))
        except WrongCell as wrong:
            self.rejected.append(RejectedRow(line, str(wrong)))
        if len(self.rates) > MOST_RATES:
            self.rejected.append(RejectedRow(line, f"the file holds more than {MOST_RATES} prices"))
        return bool(self._columns) and len(self.rates) <= MOST_RATES

    def _by_name(self, cells: Sequence[str]) -> dict[str, str]:
        if any(cell.strip() for cell in cells[len(self._columns) :]):
            raise WrongCell(f"{len(cells)} cells, at most {len(self._columns)} are known")
        row = {name: cell.strip() for name, cell in zip(self._columns, cells, strict=False)}
        missing = [name for name in NEEDED if not row.get(name)]
        if missing:
            raise WrongCell(f"{missing[0]} is empty")
        return row

    def _dated(self, line: int, row: dict[str, str]) -> list[DatedRate]:
        prefixes = parse_prefixes(row["prefix"])
        currency = row.get("currency", "").upper() or DEFAULT_CURRENCY
        if currency not in CURRENCIES:
            raise WrongCell(f"currency '{_shown(currency)}' is not one of {', '.join(sorted(CURRENCIES))}")
        if self._currency is not None and currency != self._currency[0]:
            first, since = self._currency
            raise WrongCell(f"currency {currency}, but line {since} has {first}: one deck, one currency")
        starts = max(self._effective, _day(row.get("effective_from", "")) or self._effective)
        for prefix in prefixes:
            if (prefix, starts) in self._lines:
                raise WrongCell(f"prefix {prefix} stands already in line {self._lines[prefix, starts]} for {starts}")
        dated = list(self._rates(prefixes, row, currency, starts))
        self._lines.update(((prefix, starts), line) for prefix in prefixes)
        self._currency = self._currency or (currency, line)
        return dated

    def _rates(self, prefixes: list[str], row: dict[str, str], currency: str, starts: date) -> Iterator[DatedRate]:
        destination = _destination(row["destination"])
        per_minute = self._price("per_minute", row["per_minute"], currency)
        increment_s = _seconds("increment_s", row, 60)
        minimum_s = _seconds("minimum_s", row, 60)
        free_below_s = _seconds("free_below_s", row, 3)
        if increment_s == 0:
            raise WrongCell("increment_s is 0: a call cannot be counted in steps of nothing")
        fee = self._price("connect_fee", row["connect_fee"], currency) if row.get("connect_fee") else None
        connect_fee = fee if fee is not None and fee.micro else None
        for prefix in prefixes:
            rate = Rate(prefix, destination, per_minute, increment_s, minimum_s, free_below_s, connect_fee)
            yield DatedRate(rate, starts)

    def _price(self, name: str, cell: str, currency: str) -> Price:
        price = self._prices.get((cell, currency))
        if price is None:
            price = self._prices[cell, currency] = _price(name, cell, currency)
        return price


def _heading(cells: Sequence[str]) -> Sequence[str]:
    names = [cell.strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    twice = [name for name in names if names.count(name) > 1]
    if missing:
        raise WrongCell(f"the heading has no column '{missing[0]}'; known are {', '.join(COLUMNS)}")
    if unknown:
        raise WrongCell(f"the heading's column '{_shown(unknown[0])}' is unknown; known are {', '.join(COLUMNS)}")
    if twice:
        raise WrongCell(f"the heading names column '{twice[0]}' twice")
    return names


def _destination(cell: str) -> str:
    destination = " ".join(cell.split())
    if len(destination) > LONGEST_DESTINATION:
        raise WrongCell(f"destination is longer than {LONGEST_DESTINATION} letters")
    if not destination.isprintable():
        raise WrongCell("destination has characters that cannot be printed")
    return destination


def _price(name: str, cell: str, currency: str) -> Price:
    try:
        return Price.parse(cell, currency)
    except WrongPrice:
        raise WrongCell(f"{name} '{_shown(cell)}' {_why_no_price(cell)}") from None


def _why_no_price(cell: str) -> str:
    if cell.startswith(("-", "\u2212")):
        return "is negative"
    if any(letter.isdigit() and not letter.isascii() for letter in cell):
        return "has digits other than 0-9"
    if _LONG_FRACTION.fullmatch(cell):
        return "has more than six decimals"
    if cell.lower() in {"nan", "inf", "infinity"}:
        return "is not a number"
    return "is not a price: write 1.75 or 1,75"


def _seconds(name: str, row: dict[str, str], default: int) -> int:
    cell = row.get(name, "")
    if not cell:
        return default
    if not _WHOLE.fullmatch(cell):
        raise WrongCell(f"{name} '{_shown(cell)}' is not a whole number of seconds")
    return int(cell)


def _day(cell: str) -> date | None:
    if not cell:
        return None
    iso, russian = _ISO_DAY.fullmatch(cell), _RUSSIAN_DAY.fullmatch(cell)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if russian:
            return date(int(russian[3]), int(russian[2]), int(russian[1]))
    except ValueError:
        pass
    raise WrongCell(f"effective_from '{_shown(cell)}' is not a day like 2026-12-01 or 01.12.2026")


def _shown(cell: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in cell[:40])
