"""Rate decks as values: rows of text become dated rates, each wrong row is named with its reason."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from k5web.domain.money import CURRENCIES, Price
from k5web.domain.prices import deck_cells
from k5web.domain.prices.deck_cells import (
    WrongCell,
    is_block_word,
    parse_day,
    parse_prefixes,
    parse_price,
    parse_seconds,
    shown,
)
from k5web.domain.prices.number_plan import borrowed_ranges, home_forms, regions
from k5web.domain.prices.rating import Rate
from k5web.errors import DayTooFar

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
LONGEST_DESTINATION = 200  # letters

DECK_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)  # a bare number means a version

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
    doubts: tuple[RejectedRow, ...] = ()  # rows that were taken and do not fit the numbering plan
    names_currency: bool = True


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


Countries = Callable[[str], Collection[str]]  # the countries (ISO 3166) that a destination's words name
Places = Callable[[str], Collection[str]]  # what a prefix's place is called, in small letters


@dataclass(frozen=True, slots=True)
class DeckTerms:
    """How a list is to be read where its cells do not say it."""

    effective: date  # in force from this day
    latest: date = date.max  # of a row's own day: later is a mistyped year
    currency: str | None = None  # of a list without a column of currencies
    allow_free: bool = False  # price 0 is meant
    block_words: tuple[str, ...] = ()  # beside the known ones
    countries: Countries = lambda destination: ()
    places: Places = lambda prefix: ()


def parse_deck(rows: Iterable[SheetRow], terms: DeckTerms) -> ParsedDeck:
    """Return the rates of a sheet; a row's own later day counts for that row. Source: docs/price-lists.md."""
    sheet = _Sheet(terms)
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if not sheet.take(line, cells):
            break
    sheet.finish()
    return ParsedDeck(tuple(sheet.rates), tuple(sheet.rejected), tuple(sheet.doubts), sheet.names_currency)


def known_columns(cells: Sequence[str]) -> int:
    """Return how many cells are names of columns: a heading has some, a row of prices none."""
    return sum(cell.strip().lower() in COLUMNS for cell in cells)


def looks_like_rate(cells: Sequence[str]) -> bool:
    """Return whether the cells, without a heading, read as prefix, destination and price."""
    if len(cells) < len(NEEDED):
        return False
    try:
        parse_prefixes(cells[0])
        if not is_block_word(cells[2]):
            parse_price("per_minute", cells[2], DEFAULT_CURRENCY)
    except WrongCell:
        return False
    return True


class _Sheet:
    """The rows taken so far. The first row may be a heading; the first currency is the deck's."""

    def __init__(self, terms: DeckTerms) -> None:
        self.rates: list[DatedRate] = []
        self.rejected: list[RejectedRow] = []
        self.doubts: list[RejectedRow] = []
        self.names_currency = False
        self._terms = terms
        self._columns: Sequence[str] = ()
        self._currency: tuple[str, int] | None = None  # and the line that set it
        self._lines: dict[tuple[str, date], int] = {}
        self._prices: dict[tuple[str, str], Price] = {}
        self._signs = _DecimalSigns()

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

    def finish(self) -> None:
        """Say what only the whole list shows."""
        self.rejected += self._signs.doubtful()
        self.rejected.sort(key=lambda row: row.line)
        self.doubts += _gaps(self.rates, self._terms.countries)

    def _by_name(self, cells: Sequence[str]) -> dict[str, str]:
        if any(cell.strip() for cell in cells[len(self._columns) :]):
            raise WrongCell(f"{len(cells)} cells, at most {len(self._columns)} are known")
        row = {name: _clean(cell) for name, cell in zip(self._columns, cells, strict=False)}
        missing = [name for name in NEEDED if not row.get(name)]
        if missing:
            raise WrongCell(f"{missing[0]} is empty")
        return row

    def _dated(self, line: int, row: dict[str, str]) -> list[DatedRate]:
        prefixes = parse_prefixes(row["prefix"])
        currency = self._currency_of(row)
        destination = _destination(row["destination"])
        self.doubts += _misfits(line, prefixes, destination, self._terms)
        starts = max(self._terms.effective, self._own_day(row) or self._terms.effective)
        for prefix in prefixes:
            if (prefix, starts) in self._lines:
                raise WrongCell(f"prefix {prefix} stands already in line {self._lines[prefix, starts]} for {starts}")
        dated = [DatedRate(rate, starts) for rate in self._rates(line, prefixes, destination, row, currency)]
        self._lines.update(((prefix, starts), line) for prefix in prefixes)
        self._currency = self._currency or (currency, line)
        return dated

    def _own_day(self, row: dict[str, str]) -> date | None:
        own_day = parse_day(row.get("effective_from", ""))
        if own_day and own_day > self._terms.latest:
            raise WrongCell(f"effective_from {DayTooFar(day=own_day, latest=self._terms.latest)}")
        return own_day

    def _currency_of(self, row: dict[str, str]) -> str:
        said = row.get("currency", "").upper()
        self.names_currency = self.names_currency or bool(said)
        currency = said or self._terms.currency or DEFAULT_CURRENCY
        if currency not in CURRENCIES:
            raise WrongCell(f"currency '{shown(currency)}' is not one of {', '.join(sorted(CURRENCIES))}")
        if self._terms.currency is not None and currency != self._terms.currency:
            raise WrongCell(f"currency {currency}, but {self._terms.currency} was said to be the list's")
        if self._currency is not None and currency != self._currency[0]:
            first, since = self._currency
            raise WrongCell(f"currency {currency}, but line {since} has {first}: one deck, one currency")
        return currency

    def _rates(
        self, line: int, prefixes: list[str], destination: str, row: dict[str, str], currency: str
    ) -> Iterator[Rate]:
        is_blocked = is_block_word(row["per_minute"], self._terms.block_words)
        per_minute = Price(0, currency) if is_blocked else self._price("per_minute", row["per_minute"], currency)
        if not (per_minute.micro or is_blocked or self._terms.allow_free):
            raise WrongCell(
                "per_minute is 0: write 'blocked' to close the range, or allow free calls with --allow-free"
            )
        increment_s = parse_seconds("increment_s", row.get("increment_s", ""), 60)
        minimum_s = parse_seconds("minimum_s", row.get("minimum_s", ""), 60)
        free_below_s = parse_seconds("free_below_s", row.get("free_below_s", ""), 3)
        if increment_s == 0:
            raise WrongCell("increment_s is 0: a call cannot be counted in steps of nothing")
        fee = self._price("connect_fee", row["connect_fee"], currency) if row.get("connect_fee") else None
        connect_fee = fee if fee is not None and fee.micro else None
        self._signs.note(line, row["per_minute"], row.get("connect_fee", ""))
        for prefix in prefixes:
            yield Rate(prefix, destination, per_minute, increment_s, minimum_s, free_below_s, connect_fee, is_blocked)

    def _price(self, name: str, cell: str, currency: str) -> Price:
        price = self._prices.get((cell, currency))
        if price is None:
            price = self._prices[cell, currency] = parse_price(name, cell, currency)
        return price


