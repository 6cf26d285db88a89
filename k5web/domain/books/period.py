"""What of an account is looked at: days from one to another, both included, and a kind of movements."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from k5web.domain.books.month import CASH
from k5web.errors import WrongPeriod

FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both included. Raises: WrongPeriod."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not FIRST_DAY <= self.first <= self.last <= LAST_DAY:
            raise WrongPeriod(first=self.first, last=self.last)

    @classmethod
    def month(cls, day: date) -> "Period":
        """Return the calendar month that a day lies in."""
        first = day.replace(day=1)
        return cls(first, next_month(first) - timedelta(days=1))

    @property
    def is_month(self) -> bool:
        """Whether this is one calendar month, whole."""
        return self == Period.month(self.first)

    @property
    def days(self) -> tuple[date, date]:
        """The first day, and the first day after it."""
        return self.first, self.last + timedelta(days=1)


class Movements(StrEnum):
    """Which movements of an account are looked at; a reversal counts as what it takes back."""

    ALL = "all"
    CALLS = "calls"
    FEES = "fees"  # of plans and options, and what was ordered
    PAYMENTS = "payments"  # what came in, and what of it went back

    @property
    def counters(self) -> tuple[str, ...]:
        """The house accounts opposite; `CASH` is the beginning of many. Nothing: all."""
        return _COUNTERS[self]


_COUNTERS: Final = {
    Movements.ALL: (),
    Movements.CALLS: ("sale.call",),
    Movements.FEES: ("sale.fee", "sale.order"),
    Movements.PAYMENTS: (CASH,),
}


def next_month(first: date) -> date:
    """Return the first day of the month after the one that begins on a day."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
