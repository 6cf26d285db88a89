"""Jobs as rows: one works on each at a time, and the file goes when the work is over."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from k5web.domain.desk.job import MOST_ATTEMPTS, Job, JobState, JobWish
from k5web.storage.desk import job_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import DeskJobPartRow

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def add(sessions: Sessions, form_key: str = "f1", at: datetime = NOW) -> Job:
    with sessions.begin() as db:
        wish = JobWish("register", "day.csv", form_key, {"origin": "net:bank"})
        return job_rows.add(db, wish, [b"one", b"two"], 6, "staff:anna", at)


def claim(sessions: Sessions, maker: str, now: datetime = NOW) -> Job | None:
    with sessions.begin() as db:
        return job_rows.claim(db, maker, now, now + MINUTE)


def found(sessions: Sessions, job: Job) -> Job:
    with sessions.read() as db:
        again = job_rows.find(db, job.id)
    assert again is not None
    return again


def parts(sessions: Sessions) -> int:
    with sessions.read() as db:
        return db.scalar(select(func.count()).select_from(DeskJobPartRow)) or 0


def test_what_was_handed_in_comes_back_as_it_was(sessions: Sessions) -> None:
    job = add(sessions)
    with sessions.read() as db:
        assert job_rows.find(db, job.id) == job_rows.find_by_form_key(db, "f1") == job
        assert [job_rows.part(db, job.id, n) for n in (0, 1, 2)] == [b"one", b"two", None]
        assert job_rows.find_by_form_key(db, "f2") is None
    assert (job.state, job.options, job.began_by) == (JobState.WAITING, {"origin": "net:bank"}, "staff:anna")


def test_the_oldest_is_taken_first_and_by_one(sessions: Sessions) -> None:
    new, old = add(sessions, "new", NOW + MINUTE), add(sessions, "old")
    taken = [claim(sessions, maker, NOW) for maker in ("a", "b", "c")]
    assert [one.id if one else None for one in taken] == [old.id, new.id, None]


def test_a_lease_that_ran_out_is_taken_over_and_the_first_writes_nothing(sessions: Sessions) -> None:
    job = add(sessions)
    claim(sessions, "a")
    assert claim(sessions, "b", NOW + MINUTE) is None, "the lease holds"
    taken = claim(sessions, "b", NOW + 2 * MINUTE)
    assert taken is not None
    assert taken.attempts == 2
    with sessions.begin() as db:
        assert not job_rows.note_progress(db, job.id, "a", "reading", 1, 2, NOW + 9 * MINUTE)
        assert not job_rows.finish(db, job.id, "a", JobState.DONE, {}, NOW)
        assert job_rows.note_progress(db, job.id, "b", "reading", 1, 2, NOW + 9 * MINUTE)
    assert (found(sessions, job).doing, found(sessions, job).percent) == ("reading", 50)
    assert parts(sessions) == 2


def test_the_file_goes_when_the_work_is_over_and_stays_while_it_asks(sessions: Sessions) -> None:
    job = add(sessions)
    claim(sessions, "a")
    with sessions.begin() as db:
        assert job_rows.finish(db, job.id, "a", JobState.ASKING, {"code": "x"}, NOW)
    assert (found(sessions, job).state, found(sessions, job).ended_at, parts(sessions)) == (JobState.ASKING, None, 2)
    with sessions.begin() as db:
        assert job_rows.go_on(db, job.id, {"is_sure": True})
        assert not job_rows.go_on(db, job.id, {"is_sure": True}), "it does not ask any more"
    taken = claim(sessions, "b")
    assert taken is not None
    assert (taken.options, taken.attempts, taken.result) == ({"is_sure": True}, 1, None)
    with sessions.begin() as db:
        assert job_rows.finish(db, job.id, "b", JobState.DONE, {"lines": 1}, NOW)
    ended = found(sessions, job)
    assert (ended.state, ended.result, ended.ended_at, parts(sessions)) == (JobState.DONE, {"lines": 1}, NOW, 0)


def test_nothing_becomes_of_what_was_given_up_or_waits_too_long(sessions: Sessions) -> None:
    jobs = [add(sessions, key, NOW - minutes * MINUTE) for key, minutes in (("given up", 3), ("forgotten", 2))]
    for _ in jobs:
        taken = claim(sessions, "a")
        assert taken is not None
        with sessions.begin() as db:
            job_rows.finish(db, taken.id, "a", JobState.ASKING, {}, NOW)
    with sessions.begin() as db:
        assert job_rows.give_up(db, jobs[0].id, NOW)
        assert not job_rows.give_up(db, jobs[0].id, NOW)
        assert job_rows.end_left(db, NOW, NOW - 2 * MINUTE) == []
        assert job_rows.end_left(db, NOW, NOW - MINUTE) == []
    assert {found(sessions, job).state for job in jobs} == {JobState.REFUSED}
    assert parts(sessions) == 0


def test_what_was_begun_too_often_fails(sessions: Sessions) -> None:
    job = add(sessions)
    for attempt in range(MOST_ATTEMPTS):
        assert claim(sessions, str(attempt), NOW + 2 * attempt * MINUTE) is not None
    later = NOW + 2 * MOST_ATTEMPTS * MINUTE
    assert claim(sessions, "once more", later) is None
    with sessions.begin() as db:
        assert job_rows.end_left(db, later, NOW) == [job.id]
    assert (found(sessions, job).state, parts(sessions)) == (JobState.FAILED, 0)


def test_the_newest_stand_first_a_page_at_a_time(sessions: Sessions) -> None:
    jobs = [add(sessions, str(n)) for n in range(3)]
    with sessions.read() as db:
        assert [job.id for job in job_rows.page(db, None, 2)] == [jobs[2].id, jobs[1].id]
        assert [job.id for job in job_rows.page(db, jobs[1].id, 2)] == [jobs[0].id]
