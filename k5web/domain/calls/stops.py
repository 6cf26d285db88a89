"""The operator's stop-list: what nobody calls, and whose calls are not taken. It never stops money coming in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from k5web.domain.calls.risk import LEAST_PREFIX, LONGEST_PREFIX
from k5web.errors import CallsStopped, K5Error, NumberStopped, WrongStop

_WHAT = re.compile(rf"[1-9][0-9]{{{LEAST_PREFIX - 1},{LONGEST_PREFIX - 1}}}", re.ASCII)
_SPACING = re.compile(r"[ ()\u00a0-]")


class StopKind(StrEnum):
    """What an entry is about, by the names that rows and commands have."""

    TO = "to"  # a number or prefix that nobody calls, neither as the other party nor as one's own phone
    FROM = "from"  # a phone, or a prefix of phones, whose calls are not taken
    SUBSCRIBER = "subscriber"  # an id: no call of this account is taken; its pages and its payments go on


@dataclass(frozen=True, slots=True)
class Stop:
    """One entry. It is in force until it is lifted or its time is over."""

    n: int
    kind: StopKind
    what: str  # digits of a number or prefix, or the subscriber's id
    reason: str
    actor: str
    at: datetime
    until: datetime | None = None  # None: until somebody lifts it
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None

    def is_in_force(self, now: datetime) -> bool:
        """Return whether it stops calls at this moment."""
        return self.lifted_at is None and (self.until is None or now < self.until)


def read_what(text: str) -> str:
    """Return the digits of a number, a prefix or an id, as people write it. Raises: WrongStop."""
    digits = _SPACING.sub("", text.strip()).removeprefix("+")
    if not _WHAT.fullmatch(digits):
        raise WrongStop(text=text[:40])
    return digits


def meant_by(owner_id: int, a_number: str, b_number: str) -> Mapping[StopKind, Sequence[str]]:
    """Return which entries, by kind, would stop a call of this subscriber between these numbers."""
    own = _prefixes(a_number)
    return {
        StopKind.TO: [*_prefixes(b_number), *own],
        StopKind.FROM: own,
        StopKind.SUBSCRIBER: [str(owner_id)],
    }


def refusal(stop: Stop, a_number: str, b_number: str) -> K5Error:
    """Return what an order that this entry stops is answered."""
    if stop.kind is not StopKind.TO:
        return CallsStopped()
    return NumberStopped(number=b_number if b_number.startswith(stop.what) else a_number)


def _prefixes(number: str) -> list[str]:
    return [number[:length] for length in range(LEAST_PREFIX, min(len(number), LONGEST_PREFIX) + 1)]
