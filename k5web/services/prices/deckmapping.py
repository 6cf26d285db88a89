"""A carrier's own columns become K5's, as a mapping file says: `k5 deck import --mapping carrier.toml`."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from difflib import get_close_matches
from itertools import chain, islice
from pathlib import Path
from typing import Literal

import msgspec

from k5web.domain.money import CURRENCIES
from k5web.domain.prices.deck import COLUMNS, NEEDED, SheetRow, known_columns
from k5web.domain.prices.deck_cells import BLOCKED, is_block_word
from k5web.errors import WrongFile
from k5web.services.prices.deckfiles import Layout, read_bytes

TITLE_ROWS = 20  # that may stand above a heading
OWN_COLUMNS = ("country_code", "area_codes", "billing")  # beside K5's, put together from what carriers write
SIX_DECIMALS = Decimal("0.000001")
SECONDS_A_MINUTE = 60

_DATES = {"year-month-day": "%Y-%m-%d", "day.month.year": "%d.%m.%Y", "day/month/year": "%d/%m/%Y"} | {
    "month/day/year": "%m/%d/%Y",
    "day-month-year": "%d-%b-%Y",
}
_BILLING = re.compile(r"([0-9]{1,5})\s*[/+]\s*([0-9]{1,5})(?:\s*[/+]\s*([0-9]{1,5}))?", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?", re.ASCII)
_LIST = re.compile(r"[;,]")


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At what fixed rate a carrier's foreign prices are counted. Never for lists that K5 sells by."""

    currency: str  # of K5's accounts
    rate: str  # units of it for one unit of the list's currency
    date: date  # when the rate was fixed


class DeckMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a mapping file says. `columns`: K5's name of a column, and the carrier's (or its number from 1)."""

    columns: dict[str, str | int]
    heading: int = 1  # the row that names the columns; 0: there is none
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    currency: str | None = None  # of a list without a column of currencies
    per: Literal["minute", "second"] = "minute"
    decimal: Literal[".", ","] | None = None
    dates: Literal["year-month-day", "day.month.year", "day/month/year", "month/day/year", "day-month-year"] | None = (
        None
    )
    codes: Literal["whole", "tails"] = "whole"  # tails: «7495,499» means 7495 and 7499
    block_words: tuple[str, ...] = ()
    cost: Cost | None = None

    @property
    def layout(self) -> Layout:
        """Return where the rows stand in the file."""
        return Layout(self.sheet, self.encoding, self.delimiter)


def read_mapping(path: Path) -> DeckMapping:
    """Return what the file says. Raises: WrongFile naming the key, and what was meant."""
    return parse_mapping(path.name, read_bytes(path))


def parse_mapping(file: str, content: bytes) -> DeckMapping:
    """Return what a file's content says. Raises: WrongFile, as `read_mapping`."""
    try:
        mapping = msgspec.convert(tomllib.loads(content.decode("utf-8")), DeckMapping)
    except msgspec.ValidationError as error:
        raise WrongFile(file=file, reason=f"{error}{_meant(str(error))}") from error
    except RecursionError as error:
        raise WrongFile(file=file, reason="its lists stand too deep in each other") from error
    except ValueError as error:  # no UTF-8, no TOML
        raise WrongFile(file=file, reason=str(error)) from error
    _check(file, mapping)
    return mapping


def mapped(name: str, rows: Iterable[SheetRow], mapping: DeckMapping) -> Iterator[SheetRow]:
    """Yield the rows in K5's columns, their heading first. What cannot be understood stays as it is, to be refused.

    Raises: WrongFile where a column is missing.
    """
    below = iter((line, cells) for line, cells in rows if line >= mapping.heading)
    if mapping.heading:
        line, heading = next(below, (0, ()))
        if line != mapping.heading:
            raise WrongFile(file=name, reason=f"line {mapping.heading} is to be the heading, and it is empty")
        places = {ours: _place(name, theirs, heading) for ours, theirs in mapping.columns.items()}
    else:
        places = {ours: theirs - 1 for ours, theirs in mapping.columns.items() if isinstance(theirs, int)}
    yield mapping.heading, COLUMNS
    convert = _Converter(mapping)
    for line, cells in below:
        found = {ours: cells[place].strip() if place < len(cells) else "" for ours, place in places.items()}
        if any(found.values()):
            yield line, convert.row(found)


