"""How many SMS may be sent, and for how much: whoever has K5 send them at will must not cost it a fortune (S17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from k5web.domain.money import Money, rub

HOUR: Final = timedelta(hours=1)
A_NUMBER, AN_ADDRESS = 3, 10  # messages that were asked for, an hour
REPLIES = 10  # answers to messages of one number, an hour
PART, DAY = rub("2.50"), rub("1000.00")  # unless the operator says otherwise
NOTHING: Final = rub("0.00")
RESERVED: Final = 5  # a fifth of the day's money is for codes and replies alone


@dataclass(frozen=True, slots=True)
class SmsTerms:
    """What the operator lets SMS cost, and where they may go (ISO 3166 letters)."""

    part: Money = PART
    day: Money = DAY
    countries: frozenset[str] = frozenset({"RU", "KG", "KZ"})
    reserve: Money = NOTHING  # of the day's money, for codes and replies alone

    @property
    def notices_day(self) -> Money:
        """What notices of a day may cost, together with all else that was sent before them."""
        return self.day - self.reserve

    def cost(self, parts: int) -> Money:
        """Return what so many parts cost."""
        return Money(self.part.minor * parts, self.part.currency)


def of_last_hour(times: Sequence[datetime], now: datetime) -> list[datetime]:
    """Return those of the times that still count."""
    return [at for at in times if at > now - HOUR]


def wait(times: Sequence[datetime], most: int, now: datetime) -> timedelta:
    """Return how long the next one must wait; zero where it may be sent now."""
    counted = sorted(of_last_hour(times, now))
    return timedelta() if len(counted) < most else counted[-most] + HOUR - now


def reserve_of(day: Money) -> Money:
    """Return what is kept for codes and replies unless the operator says otherwise."""
    return Money(day.minor // RESERVED, day.currency)


TERMS: Final = SmsTerms(reserve=reserve_of(DAY))
