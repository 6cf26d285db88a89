"""Calls and conversations for subscribers' own programs, page by page: what each cost, who was on its legs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallKind, CallOrder, CallState, split_call_id
from k5web.domain.calls.charging import charge_call
from k5web.domain.pbx.conversation import Conversation, ConversationLeg
from k5web.domain.pbx.recording import Recording
from k5web.errors import NotFound
from k5web.services.calls.ordering import CallView
from k5web.services.ports import Ports
from k5web.storage.calls import call_rows, past_call_rows
from k5web.storage.pbx import conversation_rows, recording_rows
from k5web.storage.pbx.conversation_rows import Wish

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of calls, newest first; `conversations`: the name of each one's conversation, by the call's id."""

    views: Sequence[CallView]
    conversations: Mapping[str, str]
    next_before: str | None  # the id of the last call shown, where there are more


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with its legs and what was recorded of it."""

    conversation: Conversation
    legs: Sequence[ConversationLeg]
    recordings: Sequence[Recording]


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """A page of conversations, newest first; `next_before`: beginning and name of the last, where more are."""

    talks: Sequence[Talk]
    next_before: tuple[datetime, str] | None


def page(ports: Ports, owner_id: int, before: str | None = None) -> CallPage:
    """Return a page of an owner's calls, callbacks and paid calls of the PBX. Raises: NotFound (`before` is no call of
    theirs)."""
    before_n = None
    if before is not None:
        owner, before_n = split_call_id(before)
        if owner != owner_id:
            raise NotFound(what=f"call {before}")
    with ports.sessions.read() as db:
        found = call_rows.page(db, owner_id, before_n, PAGE + 1)
        calls = found[:PAGE]
        settled = {split_call_id(call.id)[1] for call in calls if call.state is CallState.SETTLED}
        cdrs = past_call_rows.cdrs_of(db, owner_id, settled) if settled else {}
        named = _conversations(db, owner_id, calls)
    views = [
        CallView(call, charge_call(call, cdrs.get(n, [])) if n in settled else None, None)
        for call in calls
        for n in [split_call_id(call.id)[1]]
    ]
    return CallPage(views, named, calls[-1].id if len(found) > PAGE else None)


def conversations(ports: Ports, owner_id: int, before: tuple[datetime, str] | None = None) -> ConversationPage:
    """Return a page of an owner's conversations of the PBX; `before`: beginning and name of the last one shown."""
    with ports.sessions.read() as db:
        found = conversation_rows.page(db, owner_id, Wish(), before, PAGE + 1)
        shown = found[:PAGE]
        legs = conversation_rows.legs_of(db, owner_id, [(one.switch, one.linked_id) for one in shown])
        kept = recording_rows.of_conversations(db, owner_id, [one.linked_id for one in shown])
    talks = [
        Talk(
            one,
            legs.get((one.switch, one.linked_id), []),
            [each for each in kept if (each.switch, each.linked_id) == (one.switch, one.linked_id)],
        )
        for one in shown
    ]
    return ConversationPage(talks, (shown[-1].began_at, shown[-1].linked_id) if len(found) > PAGE else None)


def conversation_of(ports: Ports, call: CallOrder) -> str | None:
    """Return the name of the conversation that a call is of; None for a callback."""
    if call.kind is CallKind.CALLBACK:
        return None
    with ports.sessions.read() as db:
        return _conversations(db, call.owner_id, [call]).get(call.id)


def _conversations(db: Session, owner_id: int, calls: Collection[CallOrder]) -> dict[str, str]:
    legs = {call.id: (call.switch, call.asked_by) for call in calls if call.asked_by}
    found = conversation_rows.linked_ids(db, owner_id, set(legs.values())) if legs else {}
    return {call_id: f"{leg[0]}/{found[leg]}" for call_id, leg in legs.items() if leg in found}
