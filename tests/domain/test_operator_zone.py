"""The operator's day is Moscow's. Trials: B3."""

from datetime import UTC, datetime

from k5web.domain.operator_zone import OPERATOR_ZONE


def test_a_day_begins_three_hours_before_greenwich() -> None:
    begins = datetime(2026, 12, 1, tzinfo=OPERATOR_ZONE)
    assert begins.astimezone(UTC) == datetime(2026, 11, 30, 21, tzinfo=UTC)
