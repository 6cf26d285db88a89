"""What a subscriber uses: calls, messages, data, services. One event is one thing that may cost something."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

GSM_PART, GSM_JOINED = 160, 153  # letters of a message alone, and of each part of a longer one
OTHER_PART, OTHER_JOINED = 70, 67
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("^{}\\[~]|€\f")  # they take two places each


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


def sms_parts(text: str) -> int:
    """Return how many parts a message takes: 160 Latin letters or 70 others, fewer in each part of a longer one.

    Source: the tariff «Экономный» (E7); 3GPP TS 23.038 and 23.040 for the parts of a longer message.
    """
    if all(letter in _GSM or letter in _GSM_DOUBLE for letter in text):
        return _parts([2 if letter in _GSM_DOUBLE else 1 for letter in text], GSM_PART, GSM_JOINED)
    # An emoji is two units of UTF-16 and is never cut in two
    return _parts([1 if ord(letter) < 0x10000 else 2 for letter in text], OTHER_PART, OTHER_JOINED)


def _parts(widths: list[int], alone: int, joined: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, room = 1, joined
    for width in widths:
        if width > room:
            parts, room = parts + 1, joined
        room -= width
    return parts


_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)


def is_code(text: str) -> bool:
    """Return whether a text may be the code of a plan, an option or a service."""
    return _CODE.fullmatch(text) is not None
