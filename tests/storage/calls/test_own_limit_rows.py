"""Subscribers' own limits as rows, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from k5web.domain.calls.own_limit import OwnLimit
from k5web.storage.calls import own_limit_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_a_limit_comes_back_as_written_and_the_newest_counts(sessions: Sessions) -> None:
    newest = OwnLimit("to:KG", 0, None, NOW)
    with sessions.begin() as db:
        own_limit_rows.keep(db, 7, OwnLimit("to:KG", 5))
        own_limit_rows.keep(db, 7, newest)
        own_limit_rows.keep(db, 8, OwnLimit("day", 1))
    with sessions.read() as db:
        assert own_limit_rows.of_owner(db, 7) == {"to:KG": newest}
        assert own_limit_rows.of_owner(db, 9) == {}


@pytest.mark.parametrize("wrong", [OwnLimit("day", -1), OwnLimit("day", 1, -1, NOW)])
def test_no_limit_is_below_nothing(sessions: Sessions, wrong: OwnLimit) -> None:
    with pytest.raises(IntegrityError), sessions.begin() as db:
        own_limit_rows.keep(db, 7, wrong)
