"""A job says how far it is, and whether more becomes of it."""

from dataclasses import replace
from datetime import UTC, datetime

from k5web.domain.desk.job import OPEN_STATES, OVER_STATES, Job, JobState

JOB = Job(
    id=1, kind="register", file_name="day.csv", size=10, options={}, state=JobState.RUNNING, doing="reading", done=0,
    total=0, attempts=1, result=None, began_by="staff:anna", began_at=datetime(2026, 12, 1, tzinfo=UTC), ended_at=None,
)  # fmt: skip


def test_percent_is_whole_and_never_above_the_whole() -> None:
    assert [replace(JOB, done=done, total=total).percent for done, total in ((0, 0), (0, 3), (2, 3), (4, 3))] == [
        0, 0, 66, 100,
    ]  # fmt: skip


def test_a_job_that_asks_is_neither_open_nor_over() -> None:
    assert {state for state in JobState if not (state.is_open or state.is_over)} == {JobState.ASKING}
    assert not set(OPEN_STATES) & set(OVER_STATES)
