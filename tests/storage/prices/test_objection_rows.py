"""Objections in the database: one for a subscriber and version, never changed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from k5web.domain.prices.plan_version import Objection, PlanText
from k5web.storage.prices import objection_rows, plan_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import PlanObjectionRow
from tests.conftest import Clock


@pytest.fixture
def said(sessions: Sessions, clock: Clock) -> Objection:
    """An objection to a published version."""
    with sessions.begin() as db:
        version = plan_rows.add(db, "own", clock(), PlanText("own.toml", "text"), "staff:test", clock())
        wanted = Objection(7, version.id, "own", clock(), "subscriber:7", clock().date() + timedelta(days=10))
        return objection_rows.add(db, wanted)


def test_an_objection_is_read_as_it_was_written_and_the_first_stands(said: Objection, sessions: Sessions) -> None:
    with sessions.begin() as db:
        again = objection_rows.add(db, replace(said, actor="staff:test", objected_at=said.objected_at + timedelta(1)))
        other = objection_rows.add(db, replace(said, owner_id=8, ends_on=said.ends_on - timedelta(days=1)))
    assert again == said
    with sessions.read() as db:
        assert objection_rows.of(db, 7) == [said]
        assert objection_rows.every(db) == [other, said]


@pytest.mark.parametrize("change", ["update", "delete"])
def test_an_objection_is_never_changed(said: Objection, sessions: Sessions, change: str) -> None:
    statement = update(PlanObjectionRow).values(actor="") if change == "update" else delete(PlanObjectionRow)
    refused = pytest.raises(DBAPIError, match=r"history is appended, never edited|permission denied")
    with sessions.write.begin() as connection, refused:
        connection.execute(statement)
