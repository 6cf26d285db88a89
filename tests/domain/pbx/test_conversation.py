"""Conversations put together from their parts: in any order, as often as they come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.pbx.conversation import Conversation, ConversationLeg, ConversationOutcome, how_it_ended

BEGAN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
IN = Conversation(
    8841, "k5", "k5-1.77", "in", BEGAN, "74951110001", "79161234567", "74951110001", rule_version="8841r3"
)
PART = replace(IN, direction="inside", number="", caller="", called="", rule_version="")
LEG = ConversationLeg(8841, "k5", "k5-1.78", "k5-1.77", BEGAN)

moments = st.integers(0, 90).map(lambda seconds: BEGAN + timedelta(seconds=seconds))
outcomes = st.none() | st.sampled_from(ConversationOutcome)
answers = st.tuples(moments, st.sampled_from(["u8841-1", "u8841-2", "79160000200"]))
parts = st.builds(
    lambda one, at, ended, answer, outcome: replace(
        one, began_at=at, ended_at=ended, answered_at=answer[0], answered_by=answer[1], outcome=outcome
    ),
    st.sampled_from([IN, PART, replace(PART, direction="out")]),
    moments,
    st.none() | moments,
    st.just((None, "")) | answers,
    outcomes,
)
leg_parts = st.builds(
    lambda at, linked_id, answered, ended, cause, call_n: replace(
        LEG, started_at=at, linked_id=linked_id, answered_at=answered, ended_at=ended, cause=cause, call_n=call_n
    ),
    moments,
    st.sampled_from(["k5-1.75", "k5-1.77"]),
    st.none() | moments,
    st.none() | moments,
    st.none() | st.integers(0, 127),
    st.none() | st.just(17),
)


@given(st.lists(parts, min_size=1, max_size=6), st.randoms())
def test_parts_of_a_conversation_make_the_same_whole_in_any_order_and_twice(
    told: list[Conversation], order: Random
) -> None:
    whole = reduce(Conversation.joined, told).joined(told[0])
    again = [*told, *told]
    order.shuffle(again)
    assert reduce(Conversation.joined, again) == whole


@given(st.lists(leg_parts, min_size=1, max_size=6), st.randoms())
def test_parts_of_a_leg_make_the_same_whole_in_any_order_and_twice(told: list[ConversationLeg], order: Random) -> None:
    whole = reduce(ConversationLeg.joined, told).joined(told[0])
    again = [*told, *told]
    order.shuffle(again)
    assert reduce(ConversationLeg.joined, again) == whole


def test_who_answered_first_answered_the_conversation() -> None:
    early = replace(PART, answered_at=BEGAN + timedelta(seconds=5), answered_by="u8841-1")
    late = replace(PART, answered_at=BEGAN + timedelta(seconds=60), answered_by="79160000200")
    missed = replace(PART, ended_at=BEGAN + timedelta(seconds=90), outcome=ConversationOutcome.MISSED)
    whole = IN.joined(late).joined(missed).joined(early)
    assert (whole.answered_by, whole.outcome, whole.talk_s) == ("u8841-1", ConversationOutcome.ANSWERED, 85)
    assert IN.joined(late).outcome is ConversationOutcome.FORWARDED


def test_an_outgoing_call_that_a_number_answers_is_answered_and_not_forwarded() -> None:
    out = replace(PART, direction="out")
    answer = replace(PART, answered_at=BEGAN, answered_by="79160000200")
    assert out.joined(answer).outcome is ConversationOutcome.ANSWERED


def test_a_leg_stays_with_the_conversation_it_began_in_whatever_a_transfer_made_of_its_name() -> None:
    transferred = replace(LEG, linked_id="k5-0.73", started_at=BEGAN + timedelta(seconds=9), ended_at=BEGAN)
    assert LEG.joined(transferred).linked_id == "k5-1.77"


@pytest.mark.parametrize(
    ("dial_status", "cause", "why", "outcome"),
    [
        ("ANSWER", 16, "", ConversationOutcome.ANSWERED),
        ("NOANSWER", 16, "", ConversationOutcome.MISSED),
        ("CANCEL", 0, "", ConversationOutcome.MISSED),
        ("CHANUNAVAIL", 20, "", ConversationOutcome.MISSED),
        ("BUSY", 17, "", ConversationOutcome.BUSY),
        ("CONGESTION", 21, "funds", ConversationOutcome.NO_MONEY),
        ("", 21, "funds", ConversationOutcome.NO_MONEY),
        ("CONGESTION", 21, "silent", ConversationOutcome.MISSED),
        ("", 21, "", ConversationOutcome.REFUSED),
        ("", 16, "", ConversationOutcome.MENU_LEFT),
        ("", None, "", ConversationOutcome.MENU_LEFT),
    ],
)
def test_the_last_record_of_who_rang_says_how_it_ended(
    dial_status: str, cause: int | None, why: str, outcome: ConversationOutcome
) -> None:
    assert how_it_ended(dial_status, cause, why) is outcome


def test_a_missed_call_came_in_is_over_and_reached_no_person() -> None:
    """B7: whoever is black-listed is not to be rung back."""
    over = replace(IN, ended_at=BEGAN)
    missed = {outcome for outcome in ConversationOutcome if replace(over, outcome=outcome).is_missed}
    assert set(ConversationOutcome) - missed == {
        ConversationOutcome.ANSWERED,
        ConversationOutcome.FORWARDED,
        ConversationOutcome.REFUSED,
    }
    assert not replace(IN, outcome=ConversationOutcome.MISSED).is_missed
    assert not replace(over, direction="out", outcome=ConversationOutcome.MISSED).is_missed
