"""A token of a subscriber's own program: how it is written, and what still opens."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k5web.domain.accounts import token
from k5web.domain.accounts.token import ApiToken, TokenRecord

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SELECTOR, SECRET = "s" * 16, "-" * 43
RECORD = TokenRecord(ApiToken("abc", 7, "Сайт", True, NOW, None), b"h" * 32, ended_at=None)


def test_a_token_is_a_selector_and_a_secret_half_behind_our_mark() -> None:
    assert token.split(f"k5_{SELECTOR}.{SECRET}") == (SELECTOR, SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k5_",
        "k5_.",
        f"{SELECTOR}.{SECRET}",  # a browser's cookie
        f"K5_{SELECTOR}.{SECRET}",
        f"k5_k5_{SELECTOR}.{SECRET}",
        f"k5_{SELECTOR}{SECRET}",
        f"k5_{SELECTOR}.{SECRET}x",
        f"k5_{SELECTOR}.{SECRET[1:]}",
        f"k5_{SELECTOR}.{SECRET}.",
        f"k5_{SELECTOR[1:]}.{SECRET}",
        f" k5_{SELECTOR}.{SECRET}",
        f"k5_{SELECTOR}.{SECRET[1:]}\u0430",
    ],
)
def test_what_is_written_otherwise_is_no_token(text: str) -> None:
    assert token.split(text) is None


def test_a_token_opens_by_its_own_secret_until_it_is_ended() -> None:
    assert RECORD.is_good(b"h" * 32)
    assert not RECORD.is_good(b"h" * 31)
    assert not RECORD.is_good(b"i" * 32)
    assert not replace(RECORD, ended_at=NOW).is_good(b"h" * 32)


def test_a_program_may_ask_more_often_than_it_may_order() -> None:
    assert token.ASKING.every < token.ORDERING.every
    assert token.ASKING.at_once > token.ORDERING.at_once
