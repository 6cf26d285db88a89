"""Rows of endings: one stands for a subscriber, and it is done or withdrawn once."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from k5web.domain.accounts.ending import Ending
from k5web.storage.accounts import ending_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
WISHED = Ending(1, 0, "subscriber", NOW, date(2026, 12, 31), "subscriber:1", "")


def test_one_ending_stands_and_is_carried_out_once(sessions: Sessions) -> None:
    with sessions.begin() as db:
        added = ending_rows.add(db, WISHED)
    assert added == replace(WISHED, n=1)
    with pytest.raises(IntegrityError), sessions.begin() as db:
        ending_rows.add(db, WISHED)
    with sessions.begin() as db:
        assert ending_rows.open_until(db, date(2026, 12, 31)) == []
        assert ending_rows.open_until(db, date(2027, 1, 1)) == [added]
        assert [ending_rows.note_done(db, added, NOW) for _ in range(2)] == [True, False]
        assert not ending_rows.withdraw(db, added, NOW), "it was seen before it was done"
        assert ending_rows.open_until(db) == []
        assert ending_rows.standing(db, 1) == replace(added, done_at=NOW)


def test_what_was_withdrawn_is_history(sessions: Sessions) -> None:
    with sessions.begin() as db:
        first = ending_rows.add(db, WISHED)
        assert [ending_rows.withdraw(db, first, NOW) for _ in range(2)] == [True, False]
        assert not ending_rows.note_done(db, first, NOW)
        assert ending_rows.standing(db, 1) is None
        second = ending_rows.add(db, WISHED)
        assert ending_rows.of_owner(db, 1) == [replace(first, withdrawn_at=NOW), second]
        assert ending_rows.standing_of(db, [1, 2]) == [second]
