"""Quiet hours."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from k5web.domain.messaging.quiet_hours import QuietHours

MOSCOW = ZoneInfo("Europe/Moscow")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("now", "over"),
    [
        ("2026-12-31 21:59", None),
        ("2026-12-31 22:00", "2027-01-01 08:00"),
        ("2027-01-01 07:59", "2027-01-01 08:00"),
        ("2027-01-01 08:00", None),
    ],
)
def test_the_night_is_quiet_until_eight(now: str, over: str | None) -> None:
    assert QuietHours().over_at(at(now)) == (at(over) if over else None)


def test_hours_within_a_day_and_no_hours_at_all() -> None:
    assert QuietHours(13, 15).over_at(at("2026-12-01 14:30")) == at("2026-12-01 15:00")
    assert QuietHours(13, 15).over_at(at("2026-12-01 15:00")) is None
    assert QuietHours(0, 0).over_at(at("2026-12-01 00:00")) is None
