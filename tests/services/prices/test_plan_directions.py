"""What a plan that prices by direction groups asks for directions: groups, places, numbers, the options in force."""

from dataclasses import replace

import pytest

from k5web.domain.money import Price, rub
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan_version import PlanText
from k5web.services.prices import plan_directions, subscriptions
from k5web.services.prices.plan_publishing import publish as publish_plan
from tests.plan_samples import CODES, SMALL_GROUPS, SMALL_PLAN, plan_of
from tests.services.house import House, publish
from tests.services.prices.test_subscriptions import fresh

BY_GROUPS = {"economny", "start"}


@pytest.fixture
def economny(k5: House) -> House:
    """A subscriber of «Экономный», with «Включайся»."""
    k5.top_up("200.00")
    subscriptions.connect(k5.ports, fresh(k5), "plan", "economny", "form-1", rub("5.00"))
    return k5


def prices(k5: House, query: str = "") -> dict[str, str]:
    found = plan_directions.search(k5.ports, fresh(k5), "k5", query)
    return {row.destination: str(row.per_minute) for row in found.rows}


def rate(k5: House, digits: str) -> str:
    found = plan_directions.rate_of(k5.ports, fresh(k5), digits)
    if found is None:
        return "no price"
    return "blocked" if found.is_blocked else str(found.per_minute)


def on_plan(k5: House, was: str, now: str) -> House:
    """A subscriber of the small plan with a text in place of another."""
    text = PlanText("small.toml", SMALL_PLAN.replace(was, now), SMALL_GROUPS)
    publish_plan(k5.ports, text, k5.ports.today(), "staff:test")
    k5.clock.forward(seconds=2)
    k5.top_up("10.00")
    subscriptions.connect(k5.ports, fresh(k5), "plan", "small", "form-1", rub("0.00"))
    return k5


@pytest.mark.parametrize("code", CODES)
def test_each_plan_prices_by_a_list_or_by_groups(code: str) -> None:
    assert plan_directions.is_by_list(plan_of(code)) == (code not in BY_GROUPS)


def test_every_group_has_its_price_with_the_options_in_force(economny: House) -> None:
    assert list(prices(economny).values()) == ["0.00", "2.00", "2.00", "2.00", "20.00", "5.25", "290.00", "50.00"]


@pytest.mark.parametrize(
    ("query", "group"),
    [
        ("украина", "Украина"),
        ("+380 44", "Украина"),
        ("москва", "Другие операторы России"),
        ("казань", "Другие операторы России"),
        ("софия", "Другие страны"),
        ("+7 990", "+7 Телеком"),
    ],
)
def test_a_group_is_found_by_its_title_by_a_number_and_by_a_place_in_it(
    economny: House, query: str, group: str
) -> None:
    """No group of the plan is called Москва or Казань: the public list knows their codes."""
    assert list(prices(economny, query)) == [group]


def test_what_nobody_knows_finds_nothing(economny: House) -> None:
    assert prices(economny, "атлантида") == {}


@pytest.mark.parametrize(
    ("digits", "price"),
    [
        ("79901234567", "0.00"),
        ("73", "2.00"),
        ("380", "20.00"),
        ("442071234567", "50.00"),
        ("7", "no price"),  # the beginning of several groups
    ],
)
def test_digits_have_the_price_of_their_group(economny: House, digits: str, price: str) -> None:
    assert rate(economny, digits) == price


def test_what_a_plan_closes_is_told_as_blocked(k5: House) -> None:
    on_plan(k5, 'price = "9.00 RUB/min"', 'closed = "закрыто"')
    assert (rate(k5, "442071234567"), rate(k5, "74951234567")) == ("blocked", "2.00")
    assert [row.rate and row.rate.is_blocked for row in plan_directions.search(k5.ports, fresh(k5), "k5", "").rows] == [
        False,
        True,
    ]


def test_a_group_that_a_list_prices_has_no_price_of_its_own_but_its_numbers_have(k5: House) -> None:
    publish(k5.ports, {"44": ("Великобритания", "3.10")}, 2, name="abroad")
    on_plan(k5, 'price = "9.00 RUB/min"', 'deck = "abroad"')
    [near, far] = plan_directions.search(k5.ports, fresh(k5), "k5", "").rows
    assert (near.destination, str(near.per_minute), near.rate is None, far.rate) == ("Близко", "2.00", False, None)
    assert (rate(k5, "442071234567"), rate(k5, "331234567")) == ("3.10", "no price")


def test_a_plan_without_groups_has_one_price_for_all(k5: House) -> None:
    flat = SMALL_PLAN.replace('groups = "two"\n', "").replace('to = ["near"]\n', "").replace('to = ["far"]\n', "")
    flat = flat.replace('[[rate]]\nkind = "call"\nprice = "9.00 RUB/min"\n', "")
    publish_plan(k5.ports, PlanText("small.toml", flat), k5.ports.today(), "staff:test")
    k5.clock.forward(seconds=2)
    k5.top_up("10.00")
    subscriptions.connect(k5.ports, fresh(k5), "plan", "small", "form-1", rub("0.00"))
    assert prices(k5) == {"": "2.00"}
    assert (rate(k5, "44"), rate(k5, "7")) == ("2.00", "2.00")


def test_the_own_leg_is_free_at_home_and_paid_abroad(economny: House) -> None:
    own = plan_directions.own_leg(economny.ports, fresh(economny))
    assert own is not None
    assert own.per_minute == Price(0)
    abroad = replace(fresh(economny), phone=Msisdn("442071234567"))
    paid = plan_directions.own_leg(economny.ports, abroad)
    assert paid is not None
    assert str(paid.per_minute) == "50.00"


def test_the_price_between_two_numbers_knows_the_options_in_force(economny: House) -> None:
    found = plan_directions.quote(economny.ports, fresh(economny), Msisdn("79161234567"), Msisdn("74951234567"))
    assert str(found.per_minute) == "2.00"


def test_without_a_public_list_the_titles_are_searched(economny: House) -> None:
    [row] = plan_directions.search(economny.ports, fresh(economny), "none", "украина").rows
    assert row.destination == "Украина"
