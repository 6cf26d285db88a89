"""What a subscriber sees of calls: callbacks and conversations of the PBX in one list; one conversation explained."""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from k5web.domain.books.period import Period
from k5web.domain.calls.call import CallOrder, split_call_id
from k5web.domain.money import Money
from k5web.domain.pbx.conversation import Conversation, ConversationLeg, Person
from k5web.domain.pbx.recording import Recording
from k5web.errors import NotFound
from k5web.services.books.statements import moments
from k5web.services.ports import Ports
from k5web.storage.calls import past_call_rows
from k5web.storage.pbx import conversation_rows, recording_rows
from k5web.storage.pbx.conversation_rows import Wish


class Shown(StrEnum):
    """Which calls a list shows."""

    ALL = "all"
    CALLBACKS = "callbacks"
    INCOMING = "in"
    MISSED = "missed"
    OUTGOING = "out"


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with what it cost, and the names of its people."""

    conversation: Conversation
    legs: Sequence[ConversationLeg]
    calls: Mapping[int, CallOrder]  # that paid for legs, by number
    people: Mapping[str, Person]  # by login

    @property
    def cost(self) -> Money | None:
        """What its legs cost; None where none was paid for, or not all are settled."""
        costs = [call.cost for call in self.calls.values()]
        known = [cost for cost in costs if cost is not None]
        return sum(known[1:], known[0]) if known and len(known) == len(costs) else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ends: the last call and the last conversation shown."""

    call_n: int | None = None
    conversation: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True)
class CallLog:
    """A page of the list, newest first; `further` is where the next one begins."""

    entries: Sequence[CallOrder | Talk]
    further: Place | None


@dataclass(frozen=True, slots=True)
class TalkDetail:
    """A conversation explained."""

    talk: Talk
    recordings: Sequence[Recording]


def page(
    ports: Ports,
    owner_id: int,
    shown: Shown = Shown.ALL,
    period: Period | None = None,
    before: Place | None = None,
    limit: int = 25,
    other: str = "",
) -> CallLog:
    """Return a page of this owner's calls: where they are given, those that began in a period, those with a number.

    `other`: its digits. A call is with whoever rang or was rung, not with the phone that answered in their place.
    """
    before = before or Place()
    span = moments(period) if period else None
    wish = Wish(span, shown is Shown.MISSED, shown.value if shown in (Shown.INCOMING, Shown.OUTGOING) else "", other)
    with ports.sessions.read() as db:
        calls: Sequence[CallOrder] = []
        found: Sequence[Conversation] = []
        if shown in (Shown.ALL, Shown.CALLBACKS):
            calls = past_call_rows.alone(db, owner_id, before.call_n, limit + 1, span, other)
        if shown is not Shown.CALLBACKS:
            found = conversation_rows.page(db, owner_id, wish, before.conversation, limit + 1)
        sources: tuple[Sequence[CallOrder | Conversation], ...] = (calls, found)
        both = list(heapq.merge(*sources, key=_began_at, reverse=True))
        kept = both[:limit]
        talks = {
            talk.conversation: talk for talk in _talks(db, owner_id, [x for x in kept if isinstance(x, Conversation)])
        }
    entries: list[CallOrder | Talk] = [talks[one] if isinstance(one, Conversation) else one for one in kept]
    return CallLog(entries, _place(entries, before) if len(both) > limit else None)


def talks(
    ports: Ports, owner_id: int, period: Period | None = None, before: Place | None = None, limit: int = 25
) -> CallLog:
    """Return a page of an owner's conversations alone."""
    wish, before = Wish(moments(period) if period else None), before or Place()
    with ports.sessions.read() as db:
        found = conversation_rows.page(db, owner_id, wish, before.conversation, limit + 1)
        shown = _talks(db, owner_id, found[:limit])
    return CallLog(shown, _place(shown, before) if len(found) > limit else None)


def talk(ports: Ports, owner_id: int, switch: str, linked_id: str) -> TalkDetail:
    """Return one conversation explained. Raises: NotFound, also for other people's."""
    with ports.sessions.read() as db:
        found = NotFound.unless(conversation_rows.find(db, owner_id, switch, linked_id), "conversation")
        recordings = recording_rows.of_conversations(db, owner_id, [linked_id])
        [told] = _talks(db, owner_id, [found])
    return TalkDetail(told, [one for one in recordings if one.switch == switch])


def _talks(db: Session, owner_id: int, conversations: Collection[Conversation]) -> list[Talk]:
    """Return conversations with their legs, calls and people: four statements, however many there are."""
    legs = conversation_rows.legs_of(db, owner_id, [(one.switch, one.linked_id) for one in conversations])
    ns = {leg.call_n for each in legs.values() for leg in each if leg.call_n is not None}
    calls = past_call_rows.several(db, owner_id, ns) if ns else {}
    logins = {leg.endpoint for each in legs.values() for leg in each}
    logins |= {name for one in conversations for name in (one.caller, one.called, one.answered_by)}
    people = conversation_rows.people(db, owner_id, {name for name in logins if name[:1].isalpha()})
    talks = []
    for one in conversations:
        theirs = legs.get((one.switch, one.linked_id), [])
        paid = {leg.call_n: calls[leg.call_n] for leg in theirs if leg.call_n in calls}
        talks.append(Talk(one, theirs, {n: call for n, call in paid.items() if n is not None}, people))
    return talks


def _began_at(one: CallOrder | Conversation) -> datetime:
    return one.began_at if isinstance(one, Conversation) else one.ordered_at


def _place(entries: Sequence[CallOrder | Talk], before: Place) -> Place:
    ns = [split_call_id(one.id)[1] for one in entries if isinstance(one, CallOrder)]
    keys = [(one.conversation.began_at, one.conversation.linked_id) for one in entries if isinstance(one, Talk)]
    return Place(ns[-1] if ns else before.call_n, keys[-1] if keys else before.conversation)
