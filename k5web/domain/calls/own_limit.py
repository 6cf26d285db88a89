"""Limits that subscribers set themselves: lowered at once, raised after a while, for thieves cannot wait."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from k5web.domain.prices.number import REGIONS

DAY: Final = "day"  # minor units: all calls of a day
CALL: Final = "call"  # minor units: what one call may hold
MINUTES: Final = "minutes"  # of one call
ELSEWHERE: Final = "to:*"  # minor units a day: calls to all countries that have no limit of their own
RAISE_WAIT: Final = timedelta(hours=24)  # unless the operator says otherwise
MOST_MINUTES: Final = 10_000
MOST_LIMITS: Final = 50  # of one subscriber
_TO: Final = "to:"


def to_country(region: str) -> str:
    """Return the key of the day's limit for a country, by its ISO 3166 letters; 0 closes it."""
    return f"{_TO}{region}"


def country(key: str) -> str | None:
    """Return the country that a key is about, None where it is about no single one, or about one that is not known."""
    region = key.removeprefix(_TO)
    return region if region in REGIONS and key == to_country(region) else None


def is_key(key: str) -> bool:
    """Return whether this names a limit."""
    return key in (DAY, CALL, MINUTES, ELSEWHERE) or country(key) is not None


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A limit as it stands, and the higher one that counts from `next_from`.

    An amount of None is no limit; a country without one shares that of `ELSEWHERE`.
    """

    key: str
    amount: int | None = None
    next_amount: int | None = None
    next_from: datetime | None = None

    @property
    def wish(self) -> int | None:
        """What the subscriber wrote last."""
        return self.amount if self.next_from is None else self.next_amount

    def at(self, now: datetime) -> int | None:
        """Return what counts at this moment."""
        return self.wish if self.next_from is None or now >= self.next_from else self.amount

    def is_set(self, now: datetime) -> bool:
        """Return whether a limit counts at this moment, or will."""
        return self.at(now) is not None or self.wish is not None

    def changed(self, wanted: int | None, now: datetime, wait: timedelta, shared: int | None = None) -> "OwnLimit":
        """Return the limit after its owner wrote another: lower at once, higher after the wait.

        `shared`: for a country, what `ELSEWHERE` leaves now to it and all others together.
        """
        current = self.at(now)
        if not _is_raise(wanted, current, shared):
            return OwnLimit(self.key, wanted)
        is_waiting = self.next_from is not None and now < self.next_from
        if is_waiting and not _is_above(wanted, self.next_amount):
            return replace(self, next_amount=wanted)
        return OwnLimit(self.key, current, wanted, now + wait) if wait else OwnLimit(self.key, wanted)


def _is_raise(wanted: int | None, current: int | None, shared: int | None) -> bool:
    if shared is None:
        return _is_above(wanted, current)
    if current is None:
        return bool(wanted)  # a sum of its own beside the shared one, however small
    return _is_above(shared if wanted is None else wanted, current)


def _is_above(one: int | None, other: int | None) -> bool:
    if other is None:
        return False
    return one is None or one > other
