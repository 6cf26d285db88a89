"""How many SMS an hour: S17."""

from datetime import UTC, datetime, timedelta

from k5web.domain.messaging.sms_limits import HOUR, TERMS, SmsTerms, reserve_of, wait
from k5web.domain.money import rub

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_the_fourth_of_an_hour_waits_until_the_first_is_an_hour_old() -> None:
    times = [NOW - timedelta(minutes=minutes) for minutes in (50, 20, 1)]
    assert wait(times, 3, NOW) == timedelta(minutes=10)
    assert wait(times, 4, NOW) == timedelta()
    assert wait(times, 3, NOW + timedelta(minutes=10)) == timedelta()
    assert wait(times, 1, NOW) == HOUR - timedelta(minutes=1)


def test_parts_cost_what_the_operator_says() -> None:
    assert SmsTerms(part=rub("2.50")).cost(3) == rub("7.50")


def test_a_fifth_of_the_day_is_kept_from_notices() -> None:
    assert TERMS.notices_day == rub("800.00")
    assert reserve_of(rub("0.09")) == rub("0.01")
