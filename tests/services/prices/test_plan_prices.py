"""Plans side by side, and what a direction costs on each."""

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.prices import plan_prices
from tests.services.house import House, publish

MOSCOW = Msisdn("74951234567")


def test_each_plan_has_its_price_of_a_direction_or_says_why_not(k5: House) -> None:
    publish(k5.ports, {"7495": ("Москва фикс.", "0.65")}, 2, name="clovertel")
    found = {each.plan.code: each for each in plan_prices.compare(k5.ports, MOSCOW)}
    assert (found["k5"].minute, found["go"].minute, found["economny"].minute) == (rub("0.45"), rub("0.65"), rub("2.00"))
    nowhere = {each.plan.code: each for each in plan_prices.compare(k5.ports, Msisdn("35921234567"))}
    assert nowhere["go"].minute is None
    assert nowhere["go"].refusal is not None


def test_plans_come_by_their_fee(k5: House) -> None:
    fees = [sum(fee.amount.minor for fee in plan.fees) for plan in plan_prices.choices(k5.ports)]
    assert fees == sorted(fees)
    assert fees[-1] == 299_000
