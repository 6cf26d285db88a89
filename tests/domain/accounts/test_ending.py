"""The last day of a contract: ten working days before the month's end, or the next month (B12)."""

from datetime import UTC, date, datetime

import pytest

from k5web.domain.accounts.ending import Ending, last_day, month_end


@pytest.mark.parametrize(
    ("applied", "last"),
    [
        # April 2026 has no holidays: its last ten working days are 17, 20 to 24 and 27 to 30 April
        ("2026-04-01", "2026-04-30"),
        ("2026-04-16", "2026-04-30"),
        ("2026-04-17", "2026-05-31"),
        ("2026-04-30", "2026-05-31"),
        # May 2026: the 1st and 11th are days off, the ten last working days begin on the 18th
        ("2026-05-15", "2026-05-31"),
        ("2026-05-17", "2026-05-31"),
        ("2026-05-18", "2026-06-30"),
        # Whoever applies among the holidays of January has the month before them still
        ("2026-01-05", "2026-01-31"),
        ("2026-01-16", "2026-01-31"),
        ("2026-01-18", "2026-01-31"),
        ("2026-01-19", "2026-02-28"),
        # December 2025: the 31st is a day off, so the notice begins a day sooner
        ("2025-12-16", "2025-12-31"),
        ("2025-12-17", "2026-01-31"),
        # February of a leap year, with the 23rd off
        ("2028-02-14", "2028-02-29"),
        ("2028-02-15", "2028-03-31"),
    ],
)
def test_ten_working_days_before_the_months_end_and_else_the_next_month(applied: str, last: str) -> None:
    assert last_day(date.fromisoformat(applied)) == date.fromisoformat(last)


def test_a_month_ends_on_its_last_day() -> None:
    assert month_end(date(2028, 2, 1)) == date(2028, 2, 29)
    assert month_end(date(2026, 12, 31)) == date(2026, 12, 31)


def test_an_application_is_taken_back_until_the_last_day_by_its_subscriber_alone() -> None:
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    ending = Ending(1, 1, "subscriber", moment, date(2026, 12, 31), "subscriber:1", "")
    assert ending.may_be_withdrawn(date(2026, 12, 31))
    assert not ending.may_be_withdrawn(date(2027, 1, 1))
    assert ending.settled_by == date(2027, 1, 30)
    debt = Ending(1, 1, "debt", moment, date(2026, 12, 31), "staff:ivan", "x")
    assert not debt.may_be_withdrawn(date(2026, 12, 1))
