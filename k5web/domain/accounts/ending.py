"""How a contract ends: by whom, on which day, and what is paid after it (B9, B12)."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.domain.workday import working_days

EndedBy = Literal["subscriber", "debt", "breach", "objection"]
ENDED_BY: Final[tuple[EndedBy, ...]] = get_args(EndedBy)

NOTICE_WORKING_DAYS: Final = 10  # of the subscriber, before the month's end. Source: the offer of seed 001, 4.3
OPERATORS_NOTICE: Final = timedelta(days=10)  # Source: the same, 4.5
SETTLED_WITHIN: Final = timedelta(days=30)  # the advance is refunded and the debt paid. Source: the same, 4.6


def month_end(day: date) -> date:
    """Return the last day of a month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def last_day(applied_on: date) -> date:
    """Return the last day of a contract that its subscriber ends by an application of this day."""
    this_month = month_end(applied_on)
    if working_days(applied_on, this_month) >= NOTICE_WORKING_DAYS:
        return this_month
    return month_end(this_month + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Ending:
    """A contract that ends, or ended. `last_day`: the last one with services; `reason` is the operator's."""

    owner_id: int
    n: int
    why: EndedBy
    applied_at: datetime
    last_day: date
    actor: str
    reason: str
    withdrawn_at: datetime | None = None
    done_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the day is still to come, or to be carried out."""
        return self.withdrawn_at is None and self.done_at is None

    @property
    def settled_by(self) -> date:
        """The day by which a debt is paid, and an advance refunded that was applied for before the end."""
        return self.last_day + SETTLED_WITHIN

    def may_be_withdrawn(self, today: date) -> bool:
        """Return whether its subscriber may still take the application back."""
        return self.is_open and self.why == "subscriber" and today <= self.last_day


@dataclass(frozen=True, slots=True)
class Requisites:
    """Where the unused advance goes: to whom, which account of which bank."""

    recipient: str
    account: str
    bank: str  # a BIC, for an account in roubles


@dataclass(frozen=True, slots=True)
class RefundApplication:
    """A subscriber asks for the unused advance. `paid_at` with the operator's `document`, or `declined_at`."""

    owner_id: int
    n: int
    amount: Money
    to: Requisites
    applied_at: datetime
    due_on: date
    paid_at: datetime | None = None
    declined_at: datetime | None = None
    actor: str | None = None
    document: str | None = None  # the payment order, or why it was declined

    @property
    def is_open(self) -> bool:
        """Return whether the money is still to be paid."""
        return self.paid_at is None and self.declined_at is None

    @property
    def event(self) -> EventName:
        """The name of the event that pays it."""
        return EventName("refund", f"advance {self.owner_id}-{self.n}")

    @property
    def hold(self) -> str:
        """The reference under which its money is kept aside until it is paid or declined."""
        return str(self.event)
