"""A callback: its order, its states, its legs, and the Switch port that rings the phones.

    reserved <-> placing -> calling_a <-> calling_b -> talking
       |            |           |             |           |
       +------------+-----------+-------------+-----------+--> settled
       +------------+--> not_placed

The records of the switch move a call to the right, and one look may find it several steps on. It goes back to
`reserved` where leg A failed on its way and another trunk is tried, and from `calling_b` to `calling_a` where the
record that A is asked to press 1 comes after the one that A answered. `ended` is written no more; old rows have it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from k5web.domain.books.ledger import Purse
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.missed_calls import MissedCall
from k5web.domain.calls.pbx_record import PbxRecord
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import Money
from k5web.domain.prices.call_cover import Cover
from k5web.domain.prices.rating import Quote
from k5web.errors import NotFound, UnknownSwitch

_CALL_ID = re.compile(r"([1-9][0-9]{0,9})-([1-9][0-9]{0,9})", re.ASCII)


class CallKind(StrEnum):
    """What a call is that somebody pays for. All but a callback are begun at the switch, which asks before it dials;
    they have one paid leg, B: the other party's."""

    CALLBACK = "callback"
    FORWARD = "forward"  # the caller of a rented number is put through to another phone
    OUTGOING = "out"  # a PBX user calls
    INCOMING = "in"  # the caller of an 8-800 number, whose owner pays


class CallState(StrEnum):
    """Where an order stands."""

    RESERVED = "reserved"
    PLACING = "placing"
    CALLING_A = "calling_a"
    CALLING_B = "calling_b"
    TALKING = "talking"
    ENDED = "ended"
    SETTLED = "settled"
    NOT_PLACED = "not_placed"

    @property
    def is_live(self) -> bool:
        """True while a phone rings or may ring: one such call to an A number at a time."""
        return self in LIVE_STATES

    @property
    def is_over(self) -> bool:
        """True when nothing will change any more."""
        return self in OVER_STATES

    def may_become(self, later: "CallState") -> bool:
        """Return whether a call may go from this state to that one."""
        return later in _NEXT[self]


LIVE_STATES = (
    CallState.RESERVED,
    CallState.PLACING,
    CallState.CALLING_A,
    CallState.CALLING_B,
    CallState.TALKING,
)
OVER_STATES = (CallState.SETTLED, CallState.NOT_PLACED)


_NEXT: Mapping[CallState, Set[CallState]] = {
    CallState.RESERVED: {CallState.PLACING, CallState.SETTLED, CallState.NOT_PLACED},
    CallState.PLACING: {
        CallState.CALLING_A,
        CallState.CALLING_B,
        CallState.TALKING,
        CallState.RESERVED,
        CallState.SETTLED,
        CallState.NOT_PLACED,
    },
    CallState.CALLING_A: {CallState.CALLING_B, CallState.TALKING, CallState.RESERVED, CallState.SETTLED},
    CallState.CALLING_B: {CallState.CALLING_A, CallState.TALKING, CallState.RESERVED, CallState.SETTLED},
    CallState.TALKING: {CallState.SETTLED},
    CallState.ENDED: {CallState.RESERVED, CallState.SETTLED},
    CallState.SETTLED: set(),
    CallState.NOT_PLACED: set(),
}


class Outcome(StrEnum):
    """How a call ended; each is played on a real switch by tests/telephony/test_outcomes.py."""

    DONE_A = "done_a"
    DONE_B = "done_b"
    LIMIT = "limit"
    CANCELLED = "cancelled"
    A_GAVE_UP = "a_gave_up"
    A_NO_ANSWER = "a_no_answer"
    A_BUSY = "a_busy"
    A_WRONG_NUMBER = "a_wrong_number"
    A_OFFLINE = "a_offline"
    A_REFUSED = "a_refused"
    A_BLOCKED = "a_blocked"
    A_NOT_CONFIRMED = "a_not_confirmed"  # it was asked to press 1, and did not
    A_ROUTE_FAILED = "a_route_failed"
    B_NO_ANSWER = "b_no_answer"
    B_BUSY = "b_busy"
    B_WRONG_NUMBER = "b_wrong_number"
    B_OFFLINE = "b_offline"
    B_REFUSED = "b_refused"
    B_BLOCKED = "b_blocked"
    B_ROUTE_FAILED = "b_route_failed"
    FAULT = "fault"
    LOST = "lost"
    NOT_PLACED = "not_placed"
    BLOCKED = "blocked"  # it waited in the queue when staff blocked its subscriber


