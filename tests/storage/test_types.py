"""Columns mean the same on both databases."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import literal, select
from sqlalchemy.exc import StatementError

from k5web.storage.session import Sessions
from k5web.storage.types import Day, Facts, Flag, Instant

MOSCOW = timezone(timedelta(hours=3))
NOON = datetime(2026, 12, 1, 12, 0, 0, 1, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Instant(), NOON),
        (Day(), date(2028, 2, 29)),
        (Flag(), True),
        (Flag(), False),
        (Facts(), {"кто": "Анна", "times": [1, 2], "none": None}),
    ],
)
def test_a_value_comes_back_the_same(sessions: Sessions, kind: Any, value: object) -> None:
    with sessions.read() as db:
        found = db.scalar(select(literal(value, kind)))
    assert found == value
    assert type(found) is type(value)


def test_a_moment_comes_back_in_utc_and_sorts_as_a_moment(sessions: Sessions) -> None:
    later = datetime(2026, 12, 1, 9, 0, 0, 2, tzinfo=UTC)  # a microsecond later, by a smaller hour
    with sessions.read() as db:
        found = db.scalar(select(literal(NOON, Instant())))
        assert db.scalar(select(literal(NOON, Instant()) < literal(later, Instant())))
    assert found is not None
    assert found.utcoffset() == timedelta()


def test_a_moment_without_a_zone_is_refused(sessions: Sessions) -> None:
    with sessions.read() as db, pytest.raises(StatementError, match="a moment without a zone"):
        db.scalar(select(literal(datetime(2026, 12, 1), Instant())))  # noqa: DTZ001 - what is refused
