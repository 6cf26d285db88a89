"""Months of subscribers by two versions of a plan, summed by currency."""

from k5web.domain.money import Money, rub
from k5web.domain.prices.plan_effect import PlanEffect, SubscriberMonth, plan_effects


def test_months_are_summed_by_currency_and_who_would_pay_more_is_counted() -> None:
    months = [
        SubscriberMonth(rub("10.00"), rub("12.00"), 3, 0),
        SubscriberMonth(rub("10.00"), rub("9.00"), 2, 1),
        SubscriberMonth(rub("10.00"), rub("10.00"), 0, 0),
        SubscriberMonth(Money(100, "KGS"), Money(50, "KGS"), 1, 0),
    ]
    assert plan_effects(months) == [
        PlanEffect("KGS", 1, 1, 0, 100, 50, 0, 1, 0),
        PlanEffect("RUB", 3, 5, 1, 3000, 3100, 1, 1, 200),
    ]
    assert plan_effects([]) == []
