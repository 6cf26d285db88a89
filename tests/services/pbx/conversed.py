"""Conversations in a house of tests, as the import of a switch's records writes them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from k5web.domain.calls.call import CallKind, CallOrder, split_call_id
from k5web.domain.pbx.conversation import Conversation, ConversationLeg, ConversationOutcome
from k5web.storage.pbx import conversation_rows
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import CallRow, PbxUserRow, SipAccountRow
from tests.services.house import House

SWITCH, NUMBER, CALLER = "k5", "74951110001", "79167654321"


def converse(k5: House, name: str, outcome: ConversationOutcome = ConversationOutcome.ANSWERED, **known: Any) -> str:
    """Write a conversation of this moment, 40 s long, answered by Anna after 5 where it was; return its name."""
    began = k5.clock()
    one = Conversation(k5.caller.id, SWITCH, name, "in", began, NUMBER, CALLER, NUMBER, began + timedelta(seconds=40))
    legs = [ConversationLeg(k5.caller.id, SWITCH, name, name, began, "trunk", None, one.ended_at, 16)]
    if outcome.is_reached:
        answered = began + timedelta(seconds=5)
        one = replace(one, answered_at=answered, answered_by="u1-1")
        legs[0] = replace(legs[0], answered_at=answered)
    one = replace(one, outcome=outcome, **known)
    with k5.ports.sessions.begin() as db:
        _put_anna(db, k5)
        conversation_rows.hear(db, [one])
        conversation_rows.hear_legs(db, legs)
    return name


def paid_by(k5: House, name: str, call: CallOrder, kind: CallKind) -> None:
    """Let this call pay for a leg of a conversation, or for one that is not known where it has no name."""
    n = split_call_id(call.id)[1]
    with k5.ports.sessions.begin() as db:
        asked = {"kind": kind, "asked_by": name or "k5-0.9", "switch": SWITCH}
        db.execute(update(CallRow).where(CallRow.owner_id == call.owner_id, CallRow.n == n).values(**asked))
        if name:
            leg = ConversationLeg(call.owner_id, SWITCH, f"{name}1", name, k5.clock(), "trunk", call_n=n)
            conversation_rows.hear_legs(db, [leg])


def _put_anna(db: Any, k5: House) -> None:
    user = {"owner_id": k5.caller.id, "n": 1, "extension": "201", "title": "Анна", "added_at": k5.clock()}
    account = {"owner_id": k5.caller.id, "login": "u1-1", "kind": "phone", "user_n": 1, "password_digest": "0" * 32}
    db.execute(insert_or_nothing(PbxUserRow, "owner_id", "n").values(**user))
    db.execute(insert_or_nothing(SipAccountRow, "owner_id", "login").values(**account, added_at=k5.clock()))
