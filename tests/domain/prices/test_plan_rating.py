"""What a use costs: rule, allowances, money; every part explained, the sum rounded once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k5web.domain.money import Money, Price, rub
from k5web.domain.prices.plan import NO_GROUPS, Allowance, DirectionGroup, GroupSet, Plan, RateRule
from k5web.domain.prices.plan_rating import Part, PlanMeter, RatedUse
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.rating import MICROSECONDS, Rate, RateTable
from k5web.domain.prices.usage import Every, Kind, UsageEvent, Zone
from k5web.errors import NoRate, NotInPlan

GROUPS = GroupSet(
    "two",
    {"near": DirectionGroup("near", "Близко"), "far": DirectionGroup("far", "Далеко")},
    PrefixTable({"7": "near", "44": "far"}),
)
DECK = RateTable(
    "list",
    1,
    [
        Rate("7495", "Москва", Price.parse("0.45")),
        Rate("79", "Россия моб.", Price.parse("1.75")),
        Rate("44", "Англия", Price.parse("1.00"), connect_fee=Price.parse("0.30")),
        Rate("70", "Бесплатно", Price.parse("0.00")),
    ],
)
MOSCOW, MOBILE, ENGLAND = "74951234567", "79161234567", "442071234567"


def find_rate(deck: str, event: UsageEvent, number: str) -> Rate:
    assert deck == "list"
    return DECK.find(number)


def rule(kind: Kind, price: str = "", *, groups: str = "", deck: str = "", closed: str = "") -> RateRule:
    """A rule for all zones, under a name that tells what it is for."""
    name = f"{kind} {groups}".strip()
    own = Price.parse(price) if price else None
    return RateRule(name, kind, frozenset(Zone), frozenset(groups.split()), (), own, deck, closed)


def gift(code: str, unit: str, amount: int, kind: Kind, *, groups: str = "", price: str = "") -> Allowance:
    return Allowance(
        code,
        code,
        unit,  # type: ignore[arg-type]
        amount,
        Every.MONTH,
        frozenset({kind}),
        frozenset(groups.split()),
        frozenset(Zone),
        price=Price.parse(price) if price else None,
    )


def meter(
    *rules: RateRule, gifts: tuple[Allowance, ...] = (), groups: GroupSet = NO_GROUPS, legs: str = "b"
) -> PlanMeter:
    plan = Plan("test", "list", "b_answer", 1, rates=rules, allowances=gifts, groups=groups, pays_leg_a=legs == "both")
    return PlanMeter(plan, find_rate)


def use(kind: Kind, quantity: float, to: str = MOSCOW) -> UsageEvent:
    counted = round(quantity * MICROSECONDS) if kind.is_timed else int(quantity)
    return UsageEvent(datetime(2026, 12, 1, 12, tzinfo=UTC), kind, to, counted)


def told(rated: RatedUse) -> list[tuple[int, str, str]]:
    return [(part.units, str(part.charge), part.allowance) for part in rated.parts]


CALLS = rule(Kind.CALL, "2.00")


def test_a_callback_costs_both_legs_and_the_parts_of_each() -> None:
    rated = meter(rule(Kind.CALL, deck="list"), legs="both").rate(use(Kind.CALL, 61), {}, MOBILE)
    assert (rated.charge, told(rated)) == (rub("4.40"), [(120, "0.90", ""), (120, "3.50", "")])
    assert rated.destination == "Москва + Россия моб."


def test_a_callback_without_the_own_number_has_no_price() -> None:
    with pytest.raises(NotInPlan, match="without the number of the subscriber's own phone"):
        meter(rule(Kind.CALL, deck="list"), legs="both").rate(use(Kind.CALL, 61), {})


def test_where_the_plan_pays_leg_b_alone_the_own_number_is_not_asked() -> None:
    assert meter(rule(Kind.CALL, deck="list")).rate(use(Kind.CALL, 61), {}, MOBILE).charge == rub("0.90")


@pytest.mark.parametrize(
    ("seconds", "counted", "charge"),
    [(0, 0, "0.00"), (2.999999, 0, "0.00"), (3, 60, "2.00"), (60, 60, "2.00"), (60.000001, 120, "4.00")],
)
def test_talk_is_counted_in_whole_minutes_and_free_below_three_seconds(
    seconds: float, counted: int, charge: str
) -> None:
    rated = meter(CALLS).rate(use(Kind.CALL, seconds), {})
    assert (rated.counted, str(rated.charge)) == (counted, charge)


@pytest.mark.parametrize(
    ("size", "counted", "charge"),
    [(0, 0, "0.00"), (1, 100, "0.49"), (102_400, 100, "0.49"), (102_401, 200, "0.98"), (1_048_576, 1_100, "5.37")],
)
def test_data_is_counted_in_steps_of_100_kb(size: int, counted: int, charge: str) -> None:
    """A megabyte of 1 024 KB is eleven steps."""
    rated = meter(rule(Kind.DATA, "5.00")).rate(use(Kind.DATA, size), {})
    assert (rated.counted, str(rated.charge)) == (counted, charge)


def test_a_message_costs_its_parts() -> None:
    assert meter(rule(Kind.SMS, "2.50")).rate(use(Kind.SMS, 3), {}).charge == rub("7.50")


def test_an_allowance_pays_first_and_money_the_rest_of_the_same_call() -> None:
    meter_ = meter(CALLS, gifts=(gift("minutes", "SEC", 3_000, Kind.CALL),))
    rated = meter_.rate(use(Kind.CALL, 61), {"minutes": 60})
    assert (rated.charge, rated.used) == (rub("2.00"), {"minutes": 60})
    assert rated.parts == (Part(60, rub("0.00"), "minutes"), Part(60, rub("2.00"), "", Price.parse("2.00")))


def test_allowances_are_used_in_the_order_of_the_plan_and_where_they_cover() -> None:
    gifts = (
        gift("far", "SEC", 60, Kind.CALL, groups="far"),
        gift("first", "SEC", 60, Kind.CALL),
        gift("second", "SEC", 600, Kind.CALL),
    )
    rated = meter(CALLS, gifts=gifts, groups=GROUPS).rate(use(Kind.CALL, 120), {"far": 60, "first": 60, "second": 600})
    assert (rated.used, rated.charge) == ({"first": 60, "second": 60}, rub("0.00"))


def test_what_is_free_uses_up_nothing() -> None:
    free = meter(rule(Kind.CALL, "0.00"), gifts=(gift("minutes", "SEC", 600, Kind.CALL),))
    assert free.rate(use(Kind.CALL, 120), {"minutes": 600}).used == {}
    by_list = meter(rule(Kind.CALL, deck="list"), gifts=(gift("minutes", "SEC", 600, Kind.CALL),))
    assert by_list.rate(use(Kind.CALL, 120, "70001234567"), {"minutes": 600}).used == {}


def test_the_first_minutes_may_cost_less_than_the_others() -> None:
    first = meter(CALLS, gifts=(gift("first", "SEC", 3_000, Kind.CALL, price="1.00"),))
    rated = first.rate(use(Kind.CALL, 180), {"first": 60})
    assert (rated.charge, told(rated)) == (rub("5.00"), [(60, "1.00", "first"), (120, "4.00", "")])


def test_an_allowance_that_costs_as_much_as_money_is_left_alone() -> None:
    dear = meter(CALLS, gifts=(gift("dear", "SEC", 3_000, Kind.CALL, price="2.00"),))
    assert dear.rate(use(Kind.CALL, 60), {"dear": 60}).used == {}


def test_the_cheaper_of_two_allowances_is_used_first() -> None:
    gifts = (gift("priced", "SEC", 60, Kind.CALL, price="1.00"), gift("free", "SEC", 60, Kind.CALL))
    rated = meter(CALLS, gifts=gifts).rate(use(Kind.CALL, 60), {"priced": 60, "free": 60})
    assert (rated.used, rated.charge) == ({"free": 60}, rub("0.00"))


def test_parts_of_fractions_of_a_kopeck_sum_to_the_whole_and_none_is_below_nothing() -> None:
    gifts = tuple(gift(code, "SMS", 1, Kind.SMS, price="0.005") for code in ("one", "two", "three"))
    rated = meter(rule(Kind.SMS, "0.006"), gifts=gifts).rate(use(Kind.SMS, 3), {"one": 1, "two": 1, "three": 1})
    assert rated.charge == rub("0.02"), "0.015 is rounded once"
    assert told(rated) == [(1, "0.01", "one"), (1, "0.00", "two"), (1, "0.01", "three")]


def test_a_connection_is_paid_for_though_its_minutes_are_given() -> None:
    rated = meter(rule(Kind.CALL, deck="list"), gifts=(gift("minutes", "SEC", 600, Kind.CALL),)).rate(
        use(Kind.CALL, 60, ENGLAND), {"minutes": 600}
    )
    assert (rated.charge, told(rated)) == (rub("0.30"), [(60, "0.00", "minutes"), (0, "0.30", "")])


def test_money_that_is_given_pays_the_charge_and_no_more() -> None:
    given = meter(CALLS, gifts=(gift("given", "MONEY", 20_000, Kind.CALL),))
    rated = given.rate(use(Kind.CALL, 120), {"given": 300})
    assert (rated.charge, rated.used, told(rated)) == (rub("1.00"), {"given": 300}, [(120, "4.00", "")])
    assert given.rate(use(Kind.CALL, 60), {"given": 300}).used == {"given": 200}


def test_both_legs_share_one_allowance() -> None:
    both = meter(rule(Kind.CALL, deck="list"), gifts=(gift("minutes", "SEC", 600, Kind.CALL),), legs="both")
    rated = both.rate(use(Kind.CALL, 60), {"minutes": 90}, MOBILE)
    assert rated.used == {"minutes": 90}
    assert told(rated) == [(60, "0.00", "minutes"), (30, "0.00", "minutes"), (30, "0.88", "")]


def test_what_is_closed_is_refused_with_words_and_costs_nothing() -> None:
    rated = meter(rule(Kind.CALL, closed="закрыто")).rate(use(Kind.CALL, 61), {})
    assert (rated.refused, rated.charge, rated.counted, rated.parts) == ("закрыто", rub("0.00"), 0, ())


def test_what_is_closed_may_be_open_while_an_allowance_lasts() -> None:
    data = meter(rule(Kind.DATA, closed="на сегодня всё"), gifts=(gift("mb", "KB", 1_000, Kind.DATA),))
    whole = data.rate(use(Kind.DATA, 102_400), {"mb": 100})
    assert (whole.refused, whole.used) == ("", {"mb": 100})
    half = data.rate(use(Kind.DATA, 204_800), {"mb": 100})
    assert (half.refused, half.used, half.counted) == ("на сегодня всё", {"mb": 100}, 100)


def test_closed_minutes_are_counted_as_open_ones_are() -> None:
    calls = meter(rule(Kind.CALL, closed="закрыто"), gifts=(gift("minutes", "SEC", 600, Kind.CALL),))
    assert calls.rate(use(Kind.CALL, 61), {"minutes": 600}).used == {"minutes": 120}


def test_the_code_of_a_group_may_stand_for_a_number_of_it() -> None:
    grouped = meter(rule(Kind.CALL, "1.00", groups="near"), rule(Kind.CALL, "9.00", groups="far"), groups=GROUPS)
    assert grouped.rate(use(Kind.CALL, 60, "far"), {}).charge == rub("9.00")
    with pytest.raises(NotInPlan, match="direction group 'fra'"):
        grouped.rate(use(Kind.CALL, 60, "fra"), {})
    listed = meter(rule(Kind.CALL, deck="list"), groups=GROUPS)
    with pytest.raises(NotInPlan, match="'far' without a number: it is priced by a list"):
        listed.rate(use(Kind.CALL, 60, "far"), {})


def test_what_no_rule_prices_is_named() -> None:
    grouped = meter(rule(Kind.CALL, "1.00", groups="near"), rule(Kind.CALL, "9.00", groups="far"), groups=GROUPS)
    with pytest.raises(NotInPlan, match=r"plan test has no price for call to \+33123456789 in zone home"):
        grouped.rate(use(Kind.CALL, 60, "33123456789"), {})
    with pytest.raises(NotInPlan, match="data in zone home"):
        grouped.rate(use(Kind.DATA, 60), {})
    with pytest.raises(NoRate):
        meter(rule(Kind.CALL, deck="list")).rate(use(Kind.CALL, 60, "33123456789"), {})


def test_the_currency_is_the_plans() -> None:
    plan = Plan("test", "", "b_answer", 1, currency="KGS", rates=(rule(Kind.CALL, closed="нет"),), pays_leg_a=False)
    som = replace(plan, rates=(replace(plan.rates[0], closed="", price=Price.parse("1.00", "KGS")),))
    assert PlanMeter(som, find_rate).rate(use(Kind.CALL, 61), {}).charge == Money(200, "KGS")
    assert PlanMeter(plan, find_rate).rate(use(Kind.CALL, 61), {}).charge == Money(0, "KGS")