@dataclass
class _DecimalSigns:
    """Which sign parts whole and fraction in a list: 1,500 means fifteen hundred where 1.75 stands beside it."""

    sure: set[str] = field(default_factory=set)
    open: list[tuple[int, str]] = field(default_factory=list)

    def note(self, line: int, *cells: str) -> None:
        """Take one more row's prices into account."""
        for cell in cells:
            if sign := deck_cells.decimal_sign(cell):
                self.sure.add(sign)
            elif deck_cells.thousands_sign(cell):
                self.open.append((line, cell))

    def doubtful(self) -> Iterator[RejectedRow]:
        """Yield the rows whose price may be a thousand times what was read."""
        for line, cell in self.open:
            if self.sure != {deck_cells.thousands_sign(cell)}:
                whole = re.sub("[.,]", "", cell)
                yield RejectedRow(
                    line, f"price '{cell}' may be {whole}: write {whole}, or {cell[: -len('0')]} with two decimals"
                )


def _misfits(line: int, prefixes: list[str], destination: str, terms: DeckTerms) -> Iterator[RejectedRow]:
    """Yield what the numbering plan says against a row. Raises: WrongCell for a home form, with the right one."""
    named = frozenset(terms.countries(destination))
    for prefix in prefixes:
        owners = regions(prefix)
        if named & owners:
            continue
        for meant in home_forms(prefix):
            if named & regions(meant) or any(place in destination.casefold() for place in terms.places(meant)):
                raise WrongCell(f"prefix {prefix} is written as it is dialled at home: for {destination} write {meant}")
        if not owners:
            yield RejectedRow(line, f"prefix {prefix} begins with no country code")
        elif named:
            yield RejectedRow(line, f"prefix {prefix} is a range of {_listed(owners)}, and the row says {destination}")


def _gaps(rates: Iterable[DatedRate], countries: Countries) -> Iterator[RejectedRow]:
    """Yield the countries of a shared code whose numbers would cost a neighbour's price."""
    found = {dated.rate.prefix: dated.rate for dated in rates}
    for lead, region in borrowed_ranges().items():
        prefix = next((lead[:n] for n in range(len(lead), 0, -1) if lead[:n] in found), "")
        if prefix == lead or not prefix:
            continue
        named = countries(found[prefix].destination)
        if named and region not in named:
            title = found[prefix].destination
            yield RejectedRow(
                0, f"no row for +{lead} ({region}): its numbers would cost the price of {title} ({prefix})"
            )


def _listed(regions_: Collection[str]) -> str:
    found = sorted(regions_)
    return ", ".join(found[:3]) + (" …" if len(found) > 3 else "")


def _clean(cell: str) -> str:
    """Return a cell without what cannot be seen at its ends: spaces of all kinds, marks of a spreadsheet's export."""
    return cell.strip().strip("\u200b\u200e\u200f\u2060\ufeff").strip()


def _heading(cells: Sequence[str]) -> Sequence[str]:
    names = [_clean(cell).lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    twice = [name for name in names if names.count(name) > 1]
    if missing:
        raise WrongCell(f"the heading has no column '{missing[0]}'; known are {', '.join(COLUMNS)}")
    if unknown:
        raise WrongCell(f"the heading's column '{shown(unknown[0])}' is unknown; known are {', '.join(COLUMNS)}")
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
