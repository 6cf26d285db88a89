"""Versions taken back: noted once, and never due again."""

from dataclasses import replace
from datetime import timedelta

from k5web.domain.money import Price
from k5web.domain.prices.price_draft import Withdrawal
from k5web.domain.prices.rating import Rate
from k5web.storage.prices import rates, withdrawal_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock

DAY = timedelta(days=1)
RATE = Rate("7495", "Москва", Price.parse("0.45"))


def test_a_version_taken_back_is_due_nowhere_and_its_neighbours_are(sessions: Sessions, clock: Clock) -> None:
    now = clock()
    with sessions.begin() as db:
        made = [
            rates.add_version(db, "k5", now + days * DAY, now, "f", bytes([days]), [(RATE, now + days * DAY)])
            for days in (0, 1, 2)
        ]
        before = rates.state(db, "k5")
        back = Withdrawal("deck", made[1].id, "k5", now, "staff:anna", "why")
        assert withdrawal_rows.add(db, back)
        assert not withdrawal_rows.add(db, replace(back, reason="again"))
    with sessions.read() as db:
        assert rates.due(db, "k5", now + DAY) == rates.Due(made[0].id, now, now + 2 * DAY)
        assert rates.next_after(db, "k5", now) == made[2]
        assert rates.newest_for(db, "k5", now + DAY) is None
        assert rates.versions(db) == [made[0], made[2]]
        assert rates.withdrawn(db) == [made[1]]
        assert rates.version(db, made[1].id) == made[1]
        assert withdrawal_rows.of(db, "deck") == {made[1].id: back}
        assert withdrawal_rows.of(db, "plan") == {}
        assert withdrawal_rows.is_withdrawn(db, "deck", made[1].id)
        assert not withdrawal_rows.is_withdrawn(db, "plan", made[1].id)
        assert rates.state(db, "k5") != before
        assert [withdrawal_rows.count(db, "deck", name) for name in ("k5", "other")] == [1, 0]
