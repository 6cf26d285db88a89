"""Limits that subscribers set themselves: lowered at once, raised after a while, for thieves cannot wait."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

DAY: Final = "day"  # minor units: all calls of a day
CALL: Final = "call"  # minor units: what one call may hold
MINUTES: Final = "minutes"  # of one call
ELSEWHERE: Final = "to:*"  # minor units a day: calls to all countries that have no limit of their own
RAISE_WAIT: Final = timedelta(hours=24)  # unless the operator says otherwise
MOST_MINUTES: Final = 10_000
MOST_LIMITS: Final = 50  # of one subscriber
_TO: Final = re.compile(r"to:([A-Z]{2})")


def to_country(region: str) -> str:
    """Return the key of the day's limit for a country, by its ISO 3166 letters; 0 closes it."""
    return f"to:{region}"


def country(key: str) -> str | None:
    """Return the country that a key is about, None where it is about no single one."""
    match = _TO.fullmatch(key)
    return match[1] if match else None


def is_key(key: str) -> bool:
    """Return whether this names a limit."""
    return key in (DAY, CALL, MINUTES, ELSEWHERE) or country(key) is not None


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A limit as it stands, and the higher one that counts from `next_from`. An amount of None is no limit."""

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

    def changed(self, wanted: int | None, now: datetime, wait: timedelta) -> "OwnLimit":
        """Return the limit after its owner wrote another: lower at once, higher after the wait."""
        current = self.at(now)
        if not _is_above(wanted, current):
            return OwnLimit(self.key, wanted)
        is_waiting = self.next_from is not None and now < self.next_from
        if is_waiting and not _is_above(wanted, self.next_amount):
            return replace(self, next_amount=wanted)
        return OwnLimit(self.key, current, wanted, now + wait) if wait else OwnLimit(self.key, wanted)


def _is_above(one: int | None, other: int | None) -> bool:
    if other is None:
        return False
    return one is None or one > other
