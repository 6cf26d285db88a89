"""Log-ins: what a typed one may mean; how many wrong passwords are free, how pauses grow, what locks for the day."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from k5web.domain.accounts.subscriber import IDS_BELOW
from k5web.domain.prices.number import HOMES, Msisdn, other_reading
from k5web.domain.throttle import Throttle
from k5web.errors import WrongNumber

# "name": what was typed, read as a number; "address": one address; "network": its neighbourhood
Scope = Literal["name", "device", "address", "network"]

LONGEST_LOGIN = 60
_ID_MARK = re.compile(r"\AK5-", re.IGNORECASE)  # before an id, as payers type it

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


def readings(login: str) -> tuple[list[Msisdn], int | None]:
    """Return the numbers a typed login may mean, likeliest first, and the id it may be."""
    text = login.strip()[:LONGEST_LOGIN]
    phones: list[Msisdn] = []
    for home in HOMES.values():
        try:
            reading = Msisdn.parse(text, home)
        except WrongNumber:
            continue
        other = other_reading(text, home)
        phones += [number for number in (reading, other) if number is not None and number not in phones]
    digits = _ID_MARK.sub("", text).replace(" ", "")
    is_id = digits.isascii() and digits.isdigit() and len(digits) <= 10 and int(digits) < IDS_BELOW
    return phones, int(digits) if is_id else None


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
