"""Wrong passwords: how many are free, how the pauses grow, when a password is locked for the day."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from k5web.domain.throttle import Throttle

# "name": what was typed, read as a number; "address": one address; "network": its neighbourhood
Scope = Literal["name", "device", "address", "network"]

FREE = 5  # wrong in a row without a pause
FIRST_PAUSE = timedelta(seconds=30)  # doubled each time
LONGEST_PAUSE = timedelta(minutes=15)
A_DAY = 30  # wrong in a day lock the password, never the remembered devices

# A whole city sits behind one carrier address. So it is never shut: above so many wrong passwords a day it only has
# a pace, and whoever knows the password waits a few seconds
CROWDS: dict[Scope, tuple[int, Throttle]] = {
    "address": (1_000, Throttle(every=timedelta(seconds=2), at_once=30)),
    "network": (10_000, Throttle(every=timedelta(seconds=0.5), at_once=60)),
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How often wrong passwords came for one subject. `blocked_until`: of a crowd, how far ahead it has booked."""

    scope: Scope
    subject: str
    in_a_row: int
    in_a_day: int
    blocked_until: datetime | None

    @property
    def is_locked(self) -> bool:
        """True when the day's tries are spent."""
        return self.scope not in CROWDS and self.in_a_day >= A_DAY

    @property
    def attempts_left(self) -> int:
        """How many more wrong passwords pass without a pause."""
        return max(0, FREE - self.in_a_row)

    def wait(self, now: datetime) -> timedelta:
        """Return how long nothing is looked at; zero where a password may be tried."""
        if self.scope in CROWDS:
            _free, throttle = CROWDS[self.scope]
            return throttle.wait(self.blocked_until, now)
        return timedelta() if self.blocked_until is None else max(timedelta(), self.blocked_until - now)

    def with_wrong(self, now: datetime) -> "Tally":
        """Return the count after one more wrong password."""
        row, day = self.in_a_row + 1, self.in_a_day + 1
        blocked = self.blocked_until
        if self.scope not in CROWDS:
            blocked = now + _pause(row) if row >= FREE else None
        elif day > CROWDS[self.scope][0]:
            blocked = CROWDS[self.scope][1].book(blocked, now)
        return replace(self, in_a_row=row, in_a_day=day, blocked_until=blocked)

    def with_right(self) -> "Tally":
        """Return the count after the right password, which had been counted as wrong before it was looked at."""
        return replace(self, in_a_row=0, in_a_day=max(0, self.in_a_day - 1), blocked_until=None)

    def without_try(self) -> "Tally":
        """Return the count as if the last try had not been: it was right, but proves nothing about this subject."""
        row, day = max(0, self.in_a_row - 1), max(0, self.in_a_day - 1)
        blocked = self.blocked_until if self.scope in CROWDS else None  # no pause ran, or nothing had been looked at
        return replace(self, in_a_row=row, in_a_day=day, blocked_until=blocked)


def _pause(in_a_row: int) -> timedelta:
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(in_a_row - FREE, 10)))
