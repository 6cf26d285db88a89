"""Conversations in words: nobody is shown who hid, and everything that may happen has its word."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from k5web.domain.pbx.conversation import Conversation, ConversationLeg, ConversationOutcome, Person
from k5web.services.pbx.call_log import Shown, Talk
from k5web.web.pbx import talk_words
from k5web.web.words import masked

BEGAN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
IN = Conversation(
    1, "k5", "k5-1.77", "in", BEGAN, "74951110001", "79161234567", "74951110001", BEGAN + timedelta(seconds=90)
)
ANNA = {"u1-1": Person("201", "Анна")}


@dataclass
class Told:
    conversation: Conversation
    people: dict[str, Person] = field(default_factory=lambda: ANNA)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


@pytest.fixture(autouse=True)
def russian(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("79161234567", "+7 916 123-45-67"),
        ("", "номер скрыт"),
        ("u1-1", "201 Анна"),
        ("u1-9", "u1-9"),
        ("w1-0123456789abcdef", "браузер"),
        ("205", "205"),
    ],
)
def test_a_party_has_a_name(name: str, said: str) -> None:
    assert plain(talk_words.party(name, ANNA)) == said


def test_a_list_says_how_it_went() -> None:
    answered = replace(IN, answered_at=BEGAN + timedelta(seconds=10), answered_by="u1-1")
    words = {
        "входящий, ответил 201 Анна, 1 мин 20 с": replace(answered, outcome=ConversationOutcome.ANSWERED),
        "входящий, ответил 201 Анна, идёт": replace(answered, ended_at=None),
        "входящий, идёт": replace(IN, ended_at=None),
        "входящий, пропущен": replace(IN, outcome=ConversationOutcome.MISSED),
        "исходящий, не ответили": replace(IN, direction="out", outcome=ConversationOutcome.MISSED),
        "внутренний, 1 мин 20 с": replace(answered, direction="inside"),
    }
    assert {plain(talk_words.word(Told(one))) for one in words.values()} == words.keys()


@pytest.mark.parametrize(
    "outcome", sorted(set(ConversationOutcome) - {ConversationOutcome.ANSWERED, ConversationOutcome.FORWARDED})
)
def test_every_outcome_has_a_word_and_a_sentence(outcome: ConversationOutcome) -> None:
    told = Told(replace(IN, outcome=outcome))
    assert talk_words.word(told).count(",") == 1 or outcome is ConversationOutcome.MENU_LEFT
    assert talk_words.verdict(told).endswith(".")


def test_a_forward_says_who_answered() -> None:
    one = replace(IN, answered_at=BEGAN, answered_by="79160000200", outcome=ConversationOutcome.FORWARDED)
    assert plain(talk_words.verdict(Told(one))) == "Звонок переадресован: ответил +7 916 000-02-00."
    assert plain(talk_words.verdict(Told(replace(one, ended_at=None), {}), masked)).endswith("+7 916 ***-**-00.")
    assert talk_words.verdict(Told(replace(IN, ended_at=None))) == "Звонок ещё идёт."


@pytest.mark.parametrize(
    ("caller", "outcome", "number"),
    [
        ("79161234567", ConversationOutcome.MISSED, "79161234567"),
        ("", ConversationOutcome.MISSED, None),
        ("112", ConversationOutcome.MISSED, None),
        ("79161234567", ConversationOutcome.REFUSED, None),
        ("79161234567", ConversationOutcome.ANSWERED, None),
    ],
)
def test_a_missed_call_is_rung_back_where_a_number_was_shown(
    caller: str, outcome: ConversationOutcome, number: str | None
) -> None:
    assert talk_words.ring_back(Told(replace(IN, caller=caller, outcome=outcome))) == number


@pytest.mark.parametrize(
    ("one", "number"),
    [
        (replace(IN, caller="79161234567"), "79161234567"),
        (replace(IN, direction="out", caller="u1-1", called="74951234567"), "74951234567"),
        (replace(IN, direction="inside", caller="u1-1", called="79161234567"), None),
        (replace(IN, direction="out", called="u1-2"), None),
    ],
)
def test_whoever_is_outside_has_a_number(one: Conversation, number: str | None) -> None:
    assert talk_words.outside(Told(one)) == number


def test_legs_are_named_after_who_was_rung() -> None:
    legs = [
        ConversationLeg(1, "k5", "k5-1.77", "k5-1.77", BEGAN, "trunk", BEGAN, IN.ended_at),
        ConversationLeg(1, "k5", "k5-1.78", "k5-1.77", BEGAN, "u1-1", None, BEGAN),
        ConversationLeg(1, "k5", "k5-1.79", "k5-1.77", BEGAN, "u1-1", BEGAN),
        ConversationLeg(1, "k5", "k5-1.80", "k5-1.77", BEGAN, "u1-1"),
    ]
    talk = Talk(IN, legs, {}, ANNA)
    assert talk_words.leg_word(replace(legs[0], answered_at=None), talk) == "звонил"
    told = [(plain(talk_words.leg_name(leg, talk)), plain(talk_words.leg_word(leg, talk))) for leg in legs]
    assert told == [
        ("+7 916 123-45-67", "на связи 1 мин 30 с"),
        ("201 Анна", "не ответил"),
        ("201 Анна", "идёт"),
        ("201 Анна", "вызывается"),
    ]


def test_every_kind_of_list_has_a_word() -> None:
    assert talk_words.kinds().keys() == set(Shown)
