"""Webhooks: which addresses may be told, what of a conversation is news, how it is signed and repeated. B7, S15."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.pbx.conversation import Conversation, ConversationOutcome
from k5web.domain.pbx.webhook import (
    LONGEST_SITE,
    PAUSES,
    Delivery,
    HookAnswer,
    HookEvent,
    facts_of,
    news,
    next_try,
    sign,
    site_of,
    web_address,
)
from k5web.errors import WrongHook

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
RINGS = Conversation(1, "k5", "k5-1.1", "in", NOW, "74951110002", "79161234567", "74951110002")
TALKS = replace(RINGS, answered_at=NOW + timedelta(seconds=5), answered_by="u1-1", outcome=ConversationOutcome.ANSWERED)
OVER = replace(TALKS, ended_at=NOW + timedelta(seconds=65))
MISSED = replace(RINGS, ended_at=NOW + timedelta(seconds=30), outcome=ConversationOutcome.MISSED)
LATER = NOW + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://crm.example.ru/k5", "https://crm.example.ru/k5"),
        (" https://CRM.example.ru ", "https://crm.example.ru/"),
        ("https://crm.example.ru:443/k5?key=a%20b", "https://crm.example.ru/k5?key=a%20b"),
        ("https://црм.рф/k5", "https://xn--l1ahr.xn--p1ai/k5"),
    ],
)
def test_an_address_is_kept_as_machines_write_it(typed: str, kept: str) -> None:
    assert web_address(typed, is_tryout=False) == kept


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "form"),
        ("crm.example.ru", "form"),
        ("ftp://crm.example.ru/", "form"),
        ("file:///etc/passwd", "form"),
        ("gopher://crm.example.ru/", "form"),
        ("https://user:password@crm.example.ru/", "form"),
        ("https://crm.example.ru@10.0.0.1/", "form"),
        ("https://crm.example.ru\\@10.0.0.1/", "form"),
        ("https://crm.example.ru/#part", "form"),
        ("https://crm.example.ru/a b", "form"),
        ("https://crm.example.ru/a\r\nHost: x", "form"),
        ("https://[::1", "form"),
        ("https://crm.example.ru:99999/", "form"),
        (f"https://crm.example.ru/{'a' * 500}", "form"),
        (f"https://{'a' * 64}.ru/", "form"),
        ("http://crm.example.ru/", "https"),
        ("https://crm.example.ru:8443/", "https"),
        ("https://crm.example.ru:80/", "https"),
        ("https://127.0.0.1/", "name"),
        ("https://[::1]/", "name"),
        ("https://2130706433/", "name"),
        ("https://0x7f000001/", "name"),
        ("https://0177.0.0.1/", "name"),
        ("https://127.1/", "name"),
        ("https://localhost/", "name"),
        ("https://crm.example.ru./", "name"),
        ("https://-crm.example.ru/", "name"),
        ("https://a_b.example.ru/", "name"),
    ],
)
def test_what_is_no_address_of_the_internet_is_refused(typed: str, reason: str) -> None:
    with pytest.raises(WrongHook) as caught:
        web_address(typed, is_tryout=False)
    assert caught.value.facts["reason"] == reason


def test_any_address_may_be_told_where_k5_is_tried() -> None:
    assert web_address("http://127.0.0.1:9000/hook", is_tryout=True) == "http://127.0.0.1:9000/hook"
    assert web_address("http://[::1]:9000", is_tryout=True) == "http://[::1]:9000/"


def test_an_address_is_named_shortly_in_a_message() -> None:
    assert site_of("https://crm.example.ru/k5?x=1") == "crm.example.ru"
    long = site_of(f"https://{'a' * 60}.example.ru/")
    assert (len(long), long[-1]) == (LONGEST_SITE, "…")


def test_a_message_is_signed_over_its_moment_and_its_body() -> None:
    header = sign("k5h_secret", 1796117400, b'{"id":"x"}')
    digest = hmac.new(b"k5h_secret", b'1796117400.{"id":"x"}', hashlib.sha256).hexdigest()
    assert header == f"t=1796117400,v1={digest}"


def test_a_message_is_told_again_after_growing_pauses_then_given_up() -> None:
    assert [pause.total_seconds() / 60 for pause in PAUSES] == [1, 5, 30, 120, 360]
    assert [next_try(n, NOW) for n in range(1, 6)] == [NOW + pause for pause in PAUSES]
    assert next_try(6, NOW) is None


def test_only_what_says_yes_is_a_success() -> None:
    assert [HookAnswer(status).is_success for status in (200, 204, 301, 302, 404, 500, None)] == [
        True, True, False, False, False, False, False,
    ]  # fmt: skip


def test_each_step_of_a_conversation_is_news_once() -> None:
    told: list[str] = []
    for at, conversation, expected in [
        (NOW, RINGS, ["ringing"]),
        (NOW, RINGS, []),
        (NOW + timedelta(seconds=5), TALKS, ["answered"]),
        (NOW + timedelta(seconds=66), OVER, []),  # the records of its end may still come
        (NOW + timedelta(seconds=67), OVER, ["ended"]),
        (LATER, OVER, []),
    ]:
        events, told = news(conversation, told, at)
        assert events == expected
    assert told == ["ringing", "answered", "ended"]


def test_a_call_that_nobody_took_is_missed_and_ended() -> None:
    assert news(MISSED, ["ringing"], LATER) == ([HookEvent.MISSED, HookEvent.ENDED], ["ringing", "missed", "ended"])


def test_that_it_rang_is_no_news_afterwards() -> None:
    assert news(OVER, [], LATER)[0] == [HookEvent.ANSWERED, HookEvent.ENDED]
    assert news(RINGS, [], NOW + timedelta(minutes=2)) == ([], [])


def test_a_talk_inside_is_nobodys_news() -> None:
    inside = replace(OVER, direction="inside")
    assert news(replace(inside, ended_at=None), [], NOW) == ([], [])
    assert news(inside, [], LATER) == ([], ["ended"])


def test_the_body_says_who_when_and_where_it_is_heard() -> None:
    facts = facts_of(OVER, ["https://k5.example/me/recordings/k5/rec-1-k5-1.1.alaw"])
    delivery = Delivery(1, 1, "ended k5 k5-1.1", "ended", facts, NOW, NOW)
    assert json.loads(delivery.body) == {
        "id": "ended k5 k5-1.1",
        "event": "ended",
        "at": "2026-12-01T09:00:00+00:00",
        "conversation": {
            "id": "k5/k5-1.1",
            "direction": "in",
            "number": "74951110002",
            "caller": "79161234567",
            "called": "74951110002",
            "began_at": "2026-12-01T09:00:00+00:00",
            "answered_at": "2026-12-01T09:00:05+00:00",
            "answered_by": "u1-1",
            "ended_at": "2026-12-01T09:01:05+00:00",
            "outcome": "answered",
            "talk_s": 60,
            "recordings": ["https://k5.example/me/recordings/k5/rec-1-k5-1.1.alaw"],
        },
    }
    assert delivery.body == replace(delivery, attempts=3, due_at=LATER).body
