"""A database that was brought back is known as one, and no process that stays writes into it."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select, text

from k5web.errors import HouseRestored
from k5web.storage import restored
from k5web.storage.restored import standing
from k5web.storage.session import Sessions
from k5web.storage.tables import HouseRow
from tests.tamper import tampering


def write(sessions: Sessions) -> None:
    with sessions.begin() as db:
        db.execute(text("UPDATE allocator SET next_id = next_id + 1 WHERE kind = 'invoice'"))


def place(sessions: Sessions) -> str | None:
    with sessions.read() as db:
        return db.scalars(select(HouseRow.place)).one()


def test_a_new_database_is_open_and_notes_where_it_is(sessions: Sessions) -> None:
    restored.guard(sessions)
    write(sessions)
    with sessions.read() as db:
        found = standing(db)
    assert (found.is_shut, found.was) == (False, found.here)


@pytest.mark.parametrize("elsewhere", ["1/2", "1/2 2026-11-30 12:00:00+03"])
def test_one_that_was_opened_elsewhere_is_read_and_not_written(
    sessions: Sessions, database_url: str, elsewhere: str
) -> None:
    with tampering(database_url) as connection:
        connection.execute(text("UPDATE house SET place = :place"), {"place": elsewhere})
    restored.guard(sessions)
    for _ in range(2):
        with pytest.raises(HouseRestored):
            write(sessions)
    assert place(sessions) == elsewhere
    sessions.gate = None
    with sessions.begin() as db:
        restored.settle(db, standing(db).here)
    restored.guard(sessions)
    write(sessions)


def test_a_copied_file_says_that_it_is_one(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    with sqlite3.connect(file) as copy:
        restored.mark_copy(copy)
        assert copy.execute("SELECT place FROM house").fetchall() == [(restored.A_COPY,)]
        copy.execute("ALTER TABLE house DROP COLUMN place")
        restored.mark_copy(copy)  # one of an older version has no place for it
    copy.close()
