"""A subscriber's own last month on another plan: by the versions of its days, with allowances and fees."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan_version import PlanText
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.errors import CurrencyMismatch, NoPlan
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.prices import subscriptions
from k5web.services.prices.dated_plans import DatedPlan
from k5web.services.prices.past_month import MonthOn, last_month_on
from k5web.services.prices.plan_publishing import publish as publish_plan
from tests.fakes.doors import SHIPPED
from tests.plan_samples import SMALL_GROUPS, SMALL_PLAN
from tests.services.house import House, publish
from tests.services.prices.test_subscriptions import fresh


def in_january(k5: House, code: str) -> MonthOn:
    k5.clock.now = datetime(2027, 1, 5, 9, tzinfo=UTC)
    return last_month_on(k5.ports, fresh(k5), code)


def test_only_the_last_month_counts_and_gift_minutes_are_used(k5: House) -> None:
    publish(k5.ports, {"74": ("Россия фикс.", "1.69")}, 2, name="clovertel")
    k5.top_up("200.00")
    k5.talk(k5.order(), "61")
    k5.clock.now = datetime(2027, 1, 5, 9, tzinfo=UTC)
    k5.talk(k5.order(), "61")
    month = last_month_on(k5.ports, fresh(k5), "go")
    assert (month.calls, month.priced, month.was, month.calls_on_plan) == (1, 1, rub("4.40"), rub("0.00"))
    assert (month.difference, month.is_changed) == (rub("465.60"), False)
    own = last_month_on(k5.ports, fresh(k5), "k5")
    assert own.on_plan == own.was


def test_each_call_is_priced_by_the_version_of_its_day(k5: House) -> None:
    """One minute to another operator of Russia: 5.00, from the 15th 4.00; what it costs now, 1.00, is not asked."""
    k5.top_up("200.00")
    text = SHIPPED.text("start")
    for since, price in ((date(2026, 12, 15), "4.00"), (date(2027, 1, 2), "1.00")):
        cheaper = replace(text, plan=text.plan.replace('price = "5.00 RUB/min"', f'price = "{price} RUB/min"'))
        publish_plan(k5.ports, cheaper, since, "staff:test")
    for day in (2, 16):
        k5.clock.now = datetime(2026, 12, day, 9, tzinfo=UTC)
        k5.talk(k5.order(), "59")
    month = in_january(k5, "start")
    assert month.calls_on_plan == rub("9.00")
    assert month.is_changed


def test_what_begins_with_the_plan_is_connected_and_paid(k5: House) -> None:
    """«Включайся» costs 5.00 a day, for 31 days; with it a call within Russia costs 2.00 a minute."""
    k5.top_up("200.00")
    k5.talk(k5.order(), "59")
    month = in_january(k5, "economny")
    assert (month.calls_on_plan, month.fees_on_plan) == (rub("2.00"), rub("155.00"))


def test_the_fees_that_were_paid_are_held_against_those_of_the_plan(k5: House) -> None:
    k5.top_up("1000.00")
    subscriptions.connect(k5.ports, fresh(k5), "plan", "go-100", "form-1", rub("600.00"))
    month = in_january(k5, "go")
    assert (month.fees_were, month.was, month.difference) == (rub("600.00"), rub("600.00"), Money(-130_00))


def test_a_plan_younger_than_the_month_is_priced_by_its_first_version(k5: House) -> None:
    k5.top_up("200.00")
    k5.talk(k5.order(), "59")
    k5.clock.now = datetime(2027, 1, 5, 9, tzinfo=UTC)
    publish_plan(k5.ports, PlanText("small.toml", SMALL_PLAN, SMALL_GROUPS), k5.ports.today(), "staff:test")
    k5.clock.forward(seconds=2)
    assert last_month_on(k5.ports, fresh(k5), "small").calls_on_plan == rub("2.00")


def test_a_call_that_the_plan_closes_is_not_counted_as_priced(k5: House) -> None:
    k5.top_up("200.00")
    k5.talk(k5.order(), "59")
    text = SHIPPED.text("start")
    closed = text.plan.replace('price = "5.00 RUB/min"', 'closed = "закрыто"').replace('"start"', '"shut"')
    publish_plan(k5.ports, replace(text, plan=closed), k5.ports.today(), "staff:test")
    month = in_january(k5, "shut")
    assert (month.calls, month.priced, month.calls_on_plan) == (1, 0, rub("0.00"))


def test_a_plan_that_nobody_knows_is_named(k5: House) -> None:
    with pytest.raises(NoPlan):
        last_month_on(k5.ports, k5.caller, "nope")


def test_an_account_in_som_is_priced_by_the_list_in_som(k5: House) -> None:
    som_prices = {"996": ("Киргизия", "1.00"), "7495": ("Москва фикс.", "3.00")}
    publish(k5.ports, som_prices, 2, name="k5-kgs", terms={prefix: {"currency": "KGS"} for prefix in som_prices})
    number = Msisdn("996555123456")
    som = add_subscriber(k5.ports, number, "correct horse", "Азамат", "KGS")
    k5.clock.now = datetime(2027, 1, 5, 9, tzinfo=UTC)
    month = last_month_on(k5.ports, som, "k5")
    assert (month.was, month.on_plan, month.difference) == (Money(0, "KGS"), Money(0, "KGS"), Money(0, "KGS"))
    plan = DatedPlan.published(k5.ports, "k5", "KGS").on(date(2027, 1, 4))
    event = UsageEvent(k5.clock(), Kind.CALL, "74951234567", 61_000_000)
    assert plan.meter.rate(event, {}, number.digits).charge == Money(8_00, "KGS")
    with pytest.raises(CurrencyMismatch):
        last_month_on(k5.ports, som, "go")
