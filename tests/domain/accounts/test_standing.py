"""Terms counted by months, at their edges (B9)."""

from datetime import date

import pytest

from k5web.domain.accounts import standing
from k5web.domain.accounts.standing import months_after


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2026, 12, 1), 2, date(2027, 2, 1)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),  # no such day: the month's last
        (date(2027, 12, 30), 2, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 6, 15), 6, date(2026, 12, 15)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_a_term_of_months_ends_on_the_same_day_or_on_the_last_of_the_month(
    day: date, months: int, wanted: date
) -> None:
    assert months_after(day, months) == wanted


def test_a_debt_is_borne_for_two_months_and_the_last_day_counts() -> None:
    found = standing.debt(1, date(2026, 12, 31))
    assert not found.is_over(date(2027, 2, 28))
    assert found.is_over(date(2027, 3, 1))


def test_a_breach_is_borne_for_six_months_and_the_last_day_counts() -> None:
    found = standing.breach(1, date(2026, 8, 31))
    assert not found.is_over(date(2027, 2, 28))
    assert found.is_over(date(2027, 3, 1))
