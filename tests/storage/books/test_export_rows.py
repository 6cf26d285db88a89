"""Files that are asked for, as rows: one maker at a time, nothing kept of what is another's."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from k5web.domain.books.export import MOST_ATTEMPTS, Export, ExportState, ExportWish, Format, Paper
from k5web.domain.books.period import Movements, Period
from k5web.storage.books import export_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import ExportPartRow

OWNER = 100_001
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)
WISH = ExportWish(Paper.STATEMENT, Period(date(2026, 12, 1), date(2026, 12, 31)), Movements.ALL, Format.PDF)


def asked(token: str = "t1", at: datetime = NOW) -> Export:
    return Export(OWNER, token, WISH, ExportState.WAITING, at, 5, 0, 0, None, "")


def add(sessions: Sessions, *exports: Export) -> None:
    with sessions.begin() as db:
        for export in exports:
            export_rows.add(db, export, f"form {export.token}")


def claim(sessions: Sessions, maker: str, now: datetime = NOW) -> Export | None:
    with sessions.begin() as db:
        return export_rows.claim(db, maker, now, now + MINUTE)


def test_what_was_asked_for_comes_back_as_it_was(sessions: Sessions) -> None:
    add(sessions, asked())
    with sessions.read() as db:
        assert export_rows.find(db, OWNER, "t1") == export_rows.find_by_form_key(db, OWNER, "form t1") == asked()
        assert export_rows.find(db, OWNER + 1, "t1") is None


def test_a_call_detail_keeps_the_number_that_it_is_of(sessions: Sessions) -> None:
    add(sessions, whole := replace(asked(), wish=replace(WISH, paper=Paper.CALLS, other="74951234567")))
    with sessions.read() as db:
        assert export_rows.find(db, OWNER, "t1") == whole


def test_the_oldest_is_taken_first_and_by_one(sessions: Sessions) -> None:
    add(sessions, asked("new", NOW + MINUTE), asked("old"))
    first, second = claim(sessions, "a"), claim(sessions, "b")
    assert first is not None
    assert second is not None
    assert (first.token, second.token, claim(sessions, "c")) == ("old", "new", None)


def test_a_lease_that_ran_out_is_taken_over_and_the_first_keeps_nothing(sessions: Sessions) -> None:
    add(sessions, asked())
    first = claim(sessions, "a")
    assert first is not None
    assert claim(sessions, "b", NOW + MINUTE) is None
    second = claim(sessions, "b", NOW + 2 * MINUTE)
    assert second is not None
    with sessions.begin() as db:
        assert not export_rows.note_progress(db, first, "a", 1, 5, NOW)
        assert not export_rows.finish(db, first, "a", [b"1"], 1, NOW, NOW + WEEK)
        assert export_rows.finish(db, second, "b", [b"22", b"3"], 3, NOW, NOW + WEEK)
    with sessions.read() as db:
        assert [export_rows.part(db, OWNER, "t1", n) for n in range(3)] == [b"22", b"3", None]


def test_what_was_left_too_often_is_closed(sessions: Sessions) -> None:
    add(sessions, asked())
    now = NOW
    for _ in range(MOST_ATTEMPTS):
        assert claim(sessions, "a", now)
        now += 2 * MINUTE
    assert claim(sessions, "a", now) is None
    with sessions.begin() as db:
        assert export_rows.fail_left(db, now, now + WEEK) == 1
        found = export_rows.find(db, OWNER, "t1")
    assert found is not None
    assert found.state is ExportState.FAILED


def test_what_is_past_its_time_goes_with_its_parts(sessions: Sessions) -> None:
    add(sessions, asked(), asked("t2"))
    for token in ("t1", "t2"):
        made = claim(sessions, token)
        assert made is not None
        with sessions.begin() as db:
            export_rows.finish(db, made, token, [b"x"], 1, NOW, NOW + WEEK + (MINUTE if token == "t2" else -MINUTE))
    with sessions.begin() as db:
        assert [each.token for each in export_rows.of_owner(db, OWNER, NOW + WEEK)] == ["t2"]
        assert export_rows.forget(db, NOW + WEEK, 10) == 1
        assert db.scalar(select(func.count()).select_from(ExportPartRow)) == 1


def test_what_cannot_be_kept_is_closed(sessions: Sessions) -> None:
    add(sessions, asked())
    made = claim(sessions, "a")
    assert made is not None
    with sessions.begin() as db:
        export_rows.give_up(db, made, "a", ExportState.TOO_LARGE, NOW + WEEK)
        found = export_rows.find(db, OWNER, "t1")
    assert found is not None
    assert (found.state, found.expires_at) == (ExportState.TOO_LARGE, NOW + WEEK)
