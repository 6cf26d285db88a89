"""The operator's month in one table a currency: opened with, came in, charged, given back, closed with.

Every posting of money falls into one line. What is reversed belongs to the day of the reversal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from k5web.domain.books.ledger import HOUSE, EventName, Purpose
from k5web.domain.books.service import REVERSAL, ServiceKind, charge_name, is_charge, kind_of
from k5web.domain.books.transfer import COUNTER, SENT
from k5web.domain.money import Money

CASH = "cash."  # begins the house accounts of what providers and the bank took for the operator
BY_HAND = "bank"  # the origin of the bank's payments that staff typed; those of its statements name our account
CLOSED = "close"  # the origin of what leaves suspense to the house
CLAIM = "claim "  # begins the key of a refund of a claim's money
ADVANCE = "advance "  # begins the key of a refund of what is left after a contract


class Column(StrEnum):
    """Whose money it is, in the order of the table."""

    MAIN = "main"  # what subscribers paid in
    GIFTS = "gifts"  # what they were given to spend: bonuses, money of allowances
    SUSPENSE = "suspense"  # payments whose owner is not known yet
    BANK = "bank"  # the house's own purse


class Section(StrEnum):
    """Why money moves, in the order of the table."""

    OPENED = "opening balances"
    CAME_IN = "came in"
    ASSIGNED = "assigned to owners"
    CLOSED = "closed as nobody's"
    TAKEN_BACK = "payments taken back"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged back"
    WRITTEN_OFF = "written off"
    CHARGED = "charged"
    CORRECTED = "charges taken back"
    GIVEN = "bonuses and gifts"
    EXPIRED = "gifts expired"
    TRANSFERRED = "transfers"
    EXCHANGED = "exchanged"


_BY_COUNTER = {
    "opening": Section.OPENED,
    "gift": Section.GIVEN,
    "expired": Section.EXPIRED,
    "refund": Section.REFUNDED,
    COUNTER: Section.TRANSFERRED,
    "fx": Section.EXCHANGED,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table. Units: minor, by column."""

    section: Section
    what: str
    sums: dict[Column, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MonthTable:
    """A month in one currency. Units: minor, by column."""

    currency: str
    columns: Sequence[Column]
    opened: dict[Column, int]
    lines: Sequence[Line]
    closed: dict[Column, int]

    def difference(self, column: Column) -> Money:
        """Return what is left unexplained: the closing less the opening and all lines."""
        explained = self.opened[column] + sum(line.sums.get(column, 0) for line in self.lines)
        return Money(self.closed[column] - explained, self.currency)

    @property
    def agrees(self) -> bool:
        """Return whether the opening and all lines come to the closing."""
        return not any(self.difference(column).minor for column in self.columns)


@dataclass(frozen=True, slots=True)
class Moved:
    """What events of one kind moved in a month; `name` is one of theirs. Units: minor."""

    column: Column
    currency: str
    counter: str
    name: EventName
    minor: int


@dataclass(frozen=True, slots=True)
class DayMoved:
    """What events of one kind moved on a day, and how many postings they made."""

    day: date
    moved: Moved
    count: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the purses of one column had before a month and after it. Units: minor."""

    column: Column
    currency: str
    opened: int
    closed: int


def column_of(owner_id: int, purpose: Purpose) -> Column:
    """Return where a purse of money stands."""
    if owner_id == HOUSE:
        return Column.SUSPENSE if purpose == "suspense" else Column.BANK
    return Column.MAIN if purpose == "main" else Column.GIFTS


def section_of(column: Column, counter: str, name: EventName) -> Section:
    """Return why a posting moved money."""
    is_back = name.origin == REVERSAL
    if is_charge(counter):
        return Section.CORRECTED if is_back else Section.CHARGED
    if counter == "loss":
        return Section.CHARGED_BACK if charge_name(name).origin == "chargeback" else Section.WRITTEN_OFF
    if not counter.startswith(CASH):
        return _BY_COUNTER[counter]
    if charge_name(name).origin == CLOSED:
        return Section.CLOSED
    if not is_back:
        return Section.CAME_IN
    return Section.ASSIGNED if column is Column.SUSPENSE else Section.TAKEN_BACK


def what_of(section: Section, counter: str, name: EventName) -> str:
    """Return what tells lines of one section apart: the way a payment came by, the kind of a service."""
    named = charge_name(name)
    if section in (Section.CHARGED, Section.CORRECTED):
        return kind_of(counter, name)
    if section is Section.CLOSED:
        return counter
    if section is Section.REFUNDED:
        if named.key.startswith(CLAIM):
            return "claims"
        return "advances after contracts" if named.key.startswith(ADVANCE) else "payments"
    if section is Section.TRANSFERRED:
        return "sent" if named.origin == SENT else "received"
    return "bank, by hand" if named.origin == BY_HAND else named.origin


def tables(standing: Iterable[Standing], moved: Iterable[Moved]) -> list[MonthTable]:
    """Return a table for each currency that has purses."""
    places = list(standing)
    found: dict[tuple[str, Section, str], Line] = {}
    for one in moved:
        section = section_of(one.column, one.counter, one.name)
        what = what_of(section, one.counter, one.name)
        sums = found.setdefault((one.currency, section, what), Line(section, what)).sums
        sums[one.column] = sums.get(one.column, 0) + one.minor
    return [
        MonthTable(
            currency,
            [column for column in Column if any((one.column, one.currency) == (column, currency) for one in places)],
            {one.column: one.opened for one in places if one.currency == currency},
            sorted((line for key, line in found.items() if key[0] == currency), key=_place),
            {one.column: one.closed for one in places if one.currency == currency},
        )
        for currency in sorted({one.currency for one in places}, reverse=True)  # roubles first
    ]


def _place(line: Line) -> tuple[int, int, str]:
    kinds = [str(kind) for kind in ServiceKind]
    return list(Section).index(line.section), kinds.index(line.what) if line.what in kinds else 0, line.what
