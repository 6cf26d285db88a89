"""Plans side by side; a month of one's own on another plan."""

from datetime import UTC, datetime

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.prices import plan_prices
from tests.services.house import House, publish
from tests.services.prices.test_subscriptions import fresh

MOSCOW = Msisdn("74951234567")


def test_each_plan_has_its_price_of_a_direction_or_says_why_not(k5: House) -> None:
    publish(k5.ports, {"7495": ("Москва фикс.", "0.65")}, 2, name="clovertel")
    found = {each.plan.code: each for each in plan_prices.compare(k5.ports, MOSCOW)}
    assert (found["k5"].minute, found["go"].minute, found["economny"].minute) == (rub("0.45"), rub("0.65"), rub("5.00"))
    nowhere = {each.plan.code: each for each in plan_prices.compare(k5.ports, Msisdn("35921234567"))}
    assert nowhere["go"].minute is None
    assert nowhere["go"].refusal is not None


def test_plans_come_by_their_fee(k5: House) -> None:
    fees = [sum(fee.amount.minor for fee in plan.fees) for plan in plan_prices.choices(k5.ports)]
    assert fees == sorted(fees)
    assert fees[-1] == 299_000


def test_only_the_last_month_counts_and_gift_minutes_are_used(k5: House) -> None:
    publish(k5.ports, {"74": ("Россия фикс.", "1.69")}, 2, name="clovertel")
    k5.top_up("200.00")
    k5.talk(k5.order(), "61")
    k5.clock.now = datetime(2027, 1, 5, 9, tzinfo=UTC)
    k5.talk(k5.order(), "61")
    month = plan_prices.last_month_on(k5.ports, fresh(k5), "go")
    assert (month.calls, month.priced, month.was, month.calls_on_plan) == (1, 1, rub("4.40"), rub("0.00"))
    assert month.difference == rub("465.60")
    own = plan_prices.last_month_on(k5.ports, fresh(k5), "k5")
    assert own.on_plan == own.was
