"""Conversations as rows, on both databases: heard in parts, listed newest first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from k5web.domain.pbx.conversation import Conversation, ConversationLeg, ConversationOutcome
from k5web.storage.pbx import conversation_rows
from k5web.storage.pbx.conversation_rows import Wish
from k5web.storage.session import Sessions
from tests.plans import plans

OWNER = 8841
BEGAN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FIRST = Conversation(OWNER, "k5", "k5-1.77", "in", BEGAN, "74951110001", "79161234567", "74951110001")


def at(seconds: int) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def later(seconds: int, name: str, **known: Any) -> Conversation:
    return replace(FIRST, began_at=at(seconds), linked_id=name, **known)


def test_a_conversation_is_heard_in_parts_and_twice(sessions: Sessions) -> None:
    answer = replace(FIRST, direction="inside", caller="", number="", called="", began_at=at(4), answered_at=at(4))
    answer = replace(answer, answered_by="u8841-1", outcome=ConversationOutcome.ANSWERED)
    end = replace(answer, began_at=at(60), answered_at=None, answered_by="", outcome=None, ended_at=at(60))
    with sessions.begin() as db:
        conversation_rows.hear(db, [answer])  # before the record that says who rang
        conversation_rows.hear(db, [end, FIRST, answer])
        conversation_rows.hear(db, [end])
    with sessions.read() as db:
        whole = conversation_rows.find(db, OWNER, "k5", "k5-1.77")
        assert whole == replace(
            FIRST, answered_at=at(4), answered_by="u8841-1", outcome=ConversationOutcome.ANSWERED, ended_at=at(60)
        )
        assert conversation_rows.find(db, OWNER + 1, "k5", "k5-1.77") is None


def test_legs_are_heard_in_parts_and_told_by_their_conversation(sessions: Sessions) -> None:
    leg = ConversationLeg(OWNER, "k5", "k5-1.78", "k5-1.77", at(1), "u8841-1")
    paid = ConversationLeg(OWNER, "k5", "k5-1.79", "k5-1.77", at(2), "trunk-a", call_n=17)
    answered = replace(leg, endpoint="", started_at=at(4), answered_at=at(4))
    gone = replace(leg, linked_id="k5-0.5", started_at=at(9), ended_at=at(9), cause=16)
    with sessions.begin() as db:
        conversation_rows.hear_legs(db, [gone, paid])
        conversation_rows.hear_legs(db, [answered, leg, gone])
    whole = replace(leg, answered_at=at(4), ended_at=at(9), cause=16)
    with sessions.read() as db:
        assert conversation_rows.legs(db, OWNER, "k5", "k5-1.77") == [whole, paid]
        assert conversation_rows.legs_of(db, OWNER + 1, [("k5", "k5-1.77")]) == {}
        assert conversation_rows.legs_of(db, OWNER, []) == {}
        names = conversation_rows.linked_ids(db, OWNER, [("k5", "k5-1.78"), ("k5", "k5-1.99")])
        assert names == {("k5", "k5-1.78"): "k5-1.77"}
        assert conversation_rows.linked_ids(db, OWNER, []) == {}


def test_lists_are_paged_and_wished_for(sessions: Sessions) -> None:
    missed = later(10, "k5-2.1", ended_at=at(20), outcome=ConversationOutcome.MISSED)
    twin = later(10, "k5-2.2", direction="out", ended_at=at(20), outcome=ConversationOutcome.MISSED)
    alien = replace(missed, owner_id=OWNER + 1, linked_id="k5-9.9")
    with sessions.begin() as db:
        conversation_rows.hear(db, [twin, missed, FIRST, alien])
    with sessions.read() as db:
        page = conversation_rows.page(db, OWNER, Wish(), None, 2)
        assert page == [twin, missed]
        assert conversation_rows.page(db, OWNER, Wish(), (page[1].began_at, page[1].linked_id)) == [FIRST]
        oldest = conversation_rows.after(db, OWNER, Wish(), None, 2)
        assert oldest == [FIRST, missed]
        assert conversation_rows.after(db, OWNER, Wish(), (oldest[1].began_at, oldest[1].linked_id)) == [twin]
        assert conversation_rows.page(db, OWNER, Wish(is_missed=True)) == [missed]
        assert conversation_rows.page(db, OWNER, Wish(direction="out")) == [twin]
        assert conversation_rows.page(db, OWNER, Wish((at(0), at(10)))) == [FIRST]
        assert conversation_rows.count(db, OWNER, Wish((at(0), at(11)))) == 3


def test_conversations_with_a_number_are_found_by_whoever_rang_or_was_rung(sessions: Sessions) -> None:
    """By an index of each, so that a long past of other talks costs nothing."""
    out = later(10, "k5-2.1", direction="out", caller="u8841-1", called=FIRST.caller)
    to_us = later(20, "k5-2.2", caller="79160000001", called=FIRST.caller)  # that number is ours here
    legs = [
        ConversationLeg(OWNER, "k5", name, linked, at(1), "trunk-a", call_n=n)
        for name, linked, n in (("k5-1.78", "k5-1.77", 4), ("k5-2.9", "k5-2.1", 5), ("k5-2.3", "k5-2.2", 6))
    ]
    with sessions.begin() as db:
        conversation_rows.hear(db, [FIRST, out, to_us, replace(FIRST, owner_id=OWNER + 1)])
        conversation_rows.hear_legs(db, [*legs, replace(legs[0], leg_uuid="k5-1.79", call_n=None)])
    wish = Wish(other=FIRST.caller)
    with plans(sessions) as statements, sessions.read() as db:
        assert conversation_rows.page(db, OWNER, wish) == [out, FIRST]
        assert conversation_rows.after(db, OWNER, wish) == [FIRST, out]
        assert conversation_rows.count(db, OWNER, wish) == 2
    assert {step.index for _statement, steps in statements for step in steps} == {
        "ix_conversation_caller",
        "ix_conversation_called",
    }
    with sessions.read() as db:
        assert conversation_rows.page(db, OWNER, wish, limit=1) == [out]
        assert conversation_rows.after(db, OWNER, wish, (FIRST.began_at, FIRST.linked_id)) == [out]
        assert conversation_rows.calls_with(db, OWNER, FIRST.caller) == [4, 5]
        assert conversation_rows.page(db, OWNER, Wish(direction="out", other=FIRST.caller)) == [out]
