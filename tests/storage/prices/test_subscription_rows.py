"""Rows of subscriptions: numbered by their owner, paged by owner, changed only as their states allow."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from k5web.domain.prices.subscription import Subscription, SubscriptionState
from k5web.storage.prices import subscription_rows as rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
ACTIVE = SubscriptionState.ACTIVE
PLAN = Subscription(1, 0, "plan", "go", "go", 1, ACTIVE, date(2026, 12, 1), date(2027, 1, 1))


def test_an_owner_counts_their_own_and_a_form_is_found_again(sessions: Sessions) -> None:
    with sessions.begin() as db:
        first = rows.add(db, PLAN, "a", NOW)
        second = rows.add(db, replace(PLAN, sort="option", code="x"), "b", NOW)
        other = rows.add(db, replace(PLAN, owner_id=2), "a", NOW)
        assert (first.n, second.n, other.n) == (1, 2, 1)
        assert rows.find_by_form_key(db, 1, "b") == second
        assert rows.find_by_form_key(db, 2, "b") is None
        assert [each.n for each in rows.live(db, 1)] == [1, 2]


def test_owners_that_are_due_are_paged(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for owner_id in (3, 1, 2):
            rows.add(db, replace(PLAN, owner_id=owner_id), "a", NOW)
        assert rows.owners_due(db, date(2026, 12, 31), 0, 10) == []
        assert rows.owners_due(db, date(2027, 1, 1), 0, 2) == [1, 2]
        assert rows.owners_due(db, date(2027, 1, 1), 2, 2) == [3]
        assert rows.owners_on(db, ["go"], 1, 10) == [2, 3]


def test_what_has_ended_is_neither_live_nor_changed(sessions: Sessions) -> None:
    with sessions.begin() as db:
        own = rows.add(db, PLAN, "a", NOW)
        rows.save(db, [replace(own, state=SubscriptionState.ENDED, ended_on=date(2026, 12, 2))])
        assert rows.live(db, 1) == []
        ended = rows.last_plan(db, 1)
        assert ended is not None
        with pytest.raises(ValueError, match="cannot be active"):
            ended.become(ACTIVE)


def test_a_suspended_period_becomes_a_paid_one(sessions: Sessions) -> None:
    with sessions.begin() as db:
        rows.add(db, PLAN, "a", NOW)
        period = rows.Period(1, 1, date(2026, 12, 1), "suspended", 0, "1:2026-12", 0)
        rows.note_periods(db, [period], NOW)
        rows.note_periods(db, [replace(period, state="paid", fee_minor=470_00)], NOW)
        assert rows.periods(db, 1, 1) == [replace(period, state="paid", fee_minor=470_00)]
