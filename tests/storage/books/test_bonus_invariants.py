"""The rules of bonuses find a row or an event that stands alone."""

import pytest
from sqlalchemy import text

from k5web.services.books import bonuses
from k5web.services.books.verify import verify
from tests.services.books.test_bonuses import VESTED, come, talk
from tests.services.house import House


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE bonus SET bonus_minor = 23", "keeps 23, but its events moved 22"),
        ("UPDATE bonus SET level = 2", "belongs to no bonus"),
    ],
)
def test_a_bonus_and_its_events_are_held_against_each_other(k5: House, change: str, found: str) -> None:
    talk(k5, come(k5, 1, k5.caller.id))
    k5.clock.now = VESTED
    bonuses.run(k5.ports)
    assert list(verify(k5.ports)) == []
    with k5.ports.sessions.begin() as db:
        db.execute(text(change))
    breaches = [breach for breach in verify(k5.ports) if breach.invariant == "I17"]
    assert found in [breach.found for breach in breaches]
