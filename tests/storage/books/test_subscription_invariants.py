"""I8 finds periods that do not follow each other; the services' tests find the rest."""

from dataclasses import replace
from datetime import UTC, date, datetime

from k5web.domain.prices.subscription import Subscription, SubscriptionState
from k5web.storage.books.subscription_invariants import find_gaps
from k5web.storage.prices import subscription_rows as rows
from k5web.storage.session import Sessions

NOW = datetime(2027, 2, 2, 9, tzinfo=UTC)


def test_a_period_that_is_missing_is_found(sessions: Sessions) -> None:
    active = SubscriptionState.ACTIVE
    own = Subscription(1, 0, "plan", "go", "go", 1, active, date(2026, 12, 15), date(2027, 3, 1))
    with sessions.begin() as db:
        rows.add(db, own, "a", NOW)
        first = rows.Period(1, 1, date(2026, 12, 15), "paid", 0, "1:2026-12", 0)
        rows.note_periods(db, [first], NOW)
        rows.note_periods(db, [replace(first, began_on=date(2027, 2, 1), fee_key="1:2027-02")], NOW)
        assert [breach.found for breach in find_gaps(db, NOW)] == [
            "has a period from 2027-02-01 where 2027-01-01 should follow"
        ]
        rows.note_periods(db, [replace(first, began_on=date(2027, 1, 1), fee_key="1:2027-01")], NOW)
        assert list(find_gaps(db, NOW)) == []
