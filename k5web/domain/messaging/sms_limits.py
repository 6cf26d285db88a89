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


@dataclass(frozen=True, slots=True)
class SmsTerms:
    """What the operator lets SMS cost, and where they may go (ISO 3166 letters)."""

    part: Money = PART
    day: Money = DAY
    countries: frozenset[str] = frozenset({"RU", "KG", "KZ"})

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


TERMS: Final = SmsTerms()
