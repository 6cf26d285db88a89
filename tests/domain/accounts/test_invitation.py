"""Until when and for how many a link is good."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from k5web.domain.accounts.invitation import LIFE, MOST_JOIN, Invitation, is_code

MADE = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LINK = Invitation("a" * 16, 100001, MADE, MADE + LIFE)


def test_a_link_is_good_for_its_term_until_revoked_or_used_up() -> None:
    last = MADE + LIFE - timedelta(seconds=1)
    assert LINK.is_good(last)
    assert not LINK.is_good(MADE + LIFE)
    assert not replace(LINK, revoked_at=MADE).is_good(MADE)
    assert replace(LINK, joined=MOST_JOIN - 1).is_good(last)
    assert not replace(LINK, joined=MOST_JOIN).is_good(last)


def test_what_cannot_be_a_code_is_not_looked_up() -> None:
    assert is_code("a-_Z09bcdefghijk")
    assert not any(map(is_code, ("", "a" * 15, "a" * 17, "a" * 15 + "!", "я" * 16)))
