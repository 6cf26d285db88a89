"""How long a debt or a breach is borne before the contract may end (B9)."""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Literal

DEBT_MONTHS = 2  # below zero. Source: the offer's terms, 4.3.2
BREACH_MONTHS = 6  # not put right after the notice. Source: the offer's terms, 4.3.1


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, the month's last where it has no such day.

    Source: Civil Code of Russia, 192, 3: a term counted by months ends so.
    """
    years, month = divmod(day.month - 1 + months, 12)
    length = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, length))


@dataclass(frozen=True, slots=True)
class Overdue:
    """A debt or a breach of one subscriber, and the last day that is still borne: after it the contract may end."""

    owner_id: int
    why: Literal["debt", "breach"]
    since: date
    borne_until: date

    def is_over(self, today: date) -> bool:
        """Return whether the contract may end by now: the term lasts to the end of its last day."""
        return today > self.borne_until


def debt(owner_id: int, since: date) -> Overdue:
    """Return how long an account may be below zero that went there on a day."""
    return Overdue(owner_id, "debt", since, months_after(since, DEBT_MONTHS))


def breach(owner_id: int, since: date) -> Overdue:
    """Return how long a breach may last whose notice was given on a day."""
    return Overdue(owner_id, "breach", since, months_after(since, BREACH_MONTHS))
