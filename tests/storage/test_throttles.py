"""What may be done only so often is booked in the database, so that all processes count together."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.throttle import Throttle
from k5web.errors import TooOften
from k5web.storage import throttles
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TWICE_A_MINUTE = Throttle(every=timedelta(minutes=1), at_once=2)


def book(sessions: Sessions, subject: str, at: datetime) -> None:
    with sessions.begin() as db:
        throttles.book(db, "trial", subject, TWICE_A_MINUTE, at)


def test_the_third_time_in_a_row_is_told_how_long_to_wait_and_books_nothing(sessions: Sessions) -> None:
    for _ in range(2):
        book(sessions, "a", NOW)
    for _ in range(2):
        with pytest.raises(TooOften) as refused:
            book(sessions, "a", NOW + timedelta(milliseconds=500))
        assert refused.value.facts["wait_s"] == 60, "whole seconds, never too few"
    book(sessions, "b", NOW)
    book(sessions, "a", NOW + timedelta(minutes=1))


def test_bookings_that_are_past_are_forgotten_and_the_others_hold(sessions: Sessions) -> None:
    for _ in range(2):
        book(sessions, "a", NOW)
    with sessions.begin() as db:
        throttles.forget(db, NOW + timedelta(minutes=2))
    with pytest.raises(TooOften):
        book(sessions, "a", NOW)
    with sessions.begin() as db:
        throttles.forget(db, NOW + timedelta(minutes=2, seconds=1))
    book(sessions, "a", NOW)
