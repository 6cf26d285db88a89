"""Words of the page of one subscriber: each state and unit has one."""

from collections.abc import Iterator
from typing import get_args

import pytest
from flask import Flask

from k5web.domain.accounts.subscriber import Block
from k5web.domain.messaging.notice import KINDS
from k5web.domain.money import Money
from k5web.domain.pbx.switch_tables import AheadKey
from k5web.storage.messaging.outbox_rows import SendingState
from k5web.web.desk import subscriber_words
from k5web.web.words import masked, phone
from tests.conftest import Clock


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    """Words are said in the language of a request."""
    with app.test_request_context("/desk"):
        yield


def test_each_state_of_a_message_has_a_word() -> None:
    for state in set(get_args(SendingState)) - {"decoy"}:
        assert subscriber_words.sending_word(state) != state


def test_each_kind_of_notice_has_words() -> None:
    for kind in (*KINDS, "code", "password"):
        assert subscriber_words.kind_word(kind) != kind
    assert subscriber_words.kind_word("new kind") == "new kind"


def test_each_hold_ahead_says_for_which_call_it_is() -> None:
    told = [
        subscriber_words.ahead_word(AheadKey(8841, "in", "78000000105")),
        subscriber_words.ahead_word(AheadKey(8841, "forward", "79161234567")),
    ]
    assert told == [
        f"впрок: на звонок на {phone('78000000105')}, пока K5 не отвечает",
        f"впрок: на переадресацию на {masked('79161234567')}, пока K5 не отвечает",
    ]


def test_sums_are_told_in_their_unit() -> None:
    sums = [Money(-2_20), Money(65, "SEC"), Money(-65, "SEC"), Money(1200, "SMS")]
    told = [subscriber_words.amount(each).replace("\N{NO-BREAK SPACE}", " ") for each in sums]
    assert told == ["−2,20 ₽", "1 мин 05 с", "−1 мин 05 с", "1 200 SMS"]


def test_each_stop_has_a_word() -> None:
    now = Clock()()
    words = {
        subscriber_words.block_word(Block(is_blocked, now, "staff:anna", "x", kind))
        for is_blocked in (True, False)
        for kind in ("block", "breach")
    }
    assert len(words) == 4


@pytest.mark.parametrize(
    ("digits", "shown"),
    [("79161234567", "+7 916 ***-**-67"), ("996555123456", "+996 5** *** *56"), ("4930123", "+4* ** *23")],
)
def test_of_a_phone_the_beginning_and_the_end_are_shown(digits: str, shown: str) -> None:
    plain = masked(digits).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")
    assert plain == shown
    assert plain.count("*") >= 3
