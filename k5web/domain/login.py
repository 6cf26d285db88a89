"""Wrong passwords: how many are free, how the pauses grow, when a password is locked for the day."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

Scope = Literal["account", "device", "address"]

FREE = 5  # wrong in a row without a pause
FIRST_PAUSE = timedelta(seconds=30)  # doubled each time
LONGEST_PAUSE = timedelta(minutes=15)
A_DAY = 30  # wrong in a day lock the password, never the remembered devices

# A whole city sits behind one carrier address: only a flood is slowed down there
ADDRESS_A_DAY = 1000
ADDRESS_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often wrong passwords came for one subject."""

    scope: Scope
    subject: str
    in_a_row: int
    in_a_day: int
    blocked_until: datetime | None

    @property
    def is_locked(self) -> bool:
        """True when the day's tries are spent."""
        return self.scope != "address" and self.in_a_day >= A_DAY

    @property
    def attempts_left(self) -> int:
        """How many more wrong passwords pass without a pause."""
        return max(0, FREE - self.in_a_row)

    def wait(self, now: datetime) -> timedelta:
        """Return how long nothing is looked at; zero where a password may be tried."""
        return timedelta() if self.blocked_until is None else max(timedelta(), self.blocked_until - now)

    def with_wrong(self, now: datetime) -> "Tally":
        """Return the count after one more wrong password."""
        row, day = self.in_a_row + 1, self.in_a_day + 1
        if self.scope == "address":
            blocked = now + ADDRESS_PAUSE if day >= ADDRESS_A_DAY else None
        else:
            blocked = now + _pause(row) if row >= FREE else None
        return replace(self, in_a_row=row, in_a_day=day, blocked_until=blocked)

    def with_right(self) -> "Tally":
        """Return the count after the right password, which had been counted as wrong before it was looked at."""
        return replace(self, in_a_row=0, in_a_day=max(0, self.in_a_day - 1), blocked_until=None)


def _pause(in_a_row: int) -> timedelta:
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(in_a_row - FREE, 10)))
