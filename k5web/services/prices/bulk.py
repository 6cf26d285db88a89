"""Calls in bulk: a file of calls is priced line by line, in order, in memory that does not grow with the file."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TextIO

from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan_rating import RatedUse
from k5web.domain.prices.rating import MICROSECONDS
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.errors import K5Error, WrongFile
from k5web.services.ports import OPERATOR_ZONE
from k5web.services.prices.dated_plans import DatedPlan, Terms
from k5web.services.prices.simulation import explain
from k5web.whole_file import appearing

INPUT = ("id", "started_at", "a_number", "b_number", "a_seconds", "b_seconds")
OUTPUT = ("a_prefix", "a_billed_s", "a_charge", "b_prefix", "b_billed_s", "b_charge", "total", "currency", "error")
WHY = ("a_why", "b_why")  # group or destination, version, rule, rounding, who paid: where they are asked for

LONGEST_LINE = 65_536  # letters
NUMBERS_KEPT = 65_536
LINES_A_REPORT = 10_000
YEARS = range(2000, 2100)

_SECONDS = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,6}))?", re.ASCII)
_AS_IT_IS = "surrogateescape"  # bytes that are no UTF-8 pass through unchanged, in an id for instance

Progress = Callable[[int, int], None]  # bytes read, bytes in all


class WrongLine(ValueError):
    """Why a line cannot be priced."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many calls were read and how many of them could not be priced."""

    lines: int
    failed: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is written: what stands between cells, and where the six columns are."""

    delimiter: str
    heading: str  # the first line of the output, without what is appended
    places: tuple[int, ...]
    width: int

    def cells(self, line: str) -> list[str]:
        """Return the cells of one line. Raises: WrongLine."""
        if '"' not in line:
            return line.split(self.delimiter)
        try:
            return next(csv.reader([line], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            raise WrongLine(f"the line is damaged: {error}") from error

    def joined(self, cells: Sequence[str]) -> str:
        """Return cells as one line, quoted where they must be."""
        return self.delimiter.join(cell if self._is_plain(cell) else _quoted(cell) for cell in cells)

    def _is_plain(self, cell: str) -> bool:
        return not ('"' in cell or self.delimiter in cell)


def rate_file(
    path: Path, plan: DatedPlan, out: Path, progress: Progress = lambda done, total: None, explained: bool = False
) -> BulkResult:
    """Write the file's lines, each with what both legs cost by the plan and the prices in force when the call began.

    Each leg is charged for its own seconds. `out` appears when it is complete. Where they are to be `explained`, both
    charges are told in words after the error.
    Raises: WrongFile; NoDeck where the plan's list never had a version.
    """
    pricer = Pricer(plan, explained)
    try:
        if out.exists() and out.samefile(path):
            raise WrongFile(file=out.name, reason="the calls would be overwritten: name another file for the result")
        with _opened(path) as source, appearing(out, errors=_AS_IT_IS) as target:
            return _rate_lines(pricer, source, path, target, progress)
    except OSError as error:
        raise WrongFile(file=str(error.filename or path), reason=(error.strerror or "failed").lower()) from error


class Pricer:
    """Prices one call after another, by the plan and the price lists of their days. Whose calls they are is not known:
    no options, no allowances, at home."""

    def __init__(self, plan: DatedPlan, explained: bool = False) -> None:
        self._plan = plan
        self.explains = explained
        self.columns = OUTPUT + (WHY if explained else ())
        self._number = lru_cache(NUMBERS_KEPT)(Msisdn.e164)

    def price(self, started_at: str, a_number: str, b_number: str, a_seconds: str, b_seconds: str) -> tuple[str, ...]:
        """Return the cells of the columns, with an empty error.

        Raises: WrongLine, WrongNumber, NoRate, NoPlanThen, NoPricesThen, NotInPlan, CurrencyMismatch.
        """
        at = _moment(started_at)
        a_us, b_us = _microseconds("a_seconds", a_seconds), _microseconds("b_seconds", b_seconds)
        a_digits, b_digits = self._number(a_number).digits, self._number(b_number).digits
        terms = self._plan.on(at.date())
        a_use = _leg(terms, at, a_digits, a_us) if terms.plan.pays_leg_a else None
        b_use = _leg(terms, at, b_digits, b_us)
        a_charge = a_use.charge if a_use else Money(0, terms.plan.currency)
        a_cells = _cells(a_use) if a_use else ("", "0", str(a_charge))
        cells = *a_cells, *_cells(b_use), str(a_charge + b_use.charge), a_charge.currency, ""
        if not self.explains:
            return cells
        return *cells, explain(a_use, terms.version) if a_use else "", explain(b_use, terms.version)


def _leg(terms: Terms, at: datetime, number: str, duration_us: int) -> RatedUse:
    """Return what a leg costs. Raises: WrongLine, where the plan closes it."""
    use = terms.meter.rate_leg(UsageEvent(at, Kind.CALL, number, duration_us), number, {})
    if use.refused:
        raise WrongLine(use.refused)
    return use


def _cells(use: RatedUse) -> tuple[str, str, str]:
    """Return prefix or direction group, billed seconds and charge of a leg."""
    return use.prefix or use.group, str(use.counted), str(use.charge)


def _rate_lines(pricer: Pricer, source: TextIO, path: Path, target: TextIO, progress: Progress) -> BulkResult:
    total = path.stat().st_size
    lines = _lines(source)
    first = next(lines, "")
    layout, has_heading = _layout(path.name, first)
    target.write(f"{layout.heading}{layout.delimiter}{layout.delimiter.join(pricer.columns)}\n")
    count = failed = 0
    for count, line in enumerate(lines if has_heading else _after(first, lines), start=1):
        priced, is_priced = _priced(pricer, layout, line)
        target.write(priced)
        failed += not is_priced
        if count % LINES_A_REPORT == 0:
            progress(min(source.buffer.tell(), total), total)
    progress(total, total)
    return BulkResult(count, failed)


def _priced(pricer: Pricer, layout: Layout, line: str) -> tuple[str, bool]:
    """Return the line of the output for a line of the input, and whether it could be priced."""
    cells = [line]
    try:
        if len(line) >= LONGEST_LINE:
            cells = [line[:40]]
            raise WrongLine(f"the line is longer than {LONGEST_LINE} letters")
        cells = layout.cells(line)
        if len(cells) != layout.width:
            raise WrongLine("the line is empty" if not line else f"{len(cells)} cells, {layout.width} are wanted")
        _, *call = [cells[place] for place in layout.places]
        join = layout.joined if pricer.explains else layout.delimiter.join  # prices need no quotes, words may
        return f"{line}{layout.delimiter}{join(pricer.price(*call))}\n", True
    except (WrongLine, K5Error) as error:
        if isinstance(error, K5Error) and error.status >= 500:
            raise  # our own trouble, not the line's
        kept = (cells + [""] * layout.width)[: layout.width]
        empty = [""] * (len(OUTPUT) - 1)
        return layout.joined([*kept, *empty, str(error), *[""] * (len(pricer.columns) - len(OUTPUT))]) + "\n", False


def _layout(name: str, first: str) -> tuple[Layout, bool]:
    """Return how the file is written, judged by its first line, and whether that is a heading. Raises: WrongFile."""
    delimiter = max((",", ";", "\t"), key=first.count)
    names = [cell.strip().strip('"').lower() for cell in first.split(delimiter)]
    known = [column for column in INPUT if column in names]
    if not known:
        return Layout(delimiter, delimiter.join(INPUT), tuple(range(len(INPUT))), len(INPUT)), False
    missing = [column for column in INPUT if column not in names]
    if missing:
        raise WrongFile(file=name, reason=f"the heading has no column '{missing[0]}'; wanted are {', '.join(INPUT)}")
    rated = [column for column in OUTPUT if column in names]
    if rated:
        raise WrongFile(file=name, reason=f"there is a column '{rated[0]}' already: these calls are priced")
    return Layout(delimiter, first, tuple(names.index(column) for column in INPUT), len(names)), True


def _lines(source: TextIO) -> Iterator[str]:
    """Yield lines without their ends; of one longer than the limit only the beginning."""
    is_rest = False
    for part in iter(partial(source.readline, LONGEST_LINE), ""):
        if not is_rest:
            yield part.rstrip("\r\n")
        is_rest = not part.endswith(("\n", "\r"))


def _after(first: str, lines: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from lines


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WrongLine("started_at is not a moment like 2026-12-01T09:30:00+03:00") from None
    if moment.tzinfo is None:
        raise WrongLine("started_at has no zone: add Z or +03:00")
    if moment.year not in YEARS:
        raise WrongLine(f"started_at is not between {YEARS.start} and {YEARS.stop - 1}")
    return moment.astimezone(OPERATOR_ZONE)


def _microseconds(name: str, text: str) -> int:
    match = _SECONDS.fullmatch(text.strip())
    if match is None:
        raise WrongLine(f"{name} is not a number of seconds like 61 or 61.25")
    return int(match[1]) * MICROSECONDS + int((match[2] or "").ljust(6, "0"))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _opened(path: Path) -> TextIO:
    return path.open(newline="", encoding="utf-8-sig", errors=_AS_IT_IS)
