"""How often something may be done: a few times in a row, then once in a while. One moment is all that is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Throttle:
    """`at_once` times in a row, then once in `every`. Each time books `every` of time, from now or from the last
    booking on; whoever has booked so far ahead that `at_once` times are used up waits."""

    every: timedelta
    at_once: int

    def wait(self, booked_until: datetime | None, now: datetime) -> timedelta:
        """Return how long the next time must wait; zero where it may be done now."""
        if booked_until is None:
            return timedelta()
        return max(timedelta(), booked_until - now - self.every * (self.at_once - 1))

    def book(self, booked_until: datetime | None, now: datetime) -> datetime:
        """Return until when is booked after one more time."""
        return max(booked_until or now, now) + self.every
