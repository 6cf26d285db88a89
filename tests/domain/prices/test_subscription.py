"""Periods and first fees of subscriptions; a state changes only as its table says (B5)."""

from dataclasses import replace
from datetime import date

import pytest

from k5web.domain.money import rub
from k5web.domain.prices.plan import Fee
from k5web.domain.prices.subscription import Subscription, SubscriptionState, fee_from, next_period
from k5web.domain.prices.usage import Every


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2027, 1, 31), date(2027, 2, 1)),
        (date(2028, 2, 29), date(2028, 3, 1)),
    ],
)
def test_the_next_month_begins_on_its_1st(day: date, following: date) -> None:
    assert next_period(Every.MONTH, day) == following


def test_the_next_day_is_the_next_day() -> None:
    assert next_period(Every.DAY, date(2026, 12, 31)) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("day", "fee"),
    [
        (date(2026, 12, 1), "600.00"),
        (date(2026, 12, 15), "329.03"),
        (date(2026, 12, 28), "77.42"),
        (date(2026, 12, 29), "58.06"),
        (date(2026, 12, 30), "38.71"),
        (date(2026, 12, 31), "19.35"),
        (date(2027, 2, 28), "21.43"),
        (date(2028, 2, 29), "20.69"),
    ],
)
def test_a_month_begun_costs_the_days_that_are_left(day: date, fee: str) -> None:
    """Rounded half up to the kopeck."""
    assert fee_from(Fee(rub("600.00"), Every.MONTH), day) == rub(fee)


def test_a_day_and_a_full_first_month_cost_all() -> None:
    """E3: forty roubles are the fee of the first month, on whatever day."""
    assert fee_from(Fee(rub("5.00"), Every.DAY), date(2026, 12, 31)) == rub("5.00")
    assert fee_from(Fee(rub("40.00"), Every.MONTH, "full"), date(2026, 12, 31)) == rub("40.00")


def test_a_fee_is_named_by_subscription_and_period() -> None:
    active = SubscriptionState.ACTIVE
    found = Subscription(8841, 17, "plan", "go", "go", 1, active, date(2026, 12, 15), date(2027, 1, 1))
    assert found.fee_key(date(2026, 12, 15), Every.MONTH) == "17:2026-12"
    assert found.fee_key(date(2026, 12, 15), Every.DAY) == "17:2026-12-15"
    assert found.is_live


def test_the_next_period_has_what_goes_on() -> None:
    active = SubscriptionState.ACTIVE
    found = Subscription(8841, 17, "service", "extra_user", "go", 5, active, date(2026, 12, 15), date(2027, 1, 1))
    assert found.next_one == found
    assert replace(found, next_pieces=2).next_one == replace(found, pieces=2)


def test_what_has_ended_stays_so() -> None:
    assert not any(SubscriptionState.ENDED.may_become(state) for state in SubscriptionState)
    assert SubscriptionState.SUSPENDED.may_become(SubscriptionState.ACTIVE)
