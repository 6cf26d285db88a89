"""Days of an account: both ends are in, a month is whole, and nothing runs over the calendar."""

from datetime import date

import pytest

from k5web.domain.books.period import FIRST_DAY, LAST_DAY, Movements, Period
from k5web.domain.books.service import SALE
from k5web.errors import WrongPeriod


def test_a_month_is_known_as_one_whatever_its_length() -> None:
    assert Period.month(date(2028, 2, 10)) == Period(date(2028, 2, 1), date(2028, 2, 29))
    assert Period.month(date(2026, 12, 31)).days == (date(2026, 12, 1), date(2027, 1, 1))
    assert Period(date(2026, 12, 1), date(2026, 12, 31)).is_month
    assert not Period(date(2026, 12, 1), date(2026, 12, 30)).is_month
    assert not Period(date(2026, 11, 1), date(2026, 12, 31)).is_month


def test_one_day_is_a_period() -> None:
    assert Period(date(2026, 12, 31), date(2026, 12, 31)).days == (date(2026, 12, 31), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 12, 2), date(2026, 12, 1)), (date(1999, 12, 31), LAST_DAY), (FIRST_DAY, date(9999, 12, 31))],
)
def test_days_in_the_wrong_order_or_beyond_the_calendar_are_refused(first: date, last: date) -> None:
    with pytest.raises(WrongPeriod):
        Period(first, last)


def test_no_movement_is_of_two_kinds() -> None:
    named = [counter for kind in Movements for counter in kind.counters]
    assert len(named) == len(set(named))
    assert {counter for kind in (Movements.CALLS, Movements.FEES) for counter in kind.counters} == {
        f"{SALE}{what}" for what in ("call", "fee", "order")
    }
