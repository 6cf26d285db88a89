"""Versions of plans: appended whole, one a day, never changed."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from k5web.domain.prices.plan_version import PlanText, PlanVersion
from k5web.errors import PlanDayTaken
from k5web.storage.prices import plan_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import PlanVersionRow
from tests.conftest import Clock

TEXT = PlanText("own.toml", 'code = "own"\n', 'code = "set"\n')
DAY = timedelta(days=1)


def add(sessions: Sessions, clock: Clock, code: str = "own", days: int = 0, text: PlanText = TEXT) -> PlanVersion:
    with sessions.begin() as db:
        return plan_rows.add(db, code, clock() + days * DAY, text, "staff:test", clock())


def test_a_version_is_read_as_it_was_written(sessions: Sessions, clock: Clock) -> None:
    written = add(sessions, clock)
    assert (written.code, written.actor, written.digest) == ("own", "staff:test", TEXT.digest)
    assert (written.effective_from, written.published_at) == (clock(), clock())
    with sessions.read() as db:
        assert plan_rows.versions(db) == [written]
        assert plan_rows.texts(db, [written.id]) == {written.id: TEXT}


def test_the_version_due_is_the_latest_that_has_begun(sessions: Sessions, clock: Clock) -> None:
    later, first, _ = add(sessions, clock, days=5), add(sessions, clock, days=1), add(sessions, clock, "other", 2)
    with sessions.read() as db:
        due = [plan_rows.due(db, "own", clock() + days * DAY) for days in (0, 1, 4, 5, 9)]
    assert due == [None, first, first, later, later]


def test_a_day_has_one_version_of_a_plan(sessions: Sessions, clock: Clock) -> None:
    add(sessions, clock)
    add(sessions, clock, "other")
    with pytest.raises(PlanDayTaken):
        add(sessions, clock, text=PlanText("own.toml", "another"))


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_version_is_never_changed(sessions: Sessions, clock: Clock, change: str) -> None:
    add(sessions, clock)
    statement = update(PlanVersionRow).values(plan_text="") if change == "update" else delete(PlanVersionRow)
    refused = pytest.raises(DBAPIError, match=r"history is appended, never edited|permission denied")
    with sessions.write.begin() as connection, refused:
        connection.execute(statement)
