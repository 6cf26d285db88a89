"""A database that was brought back is known as one, and no process that stays writes into it."""

import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import select, text

from k5web.errors import DatabaseTrouble, HouseRestored
from k5web.storage import restored, schema, session
from k5web.storage.restored import standing
from k5web.storage.session import Sessions, open_sessions
from k5web.storage.tables import HouseRow
from tests.tamper import tampering


def write(sessions: Sessions) -> None:
    with sessions.begin() as db:
        db.execute(text("UPDATE allocator SET next_id = next_id + 1 WHERE kind = 'invoice'"))


def put_back(url: str, was: str = "1/2") -> None:
    """Have this database say that it was opened elsewhere."""
    with tampering(url) as connection:
        connection.execute(text("UPDATE house SET place = :place"), {"place": was})


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
    put_back(database_url, elsewhere)
    restored.guard(sessions)
    for _ in range(2):
        with pytest.raises(HouseRestored):
            write(sessions)
    assert restored.opened_as(place(sessions)) == elsewhere
    sessions.gate = None
    with sessions.begin() as db:
        restored.settle(db, standing(db).here)
    restored.guard(sessions)
    write(sessions)


def test_the_database_put_back_under_a_process_that_was_open_is_seen_by_its_next_connection(
    sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ASK_AGAIN_S", 3600.0)
    restored.guard(sessions)
    write(sessions)
    put_back(database_url)
    sessions.dispose()  # the server went away and came again
    with pytest.raises(HouseRestored):
        write(sessions)


def test_a_house_that_a_person_shuts_is_shut_in_processes_that_work(
    sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ASK_AGAIN_S", 0.0)
    restored.guard(sessions)
    write(sessions)
    opened = place(sessions)
    with sessions.begin() as db:
        restored.shut(db)
    with pytest.raises(HouseRestored):
        write(sessions)
    with pytest.raises(HouseRestored):
        sessions.ask()
    assert restored.opened_as(place(sessions)) == opened


def test_who_acts_outside_the_database_asks_seldom(
    sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions.ask()  # without a gate everybody may
    restored.guard(sessions)
    sessions.ask()
    put_back(database_url)
    sessions.ask()
    monkeypatch.setattr(time, "monotonic", lambda: 10.0**9)
    with pytest.raises(HouseRestored):
        sessions.ask()


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("was", "is_shut"),
    [
        ("{base}", False),  # by an older version
        ("{base} table={table}", False),
        ("{base} table={table} 2026-11-30 12:00:00+03", False),
        ("{base} 2026-11-30 12:00:00+03", False),
        ("{base} table=1", True),
        ("1/2 table={table}", True),
        ("shut {base} table={table}", True),
    ],
)
def test_the_tables_of_a_dump_are_others_in_the_same_database(postgres_url: str, was: str, is_shut: bool) -> None:
    """`pg_restore --clean` makes them anew."""
    sessions = open_sessions(postgres_url, postgres_url)
    with sessions.read() as db:
        base, table = str(standing(db).here).split(" table=")
    was = was.format(base=base, table=table)
    with tampering(postgres_url) as connection:
        connection.execute(text("UPDATE house SET place = :place"), {"place": was})
    restored.guard(sessions)
    if is_shut:
        with pytest.raises(HouseRestored):
            write(sessions)
        assert place(sessions) == f"shut {was.removeprefix('shut ')}", "what was found is kept"
    else:
        write(sessions)
        moment = was.partition(" 2026-")[1:]
        assert place(sessions) == f"{base} table={table}{''.join(moment)}"
    sessions.dispose()


def test_what_a_person_said_meanwhile_is_not_written_over(sessions: Sessions, database_url: str) -> None:
    put_back(database_url)
    gate = restored.Gate(sessions)
    with sessions.read() as db:
        found = standing(db)
    with sessions.begin() as db:
        restored.settle(db, found.here)
    gate._note(found.was, "shut")
    assert place(sessions) == found.here


def test_a_copied_file_says_that_it_is_one(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    with sqlite3.connect(file) as copy:
        restored.mark_copy(copy)
        assert copy.execute("SELECT place FROM house").fetchall() == [(restored.A_COPY,)]
        copy.execute("ALTER TABLE house DROP COLUMN place")
        restored.mark_copy(copy)  # one of an older version has no place for it
    copy.close()


def test_a_house_whose_row_is_gone_is_told_in_words_and_by_the_check(database_url: str) -> None:
    with tampering(database_url) as connection:
        connection.execute(text("DELETE FROM house"))
    doors = open_sessions(database_url, database_url)
    restored.guard(doors)
    with pytest.raises(DatabaseTrouble, match="restore the last backup"), doors.begin():
        pass
    doors.dispose()
    assert "the table house has lost its only row" in schema.check(database_url)
