"""Objections in the database: one for a subscriber and version, never changed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from k5web.domain.prices.objection import Objection
from k5web.storage.prices import objection_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import ObjectionRow
from tests.conftest import Clock


@pytest.fixture
def said(sessions: Sessions, clock: Clock) -> Objection:
    """An objection to a version."""
    with sessions.begin() as db:
        day = clock().date() + timedelta(days=10)
        return objection_rows.add(db, Objection(7, "plan", "own", 3, clock(), "subscriber:7", day))


def test_an_objection_is_read_as_it_was_written_and_the_first_stands(said: Objection, sessions: Sessions) -> None:
    with sessions.begin() as db:
        again = objection_rows.add(db, replace(said, actor="staff:test", objected_at=said.objected_at + timedelta(1)))
        other = objection_rows.add(db, replace(said, owner_id=8, ends_on=said.ends_on - timedelta(days=1)))
        later = said.ends_on + timedelta(days=1)
        deck = objection_rows.add(db, replace(said, subject="deck", code="k5", ends_on=later))
    assert again == said
    with sessions.read() as db:
        assert objection_rows.of(db, 7) == [said, deck]
        assert objection_rows.every(db) == [other, said, deck]
        assert objection_rows.due(db, said.ends_on) == [other, said]
        assert objection_rows.due(db, said.ends_on, [7]) == [said]


@pytest.mark.parametrize("change", ["update", "delete"])
def test_an_objection_is_never_changed(said: Objection, sessions: Sessions, change: str) -> None:
    statement = update(ObjectionRow).values(actor="") if change == "update" else delete(ObjectionRow)
    refused = pytest.raises(DBAPIError, match=r"history is appended, never edited|permission denied")
    with sessions.write.begin() as connection, refused:
        connection.execute(statement)
