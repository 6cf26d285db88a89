"""What a subscriber is connected to: a plan, options and services, each with the periods that were paid.

    active <-> suspended
      |            |
      +--> ended <-+

An active one whose fee cannot be taken is suspended for that period; it comes back by itself when there is money.
"""

import calendar
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from k5web.domain.money import Money
from k5web.domain.prices.plan import Fee
from k5web.domain.prices.rating import share_of
from k5web.domain.prices.usage import Every

Sort = Literal["plan", "option", "service"]


class SubscriptionState(StrEnum):
    """Where a subscription stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"

    def may_become(self, later: "SubscriptionState") -> bool:
        """Return whether a subscription may go from this state to that one."""
        return later in _NEXT[self]


_NEXT: Mapping[SubscriptionState, Set[SubscriptionState]] = {
    SubscriptionState.ACTIVE: {SubscriptionState.SUSPENDED, SubscriptionState.ENDED},
    SubscriptionState.SUSPENDED: {SubscriptionState.ACTIVE, SubscriptionState.ENDED},
    SubscriptionState.ENDED: set(),
}


@dataclass(frozen=True, slots=True)
class Subscription:
    """A plan, an option or pieces of a service that somebody is connected to."""

    owner_id: int
    n: int  # 1, 2, 3 … of this owner
    sort: Sort
    code: str
    plan_code: str  # of the plan whose file has its price
    pieces: int  # of a service; 1 of the others
    state: SubscriptionState
    began_on: date
    next_due: date | None  # the first day of the next period to be paid; None: nothing recurs
    ends_on: date | None = None  # asked to end: the last day is the one before
    ended_on: date | None = None
    next_pieces: int | None = None  # fewer, from the next period on; None: as many

    @property
    def is_live(self) -> bool:
        """True until it has ended."""
        return self.state is not SubscriptionState.ENDED

    @property
    def next_one(self) -> "Subscription":
        """Return it as its next period has it."""
        return replace(self, pieces=self.next_pieces or self.pieces, next_pieces=None)

    def become(self, state: SubscriptionState, **changes: date | None) -> "Subscription":
        """Return it in a state, with other days. Raises: ValueError for a state that it cannot take."""
        if state is not self.state and not self.state.may_become(state):
            raise ValueError(f"subscription {self.n} is {self.state}: it cannot be {state}")
        return replace(self, state=state, **changes)  # type: ignore[arg-type]  # they are days

    def fee_key(self, period: date, every: Every) -> str:
        """Return the key of the event that takes the fee of a period: `17:2026-12` or `17:2026-12-01`."""
        return f"{self.n}:{period:%Y-%m}" if every is Every.MONTH else f"{self.n}:{period.isoformat()}"


_FEE_KEY = re.compile(r"([0-9]{1,9}):([0-9]{4}-[0-9]{2})(-[0-9]{2})?", re.ASCII)


def period_of_fee(key: str) -> tuple[int, date, Every] | None:
    """Return the subscription's number and the period that a fee of this key was taken for, None for another key."""
    found = _FEE_KEY.fullmatch(key)
    if found is None:
        return None
    n, month, day = found.groups()
    return int(n), date.fromisoformat(month + (day or "-01")), Every.DAY if day else Every.MONTH


def next_period(every: Every, day: date) -> date:
    """Return the first day of the period after the one that a day lies in."""
    if every is Every.DAY:
        return day + timedelta(days=1)
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def fee_from(fee: Fee, day: date) -> Money:
    """Return what the period that a day lies in costs from this day on. Source: the offer, 3.4 (B5)."""
    if fee.every is not Every.MONTH or fee.first == "full":
        return fee.amount
    length = calendar.monthrange(day.year, day.month)[1]
    return share_of(fee.amount, length - day.day + 1, length)
