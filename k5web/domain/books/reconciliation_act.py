"""An act of reconciliation: what both sides owe each other over a span of days, by documents (акт сверки)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from k5web.domain.books.period import Period
from k5web.domain.money import Money


@dataclass(frozen=True, slots=True)
class Services:
    """What the services of a calendar month moved the account by within one calendar month of postings.

    Where both are one month, it is the month's services, less what was taken back of them in it. Else something was
    taken back later, or given again.
    """

    day: date  # of the last of these postings
    month: date  # of the charges, its first day
    moved: Money  # below zero: the subscriber owes it

    @property
    def is_correction(self) -> bool:
        """Return whether the services are those of another month than the one in which they were taken back."""
        return self.day.replace(day=1) != self.month


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the act: what the subscriber owes by it, or what they paid or got back. One of the sums is zero."""

    day: date
    words: str
    debit: Money
    credit: Money

    @classmethod
    def of(cls, day: date, words: str, moved: Money) -> "Row":
        """Return the line of a document that moved the account by this much."""
        nothing = Money(0, moved.currency)
        return cls(day, words, max(-moved, nothing), max(moved, nothing))


@dataclass(frozen=True, slots=True)
class ReconciliationAct:
    """The act. Balances above zero are the operator's debt (an advance), below zero the subscriber's."""

    period: Period
    opening: Money
    rows: Sequence[Row]
    closing: Money

    @property
    def debit(self) -> Money:
        """What the subscriber owes by all documents of the span."""
        return sum((row.debit for row in self.rows), Money(0, self.opening.currency))

    @property
    def credit(self) -> Money:
        """What the subscriber paid or got back in the span."""
        return sum((row.credit for row in self.rows), Money(0, self.opening.currency))


def services_by_month(moved: Iterable[tuple[date, date, Money]]) -> list[Services]:
    """Return postings of services (their day, that of the charge, the sum) by months, the oldest first."""
    found: dict[tuple[date, date], Services] = {}
    for day, of, money in moved:
        key = (day.replace(day=1), of.replace(day=1))
        before = found.get(key)
        last, sum_ = (max(before.day, day), before.moved + money) if before else (day, money)
        found[key] = Services(last, key[1], sum_)
    return sorted((each for each in found.values() if each.moved.minor), key=lambda each: (each.day, each.month))
