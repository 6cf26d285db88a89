"""Rows of acceptances: the first one of a version stays, and nobody changes it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from k5web.storage.accounts import acceptance_rows, document_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import AcceptanceRow
from tests.conftest import Clock
from tests.services.accounts.papers import paper


def test_the_first_acceptance_of_a_version_stays(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        version = document_rows.add(db, paper(), clock(), "staff:ivan", clock())
        assert acceptance_rows.accept(db, 1, [version.id], clock(), "use") == 1
        assert acceptance_rows.accept(db, 1, [version.id], clock() + timedelta(days=1), "payment") == 0
        assert acceptance_rows.accept(db, 2, [version.id], clock(), "payment") == 1
    with sessions.read() as db:
        [found] = acceptance_rows.of_owner(db, 1)
    assert (found.version, found.at, found.way) == (version, clock(), "use")
    for verb in (update(AcceptanceRow).values(way="payment"), delete(AcceptanceRow)):
        with pytest.raises((IntegrityError, ProgrammingError)), sessions.begin() as db:
            db.execute(verb)
