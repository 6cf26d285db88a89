"""Signs that somebody else uses an account: how fast it calls, when, how briefly, and for how much. Days and nights are
the operator's.

Each sign wakes a person and refuses nothing; what is refused at once stands in risk.py. The numbers are assumed: nobody
has measured yet how K5's own subscribers call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from k5web.domain.money import Money

SOON = timedelta(minutes=10)
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
SHORT_S = 10  # a talk below this is short: long enough to be charged, too short to say anything
MORNING = 6  # o'clock: night ends
SATURDAY = 5


class AlarmKind(StrEnum):
    """The signs, by the names that rows and settings have."""

    VELOCITY = "velocity"
    NIGHT = "night"
    WEEKEND = "weekend"
    SHORT = "short"
    RISK = "risk"
    FIRST_DAY = "first_day"  # of the cap of risk.py: an order was refused by it


class Decision(StrEnum):
    """What staff made of an alarm."""

    STOPPED = "stopped"  # the account's calls
    LEFT = "left"  # it is no fraud


@dataclass(frozen=True, slots=True)
class Alarm:
    """A sign that was seen, and what became of it."""

    owner_id: int
    n: int  # 1, 2, 3 … of this owner
    kind: AlarmKind
    raised_at: datetime
    facts: Mapping[str, Any]  # the numbers that made it, as `signs` names them
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision: Decision | None = None
    reason: str | None = None
    stop_n: int | None = None  # the entry of the stop-list that was made
    undone_at: datetime | None = None  # that entry was lifted again
    undone_by: str | None = None

    @property
    def settled_at(self) -> datetime | None:
        """When somebody was done with it last: what an account did before raises no other alarm of this kind."""
        return self.undone_at or self.decided_at


@dataclass(frozen=True, slots=True)
class AlarmTerms:
    """From how much on each sign is one; 0: never. Units: calls; `risk_minor` minor units of the account's currency."""

    velocity: int = 10  # calls ordered within SOON
    night: int = 6  # calls ordered within an HOUR of the night
    weekend: int = 15  # the same on Saturday and Sunday
    short: int = 8  # talks below SHORT_S within an HOUR
    risk_minor: int = 150_00  # of a DAY's calls that are not ordinary: half of what the limit lets through
    first_day: int = 1  # orders that the first day's cap refused within an HOUR


STANDARD_TERMS = AlarmTerms()


@dataclass(frozen=True, slots=True)
class Pace:
    """What one account did lately."""

    owner_id: int
    soon: int = 0  # calls ordered within SOON
    hour: int = 0  # within an HOUR
    short: int = 0
    risky: Money | None = None  # what a DAY's calls that are not ordinary cost or hold; None: there was none
    risky_calls: int = 0
    capped: int = 0  # orders that the first day's cap refused, ever: the last of them within an HOUR


def signs(pace: Pace, terms: AlarmTerms, local: datetime) -> Mapping[AlarmKind, Mapping[str, object]]:
    """Return the signs that an account shows at a moment of the operator's clock, each with its numbers."""
    found: dict[AlarmKind, Mapping[str, object]] = {}

    def look(kind: AlarmKind, seen: int, least: int, **more: object) -> None:
        if least and seen >= least:
            found[kind] = {"seen": seen, "least": least, **more}

    look(AlarmKind.VELOCITY, pace.soon, terms.velocity)
    if local.hour < MORNING:
        look(AlarmKind.NIGHT, pace.hour, terms.night)
    elif local.weekday() >= SATURDAY:
        look(AlarmKind.WEEKEND, pace.hour, terms.weekend)
    look(AlarmKind.SHORT, pace.short, terms.short)
    if pace.risky is not None:
        look(AlarmKind.RISK, pace.risky.minor, terms.risk_minor, unit=pace.risky.currency, calls=pace.risky_calls)
    look(AlarmKind.FIRST_DAY, pace.capped, terms.first_day)
    return found
