"""Working days as Russian banks keep them: no weekends, no public holidays, the days that the government moves."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from k5web.domain.workday import LATE_AFTER_DAYS, working_day_after, working_days


@pytest.mark.parametrize(
    ("day", "end", "expected"),
    [
        ("2026-11-23", "2026-11-23", 0),
        ("2026-11-24", "2026-11-23", 0),
        ("2026-11-23", "2026-11-24", 1),
        ("2026-11-27", "2026-11-30", 1),  # over a weekend
        ("2026-11-23", "2026-11-30", 5),
        ("2026-11-03", "2026-11-05", 1),  # Unity Day between
        ("2025-12-30", "2026-01-12", 1),  # 31 December, the New Year holidays and 9 January are days off
        ("2025-12-30", "2026-01-15", 4),
        ("2026-06-11", "2026-06-15", 1),  # Russia Day is a Friday
        ("2024-04-26", "2024-04-27", 1),  # a Saturday that was worked
        ("2024-04-26", "2024-05-02", 2),  # instead of the Monday and the Tuesday after it
    ],
)
def test_working_days_are_those_of_the_calendar(day: str, end: str, expected: int) -> None:
    assert working_days(date.fromisoformat(day), date.fromisoformat(end)) == expected


def test_money_over_the_january_holidays_is_not_late() -> None:
    """B4: paid on the last working day of a year, credited on the first of the next."""
    assert working_days(date(2025, 12, 30), date(2026, 1, 12)) <= LATE_AFTER_DAYS


def test_parts_of_a_long_time_come_to_the_whole() -> None:
    first = date(2019, 5, 6)
    days = [first + timedelta(days=17 * step) for step in range(150)]
    parts = [working_days(one, other) for one, other in pairwise(days)]
    assert sum(parts) == working_days(days[0], days[-1])


@pytest.mark.parametrize("count", [1, 2, 5, 10])
def test_the_nth_working_day_is_the_first_that_has_so_many_behind_it(count: int) -> None:
    for n in range(400):
        day = date(2025, 11, 1) + timedelta(days=n)
        found = working_day_after(day, count)
        assert working_days(day, found) == count
        assert working_days(day, found - timedelta(days=1)) == count - 1
