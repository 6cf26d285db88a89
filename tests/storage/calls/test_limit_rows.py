"""Limits of an account as rows: what everybody has, but for what was set; opened directions; counted refusals."""

from datetime import UTC, datetime

from k5web.domain.calls.risk import SafetyLimits
from k5web.storage.calls import limit_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_one_limit_is_set_and_the_others_stay_what_everybody_has(sessions: Sessions) -> None:
    default = SafetyLimits()
    with sessions.begin() as db:
        assert limit_rows.limits(db, 1) == default
        limit_rows.set_limits(db, 1, {"daily_minor": 4200})
    with sessions.begin() as db:
        assert limit_rows.limits(db, 1).daily_minor == 4200
        assert limit_rows.limits(db, 2) == default
        limit_rows.set_limits(db, 1, {"daily_minor": None})
    with sessions.read() as db:
        assert limit_rows.limits(db, 1) == default


def test_a_direction_is_opened_for_one_account_and_closed_again(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for _ in range(2):
            limit_rows.open_direction(db, 1, "satellite", NOW)
        limit_rows.open_direction(db, 1, "88299", NOW)
    with sessions.begin() as db:
        assert limit_rows.opened(db, 1) == {"satellite", "88299"}
        assert limit_rows.opened(db, 2) == frozenset()
        limit_rows.close_direction(db, 1, "satellite")
        assert limit_rows.opened(db, 1) == {"88299"}


def test_refusals_are_counted_by_account_and_kind(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for owner_id in (1, 1, 2):
            limit_rows.count_refusal(db, owner_id, "too_many_calls", NOW)
        limit_rows.count_refusal(db, 1, "daily_limit", NOW)
    with sessions.read() as db:
        assert limit_rows.refusals(db, 1) == {"daily_limit": 1, "too_many_calls": 2}
