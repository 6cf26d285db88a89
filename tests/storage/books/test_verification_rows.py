"""How the ledger came out is kept; the last time is told."""

from k5web.storage.books import verification_rows
from k5web.storage.books.verification_rows import Verification
from k5web.storage.session import Sessions
from tests.conftest import Clock


def test_the_last_look_is_told_with_its_first_breach(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as db:
        assert verification_rows.last(db) is None
        verification_rows.add(db, Verification(clock(), "system:k5", 2, "I1  owner 1"))
        first = Verification(clock(), "system:k5", 2, "I1  owner 1")
        assert verification_rows.last(db) == first
    clock.forward(hours=1)
    with sessions.begin() as db:
        verification_rows.add(db, Verification(clock(), "system:k5", 0))
        found = verification_rows.last(db)
    assert found is not None
    assert (found.breaches, found.first) == (0, "")
