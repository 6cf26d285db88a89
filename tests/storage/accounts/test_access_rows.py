"""Which staff read whose data: appended, never changed."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from k5web.storage.accounts import access_rows
from k5web.storage.accounts.access_rows import StaffAccess
from k5web.storage.session import Sessions

ONE = StaffAccess(datetime(2026, 12, 1, 9, 0, tzinfo=UTC), "staff:anna", "k5 subscriber show", "claim 12")


def test_each_reading_is_kept_and_cannot_be_changed_or_deleted(sessions: Sessions) -> None:
    with sessions.begin() as db:
        access_rows.add(db, 1, ONE)
        access_rows.add(db, 1, ONE)
        access_rows.add(db, 2, ONE)
    with sessions.read() as db:
        assert access_rows.history(db, 1) == [ONE, ONE]
    for statement in ("UPDATE staff_access SET actor = 'nobody'", "DELETE FROM staff_access"):
        with pytest.raises(DatabaseError), sessions.begin() as db:
            db.execute(text(statement))
