"""A promised payment: for some days an account may be spent below zero, down to a sum that was promised."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from k5web.domain.money import Money
from k5web.errors import PromiseRefused

LEAST_MINOR = 10_00
NOTHING = Money(0)
ORIGIN = "promise"  # of the event that takes its fee

Refusal = Literal["off", "open", "owed", "young", "unpaid", "sum"]


class EndedWhy(StrEnum):
    """Why a promised payment ended: its term was over, or the subscriber ended it with nothing owed."""

    DUE = "due"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class PromiseTerms:
    """What the operator lets subscribers promise. Sums are in the account's own currency."""

    most: Money
    days: int
    account_days: int = 90  # the least age of an account
    paid_in: Money = NOTHING  # the least that was ever paid in
    fee: Money = NOTHING

    def last_day(self, today: date) -> date:
        """Return the last day of what is promised today."""
        return today + timedelta(days=self.days)

    def in_currency(self, currency: str) -> "PromiseTerms":
        """Return the same terms for an account of this currency."""
        sums = [Money(sum_.minor, currency) for sum_ in (self.most, self.paid_in, self.fee)]
        return PromiseTerms(sums[0], self.days, self.account_days, sums[1], sums[2])


@dataclass(frozen=True, slots=True)
class PromisedPayment:
    """One promised payment. `due_at`: from then on the account's floor is what it was before."""

    owner_id: int
    n: int  # 1, 2, 3 … of this owner
    account_id: int
    amount: Money
    taken_at: datetime
    due_at: datetime
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        """True while the floor is lowered."""
        return self.ended_at is None


def check(
    terms: PromiseTerms | None, amount: Money | None, age: timedelta, paid_in: Money, is_open: bool, own: Money
) -> None:
    """Let one be taken; `amount` is None before a sum is chosen, `own` what may be spent without any promise.

    Raises: PromiseRefused naming why.
    """
    why: Refusal | None = None
    if terms is None:
        raise PromiseRefused(why="off")
    if is_open:
        why = "open"
    elif own.minor < 0:
        why = "owed"
    elif age < timedelta(days=terms.account_days):
        why = "young"
    elif paid_in.minor < terms.paid_in.minor:
        why = "unpaid"
    elif amount is not None and not LEAST_MINOR <= amount.minor <= terms.most.minor:
        why = "sum"
    if why:
        least, most = Money(LEAST_MINOR, terms.most.currency), terms.most
        raise PromiseRefused(why=why, minimum=least, maximum=most, days=terms.account_days, needed=terms.paid_in)