# What the one who ordered the call did not reach, though the other phone may have rung
UNANSWERED = (
    Outcome.B_NO_ANSWER,
    Outcome.B_BUSY,
    Outcome.B_OFFLINE,
    Outcome.B_REFUSED,
    Outcome.B_BLOCKED,
    Outcome.A_GAVE_UP,
    Outcome.CANCELLED,
)

LONGEST_CALL = timedelta(days=1)  # with its ringing, its records and every sweep: what is not over began within it
PRESS_S = 40  # within which A presses 1, where it is asked to; the dialplan has the same limit


def split_call_id(call_id: str) -> tuple[int, int]:
    """Return the owner and the number of a call id like `8841-17`. Raises: NotFound for anything else."""
    match = NotFound.unless(_CALL_ID.fullmatch(call_id), f"call {call_id[:40]}")
    return int(match[1]), int(match[2])


@dataclass(frozen=True, slots=True)
class CallOrder:
    """An order and everything needed to price, place and explain it. Units: as in their names."""

    id: str  # "<owner_id>-<n>", n = 1, 2, 3 … of this owner
    owner_id: int
    account_id: int
    quote: Quote  # numbers, both rates: kept whole with the order
    a_leg_from: Literal["b_answer", "a_answer"]
    minutes: int  # granted
    hold: Money
    ring_a_s: int
    ring_b_s: int
    talk_ms: int
    leg_a_s: int
    state: CallState
    ordered_at: datetime
    at_once: bool = False  # ordered by the countdown, not by the button
    press_1: bool = False  # B is called only when A has pressed 1: a voice mail presses nothing
    switch: str = ""  # who runs it; "": it waits
    trunks_a: tuple[str, ...] = ()  # where leg A was tried, the last one now: each try is a request of its own
    trunks_b: tuple[str, ...] = ()  # where the switch may try leg B, in this order, by itself
    outcome: Outcome | None = None
    cost: Money | None = None
    placing_at: datetime | None = None
    a_answered_at: datetime | None = None
    a_free_until: datetime | None = None  # the seconds before are not A's to pay, as in Cdr
    b_answered_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    covers: tuple[Cover, ...] = ()  # what is held of allowances beside the money
    kind: CallKind = CallKind.CALLBACK
    asked_by: str = ""  # the leg that asked for it, where a switch did
    is_recorded: bool = False  # both are told so, and it is; known when it is placed

    @property
    def attempt(self) -> int:
        """Which try of leg A this is: 1, 2, 3; 0 while the order waits for its first."""
        return len(self.trunks_a)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the call page shows before the button: the price, the purse, the minutes it makes."""

    quote: Quote
    purse: Purse
    minutes: int  # of this call at most; 0: the money is not enough for one
    money_minutes: int  # that the purse makes, whatever one call and today's limits let through
    needed: Money  # what one minute holds
    spendable: Money  # of the purse, for this direction
    live_call: CallOrder | None  # a call under way to the same phone
    last_talk: CallOrder | None  # the last callback to this number in which both talked
    left_today: Money | None = None  # of a safety limit, where that and not the purse decides
    gift_minutes: int = 0  # of this call that allowances pay for alone


class EventKind(StrEnum):
    """The switch's records that K5 reads. Source: docs/telephony.md."""

    CHAN_START = "CHAN_START"
    ANSWER = "ANSWER"
    HANGUP = "HANGUP"
    K5_ASKED = "K5_ASKED"  # A is asked to press 1
    K5_CONFIRMED = "K5_CONFIRMED"  # and did
    K5_END = "K5_END"
    LINKEDID_END = "LINKEDID_END"


@dataclass(frozen=True, slots=True)
class SwitchEvent:
    """One record of the switch about one leg."""

    call_id: str
    leg_uuid: str
    is_a: bool
    kind: EventKind
    at: datetime  # UTC, microseconds
    cause: int | None = None  # Q.850, with HANGUP
    source: str = ""  # who hung up: "a", "b", "dialplan", or "" (a limit, a cancel, the switch itself)
    dial_status: str = ""  # ANSWER, BUSY, NOANSWER, CANCEL, CONGESTION, CHANUNAVAIL: true with K5_END only
    stage: str = ""  # with K5_END of an answered leg A: dialing_b, not_confirmed, no_limits
    trunk: str = ""  # by which the leg went
    attempt: int = 1  # of leg A, as in CallOrder
    sip: int | None = None  # with K5_END: the last SIP code that came back on this leg, where the switch knows it
    heard: Heard | None = None  # with K5_END: what came back before; None where the switch does not say


