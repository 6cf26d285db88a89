"""Working hours, by the operator's clock: days of the week with a beginning and an end, to the minute."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from k5web.errors import WrongHours

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as datetime.weekday() counts them
MOST_SPANS: Final = 6  # of one step
_DAY: Final = 24 * 60  # minutes
_CLOCK = re.compile(r"([0-9]{1,2})[:.]?([0-9]{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """Days of the week, 0 is Monday, and the minutes of the day between which one works on them: from the first, up to
    the last and without it. An end before the beginning is on the next day."""

    days: tuple[int, ...]
    opens: int
    closes: int  # 1 … 1440

    def parts(self) -> Iterator[tuple[tuple[int, ...], int, int]]:
        """Yield the same as spans that end on their own days: days, first and last minute, both within."""
        if self.opens < self.closes:
            yield self.days, self.opens, self.closes - 1
            return
        yield self.days, self.opens, _DAY - 1
        yield tuple(sorted((day + 1) % len(DAYS) for day in self.days)), 0, self.closes - 1

    def covers(self, moment: datetime) -> bool:
        """Return whether one works at this moment, given in the operator's zone."""
        minute = moment.hour * 60 + moment.minute
        return any(moment.weekday() in days and first <= minute <= last for days, first, last in self.parts())


def span(days: Iterable[int], opens: str, closes: str) -> Span:
    """Return a span as somebody types it: `9:00`, `18:00`; 24:00 is the end of the day. Raises: WrongHours."""
    chosen = tuple(sorted(set(days)))
    if not chosen or not all(0 <= day < len(DAYS) for day in chosen):
        raise WrongHours(text=f"{opens}-{closes}"[:20])
    first, last = minutes(opens), minutes(closes)
    if first in (_DAY, last):
        raise WrongHours(text=f"{opens}-{closes}"[:20])
    return Span(chosen, first, last or _DAY)


def minutes(text: str) -> int:
    """Return the minute of the day that `9:00` names. Raises: WrongHours."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None or int(found[2]) > 59 or (total := int(found[1]) * 60 + int(found[2])) > _DAY:
        raise WrongHours(text=text[:20])
    return total


def clock(minute: int) -> str:
    """Return a minute of the day as a clock shows it: 09:00; 1440 is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def written(spans: Iterable[Span]) -> str:
    """Return spans as the switch reads them: `mon-fri/09:00-17:59+sat/10:00-13:59`.

    Source: Asterisk's GotoIfTime; the minute that it is told as the last one still counts.
    """
    parts = (part for one in spans for part in one.parts())
    return "+".join(f"{_written_days(days)}/{clock(first)}-{clock(last)}" for days, first, last in parts)


def runs(days: Iterable[int]) -> list[tuple[int, int]]:
    """Return days of the week as runs of days beside each other, each by its first and last."""
    found: list[tuple[int, int]] = []
    for day in sorted(set(days)):
        if found and found[-1][1] == day - 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _written_days(days: Iterable[int]) -> str:
    return "&".join(DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}" for first, last in runs(days))