def below_title(rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
    """Yield the rows from the heading on, where a title stands above it; all rows where no row names the columns."""
    first = list(islice(rows, TITLE_ROWS))
    heading = next((at for at, (_, cells) in enumerate(first) if known_columns(cells) >= len(NEEDED)), 0)
    return chain(first[heading:], rows)


@dataclass(frozen=True, slots=True)
class _Converter:
    mapping: DeckMapping

    def row(self, found: Mapping[str, str]) -> Sequence[str]:
        """Return the cells of a row in the order of COLUMNS."""
        minimum, increment = _billing(found.get("billing", ""))
        row = {name: found.get(name, "") for name in COLUMNS}
        row["prefix"] = self._prefix(found)
        row["per_minute"] = self._price(found.get("per_minute", ""), self.mapping.per == "second")
        row["connect_fee"] = self._price(row["connect_fee"], is_per_second=False)
        row["currency"] = row["currency"] or self.mapping.currency or ""
        if self.mapping.cost is not None:
            row["currency"] = self.mapping.cost.currency
        row["increment_s"], row["minimum_s"] = row["increment_s"] or increment, row["minimum_s"] or minimum
        row["effective_from"] = self._day(row["effective_from"])
        return [row[name] for name in COLUMNS]

    def _prefix(self, found: Mapping[str, str]) -> str:
        code, areas = found.get("country_code", ""), found.get("area_codes", "")
        if "country_code" in self.mapping.columns:
            parts = [part.strip() for part in _LIST.split(areas) if part.strip()] or [""]
            return ";".join(f"{code}{part}" for part in parts)
        prefix = found.get("prefix", "")
        if self.mapping.codes == "whole":
            return prefix
        first, *rest = [part.strip() for part in _LIST.split(prefix)]
        return ";".join([first, *(f"{first[: -len(part)]}{part}" if len(part) < len(first) else part for part in rest)])

    def _price(self, cell: str, is_per_second: bool) -> str:
        if not cell or is_block_word(cell, self.mapping.block_words):
            return BLOCKED if cell else ""
        number = cell
        if self.mapping.decimal is not None:
            thousands = {".": ",", ",": "."}[self.mapping.decimal]
            number = re.sub(rf"[\s\u00a0\u202f{thousands}]", "", cell).replace(",", ".")
        if not is_per_second and self.mapping.cost is None:
            return number
        if not _NUMBER.fullmatch(number):  # Decimal() also takes 1_000 and other scripts' digits
            return cell
        try:
            exact = Decimal(number.replace(",", ".")) * (SECONDS_A_MINUTE if is_per_second else 1)
            if self.mapping.cost is not None:
                exact = (exact * Decimal(self.mapping.cost.rate)).quantize(SIX_DECIMALS, ROUND_HALF_UP)
        except InvalidOperation:
            return cell
        return f"{exact:f}"

    def _day(self, cell: str) -> str:
        if not cell or self.mapping.dates is None or not cell.isascii():  # strptime also takes other scripts' digits
            return cell
        try:
            return datetime.strptime(cell, _DATES[self.mapping.dates]).date().isoformat()  # noqa: DTZ007 — a day
        except ValueError:
            return cell


def _billing(cell: str) -> tuple[str, str]:
    """Return minimum and step of `30/6`; of a third number, a step for the rest of a call, the middle one counts."""
    found = _BILLING.fullmatch(cell)
    return (found[1], found[2]) if found else ("", cell)


def _place(name: str, theirs: str | int, heading: Sequence[str]) -> int:
    if isinstance(theirs, int):
        return theirs - 1
    names = [cell.strip().casefold() for cell in heading]
    if names.count(theirs.strip().casefold()) != 1:
        count = names.count(theirs.strip().casefold())
        told = ", ".join(cell.strip() for cell in heading if cell.strip())
        raise WrongFile(file=name, reason=f"the heading has column '{theirs}' {count} times; it has {told}")
    return names.index(theirs.strip().casefold())


def _check(file: str, mapping: DeckMapping) -> None:
    """Say what the types cannot. Raises: WrongFile."""
    known = (*COLUMNS, *OWN_COLUMNS)
    unknown = next((name for name in mapping.columns if name not in known), None)
    if unknown is not None:
        raise WrongFile(file=file, reason=f"columns.{unknown} is not one of {', '.join(known)}{_meant(f'`{unknown}`')}")
    wanted = {"destination", "per_minute"} | ({"country_code"} if "country_code" in mapping.columns else {"prefix"})
    missing = next((name for name in sorted(wanted) if name not in mapping.columns), None)
    if missing is not None:
        raise WrongFile(file=file, reason=f"columns.{missing} is missing: which column is it?")
    if any(isinstance(theirs, int) and theirs < 1 for theirs in mapping.columns.values()):
        raise WrongFile(file=file, reason="columns are counted from 1")
    if mapping.heading == 0 and any(isinstance(theirs, str) for theirs in mapping.columns.values()):
        raise WrongFile(file=file, reason="without a heading the columns are numbers: prefix = 1")
    if mapping.cost is not None:
        _check_cost(file, mapping, mapping.cost)


def _check_cost(file: str, mapping: DeckMapping, cost: Cost) -> None:
    if mapping.currency is None:
        raise WrongFile(file=file, reason="currency is missing: whose prices does cost.rate convert?")
    if "currency" in mapping.columns:
        raise WrongFile(file=file, reason="cost.rate converts one currency: leave columns.currency out")
    if cost.currency not in CURRENCIES:
        raise WrongFile(file=file, reason=f"cost.currency is not one of {', '.join(sorted(CURRENCIES))}")
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", cost.rate) or not Decimal(cost.rate):
        raise WrongFile(file=file, reason='cost.rate is a text in quotes like "92.5000"')


def _meant(message: str) -> str:
    """Return the key that a misspelt one in the message stands for."""
    wrong = re.search(r"`(\w+)`", message)
    known = [*DeckMapping.__struct_fields__, *Cost.__struct_fields__, *COLUMNS, *OWN_COLUMNS]
    found = get_close_matches(wrong[1], known, 1) if wrong and wrong[1] not in known else []
    return f"; did you mean {found[0]}?" if found else ""