@dataclass(frozen=True, slots=True)
class DamagedRecord:
    """A line of the switch's file that could not be read; it is set aside and reported."""

    position: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Records:
    """A batch read from the switch: `position` is opaque and kept with the rows it produced; `has_more` where the
    batch was full, so that what is not in it may have been written long ago."""

    events: Sequence[SwitchEvent]
    damaged: Sequence[DamagedRecord]
    position: str
    missed: Sequence[MissedCall] = ()
    has_more: bool = False
    pbx: Sequence[PbxRecord] = ()
    is_elsewhere: bool = False  # what was asked for is a place in none of the switch's files


@dataclass(frozen=True, slots=True)
class Cdr:
    """The immutable record of a finished leg, as the switch reported it."""

    owner_id: int
    call_id: str
    switch: str
    leg_uuid: str
    leg: Literal["a", "b"]
    number: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    cause: int
    source: str
    dial_status: str
    trunk: str = ""
    sip: int | None = None  # the last code that came back, where the switch knows it
    heard: Heard | None = None
    free_until: datetime | None = None  # of leg A: until then it was asked to press 1, and those seconds are free
    carrier_cost: Money | None = None  # what the carrier takes, where its rate deck is known

    @property
    def duration_us(self) -> int:
        """Microseconds from answer to hang-up; zero for a leg that was never answered."""
        return _us_between(self.answered_at, self.ended_at)

    @property
    def paid_us(self) -> int:
        """Microseconds that a plan may count: without those in which A was asked to press 1."""
        start = self.answered_at and max(self.answered_at, self.free_until or self.answered_at)
        return _us_between(start, self.ended_at)


def _us_between(start: datetime | None, end: datetime) -> int:
    if start is None:
        return 0
    delta = end - start
    return max(0, (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds)


def durations(legs: Sequence[Cdr], a_leg_from: Literal["b_answer", "a_answer"]) -> tuple[int, int]:
    """Return what legs A and B are rated for. Units: microseconds.

    On "b_answer" plans both legs count the talk, so where nobody was reached nothing is charged; on "a_answer"
    plans leg A counts from its own answer, or from the 1 it was asked to press, ringing of B included.
    """
    talk_us = sum(leg.duration_us for leg in legs if leg.leg == "b")
    if a_leg_from == "b_answer":
        return talk_us, talk_us
    return sum(leg.paid_us for leg in legs if leg.leg == "a"), talk_us


class Switch(Protocol):
    """What rings phones. It runs the whole call by itself; K5 starts it, may cancel it, reads its records."""

    @property
    def name(self) -> str:
        """As the settings call it; it stands with every call and record."""

    @property
    def calls_at_once(self) -> int:
        """K5's own limit of calls under way, below the switch's: that one refuses only after A has answered."""

    @property
    def caller_id(self) -> str:
        """The number that it shows where a call has none of its own to show, E.164 digits."""

    @property
    def trunks(self) -> Sequence[Trunk]:
        """By which it can send legs."""

    @property
    def is_read_here(self) -> bool:
        """False where another machine imports its records."""

    def originate(self, call: CallOrder) -> None:
        """Ask once to ring leg A. Raises: SwitchRefused (nothing rings), SwitchSilent (it may)."""

    def cancel(self, call_id: str, attempt: int = 1) -> None:
        """End both legs; a call that is not there is fine. Raises: SwitchSilent."""

    def living(self) -> Collection[tuple[str, int]]:
        """Return which tries (a call and its attempt) have a channel of leg A now. Raises: SwitchSilent."""

    def channels(self) -> Collection[str]:
        """Return the ids of all legs that it has now. Raises: SwitchSilent."""

    def end_leg(self, channel: str) -> None:
        """End one leg; one that is not there is fine. Raises: SwitchSilent."""

    def started_at(self) -> datetime:
        """Return when the switch came up, its health check. Raises: SwitchSilent."""

    def read_records(self, position: str) -> Records:
        """Return whole records after `position` ("" = from the start), at most a few thousand at once."""


class Switches:
    """All switches, in the order of the settings."""

    def __init__(self, switches: Iterable[Switch]) -> None:
        self._by_name = {switch.name: switch for switch in switches}

    def __iter__(self) -> Iterator[Switch]:
        return iter(self._by_name.values())

    def named(self, name: str) -> Switch:
        """Return the switch of this name. Raises: UnknownSwitch."""
        switch = self._by_name.get(name)
        if switch is None:
            raise UnknownSwitch(name=name)
        return switch
