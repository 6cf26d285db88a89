"""Organisations' PBX as rows, on both databases."""

from datetime import UTC, datetime, timedelta

from k5web.domain.pbx.organisation import Organisation
from k5web.storage.pbx import pbx_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_each_change_is_one_version_more(sessions: Sessions) -> None:
    later = NOW + timedelta(minutes=1)
    with sessions.begin() as db:
        assert pbx_rows.find(db, 7) is None
        assert [pbx_rows.touch(db, 7, NOW), pbx_rows.touch(db, 7, later), pbx_rows.touch(db, 8, NOW)] == [1, 2, 1]
    with sessions.read() as db:
        assert pbx_rows.find(db, 7) == Organisation(7, 2, later)
        assert pbx_rows.find(db, 8) == Organisation(8, 1, NOW)
