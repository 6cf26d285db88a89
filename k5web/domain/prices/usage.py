"""What a subscriber uses: calls, messages, data, services. One event is one thing that may cost something."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What is used."""

    CALL = "call"
    INCOMING = "incoming"
    CSD = "csd"  # data over a call, as old modems send it
    SMS = "sms"
    INCOMING_SMS = "incoming_sms"
    DATA = "data"
    SERVICE = "service"

    @property
    def is_timed(self) -> bool:
        """True where the quantity is the seconds of a talk."""
        return self in {Kind.CALL, Kind.INCOMING, Kind.CSD}


class Zone(StrEnum):
    """Where the subscriber's phone is."""

    HOME = "home"
    RUSSIA = "russia"


class Every(StrEnum):
    """How often something recurs; `once` never does."""

    MONTH = "month"
    DAY = "day"
    ONCE = "once"

    def began(self, day: date) -> date:
        """Return the first day of the period that this day lies in."""
        return day.replace(day=1) if self is Every.MONTH else day


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """One use. Units of `quantity`: microseconds of a talk, parts of a message, bytes, pieces of a service."""

    at: datetime  # when it began, in the operator's zone: its day decides whose allowance pays
    kind: Kind
    to: str = ""  # E.164 digits of the other side, or the code of its direction group; the code of a service
    quantity: int = 0
    zone: Zone = Zone.HOME
    options: frozenset[str] = frozenset()  # in force and paid
    unpaid: frozenset[str] = frozenset()  # connected, but their fee could not be taken


_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)


def is_code(text: str) -> bool:
    """Return whether a text may be the code of a plan, an option or a service."""
    return _CODE.fullmatch(text) is not None
