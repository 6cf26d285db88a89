"""A conversation of a PBX: who rang whom, whom they reached, its legs; how it is put together from a switch's records.

The records of a switch come in batches, and some come twice. Each tells a part of the conversation; parts are joined,
in any order and as often as they come, and the same conversation comes out (`joined`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeVar

Direction = Literal["in", "out", "inside"]

T = TypeVar("T")


class ConversationOutcome(StrEnum):
    """How a conversation ended, the weakest word first: where the records say several things, the strongest stays."""

    MENU_LEFT = "menu_left"  # they heard our voice and rang off, or the rule said good-bye; nobody was rung
    REFUSED = "refused"  # before anything rang: the black list, a limit, a rule that refuses
    MISSED = "missed"  # phones rang, or were unreachable, and nobody answered
    BUSY = "busy"
    NO_MONEY = "no_money"  # the part that costs was not begun, and nobody else answered
    LOST = "lost"  # the switch died
    FAULT = "fault"  # the rule could not be followed; extension 0 was rung, and nobody answered
    VOICEMAIL = "voicemail"
    FORWARDED = "forwarded"  # another phone answered, which the owner pays for
    ANSWERED = "answered"

    @property
    def is_reached(self) -> bool:
        """True where a person answered."""
        return self in (ConversationOutcome.ANSWERED, ConversationOutcome.FORWARDED)


_STRENGTH = {outcome: strength for strength, outcome in enumerate(ConversationOutcome)}
_WIDENESS: dict[Direction, int] = {"inside": 0, "out": 1, "in": 2}
# Whoever rang such a conversation is owed a call. Who was refused is not: a black list means it
MISSED = frozenset(ConversationOutcome) - {
    ConversationOutcome.ANSWERED,
    ConversationOutcome.FORWARDED,
    ConversationOutcome.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, or the part of it that some records tell. Source: docs/telephony.md, «Records of the PBX».

    `number`, `caller` and `called` are told by the first leg's records alone ("" in all other parts); `outcome` of an
    answered one follows from who answered.
    """

    owner_id: int
    switch: str
    linked_id: str
    direction: Direction  # "inside" where the part does not say
    began_at: datetime  # or the moment of the earliest record, where the part does not say
    number: str = ""  # E.164 digits, ours: that was called, or is shown; "" inside
    caller: str = ""  # E.164 digits, "" where none is shown; an account's login
    called: str = ""  # the same
    ended_at: datetime | None = None
    answered_at: datetime | None = None  # by a person
    answered_by: str = ""  # an account's login, or E.164 digits
    outcome: ConversationOutcome | None = None
    rule_version: str = ""

    @property
    def is_missed(self) -> bool:
        """True where somebody rang in and reached no person."""
        return self.direction == "in" and self.ended_at is not None and self.outcome in MISSED

    @property
    def talk_s(self) -> int:
        """Whole seconds from the answer to the end; 0 where it is not over, or nobody answered."""
        return _seconds(self.answered_at, self.ended_at)

    def joined(self, other: "Conversation") -> "Conversation":
        """Return what both parts tell together; the order of the two means nothing."""
        direction = max(self.direction, other.direction, key=_WIDENESS.__getitem__)
        answers = [(one.answered_at, one.answered_by) for one in (self, other) if one.answered_at is not None]
        answered_at, answered_by = min(answers, default=(None, ""))
        outcomes = [one.outcome for one in (self, other) if one.outcome is not None]
        outcome = max(outcomes, key=_STRENGTH.__getitem__, default=None)
        if answered_at is not None:
            outcome = _reached(direction, answered_by)
        return Conversation(
            self.owner_id,
            self.switch,
            self.linked_id,
            direction,
            min(self.began_at, other.began_at),
            max(self.number, other.number),
            max(self.caller, other.caller),
            max(self.called, other.called),
            _last(self.ended_at, other.ended_at),
            answered_at,
            answered_by,
            outcome,
            max(self.rule_version, other.rule_version),
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands behind an account."""

    extension: str
    title: str


@dataclass(frozen=True, slots=True)
class ConversationLeg:
    """One leg of a conversation, paid or not, or the part of it that some records tell."""

    owner_id: int
    switch: str
    leg_uuid: str
    linked_id: str  # under which its earliest record stands: a transfer may change it
    started_at: datetime  # of its earliest record
    endpoint: str = ""  # an account's login, or a trunk
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: int | None = None  # Q.850
    call_n: int | None = None  # of the call that it is paid by

    @property
    def talk_s(self) -> int:
        """Whole seconds from its answer to its end."""
        return _seconds(self.answered_at, self.ended_at)

    def joined(self, other: "ConversationLeg") -> "ConversationLeg":
        """Return what both parts tell together; the order of the two means nothing."""
        started_at, linked_id = min((one.started_at, one.linked_id) for one in (self, other))
        return ConversationLeg(
            self.owner_id,
            self.switch,
            self.leg_uuid,
            linked_id,
            started_at,
            max(self.endpoint, other.endpoint),
            min(_told(self.answered_at, other.answered_at), default=None),
            _last(self.ended_at, other.ended_at),
            max(_told(self.cause, other.cause), default=None),
            max(_told(self.call_n, other.call_n), default=None),
        )


def how_it_ended(dial_status: str, cause: int | None, why: str) -> ConversationOutcome:
    """Return what the asking leg's last record says. `why`: K5's last no to a question.

    Who hung up in a queue while phones rang left no status: there the unanswered legs say MISSED.
    """
    if dial_status == "ANSWER":
        return ConversationOutcome.ANSWERED
    if why == "funds":
        return ConversationOutcome.NO_MONEY
    if dial_status == "BUSY":
        return ConversationOutcome.BUSY
    if dial_status:
        return ConversationOutcome.MISSED
    return ConversationOutcome.REFUSED if cause in _NOT_LET_IN else ConversationOutcome.MENU_LEFT


_NOT_LET_IN = (17, 20, 21)  # Q.850: busy, absent, rejected, as the dialplan gives them before anything rings


def _reached(direction: Direction, answered_by: str) -> ConversationOutcome:
    is_other_phone = direction == "in" and answered_by.isdigit()
    return ConversationOutcome.FORWARDED if is_other_phone else ConversationOutcome.ANSWERED


def _last(*moments: datetime | None) -> datetime | None:
    return max(_told(*moments), default=None)


def _told(*values: T | None) -> Iterable[T]:
    return [value for value in values if value is not None]


def _seconds(since: datetime | None, until: datetime | None) -> int:
    return 0 if since is None or until is None else max(0, (until - since) // timedelta(seconds=1))
