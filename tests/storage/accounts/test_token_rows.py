"""Tokens of subscribers' programs as rows, on both databases."""

from datetime import UTC, datetime, timedelta

from k5web.domain.accounts.token import ApiToken, TokenRecord
from k5web.storage.accounts import token_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def token(selector: str, owner_id: int = 1, made_at: datetime = NOW) -> ApiToken:
    return ApiToken(selector, owner_id, "CRM", may_call=True, created_at=made_at, last_used_at=None)


def test_a_token_comes_back_with_what_proves_it_also_when_it_is_ended(sessions: Sessions) -> None:
    with sessions.begin() as db:
        token_rows.add(db, token("a"), b"hash")
    with sessions.begin() as db:
        assert token_rows.find(db, "a") == TokenRecord(token("a"), b"hash", None)
        token_rows.touch(db, "a", NOW)
        assert not token_rows.end(db, 2, "a", NOW), "somebody else's"
        assert token_rows.end(db, 1, "a", NOW)
        assert not token_rows.end(db, 1, "a", NOW + timedelta(hours=1))
    with sessions.read() as db:
        found = token_rows.find(db, "a")
        assert found is not None
        assert (found.ended_at, found.token.last_used_at) == (NOW, NOW)
        assert token_rows.find(db, "b") is None


def test_the_living_ones_are_listed_newest_first_and_end_together(sessions: Sessions) -> None:
    with sessions.begin() as db:
        token_rows.add(db, token("old"), b"1")
        token_rows.add(db, token("new", made_at=NOW + timedelta(days=1)), b"2")
        token_rows.add(db, token("theirs", owner_id=2), b"3")
    with sessions.begin() as db:
        assert [found.selector for found in token_rows.live(db, 1)] == ["new", "old"]
        assert token_rows.end_all(db, 1, NOW) == 2
        assert token_rows.end_all(db, 1, NOW) == 0
        assert (token_rows.live(db, 1), len(token_rows.live(db, 2))) == ([], 1)
