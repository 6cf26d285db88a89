"""Rows of documents: one for a number, never changed."""

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from k5web.errors import AlreadyThere
from k5web.storage.accounts import document_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import ContractDocumentRow
from tests.conftest import Clock
from tests.services.accounts.papers import paper


@pytest.fixture(autouse=True)
def _published(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        document_rows.add(db, paper(), clock(), "staff:ivan", clock())


def test_a_version_is_read_as_it_was_published(sessions: Sessions, clock: Clock) -> None:
    with sessions.read() as db:
        [found] = document_rows.versions(db, "offer")
        assert document_rows.versions(db, "terms") == []
    assert found.document == paper()
    assert found.is_whole
    assert (found.effective_from, found.published_at, found.actor) == (clock(), clock(), "staff:ivan")


def test_a_number_is_published_once(sessions: Sessions, clock: Clock) -> None:
    with pytest.raises(AlreadyThere), sessions.begin() as db:
        document_rows.add(db, paper(text="Иное."), clock(), "staff:ivan", clock())


def test_nobody_changes_what_was_published(sessions: Sessions) -> None:
    for verb in (update(ContractDocumentRow).values(actor="staff:eve"), delete(ContractDocumentRow)):
        with pytest.raises((IntegrityError, ProgrammingError)), sessions.begin() as db:
            db.execute(verb)
