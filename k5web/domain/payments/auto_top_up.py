"""Topping up by itself: below a threshold a saved card is charged, within what the subscriber allows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from k5web.domain.money import Money

# Why it does not run any more: the owner's wish, a bank's no, the card forgotten, the provider's refusals in a row
OffWhy = Literal["owner", "declined", "card_gone", "refused"]

MOST_REFUSALS = 3  # of a provider in a row: its trouble is no decline, but it must end


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card of a subscriber's that the provider keeps. `n` is ours, for pages; `id` is the provider's."""

    owner_id: int
    n: int
    origin: str
    id: str
    mask: str
    expires: str  # YYYYMM
    added_at: datetime


@dataclass(frozen=True, slots=True)
class AutoTopUp:
    """What a subscriber allows, and how far the present crossing of the threshold has come."""

    owner_id: int
    card_n: int
    threshold: Money
    amount: Money
    daily_cap: Money
    off_why: OffWhy | None  # None: it runs
    is_armed: bool  # the balance was above the threshold since the last time
    round: int  # how many crossings were served: part of the top-up's form key, so each is served once
    refusals: int
    try_at: datetime | None  # not before

    @property
    def form_key(self) -> str:
        """The name of this crossing's top-up."""
        return f"auto-{self.round}"

    def fits_today(self, spent: Money) -> bool:
        """Return whether one more top-up stays within the day's cap."""
        return spent + self.amount <= self.daily_cap
