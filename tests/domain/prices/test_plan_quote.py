"""The price of a callback by a plan: each leg by its own rule (A3)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k5web.domain.money import Price
from k5web.domain.prices.plan import Condition, DirectionGroup, GroupSet, Plan, RateRule, State
from k5web.domain.prices.plan_cells import PriceGrid
from k5web.domain.prices.plan_quote import quote_call
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.rating import Quote, Rate
from k5web.domain.prices.usage import Kind, UsageEvent, Zone
from k5web.errors import CurrencyMismatch, NotInPlan

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MOBILE, MOSCOW, SOFIA = "79161234567", "74951234567", "35921234567"
LISTED = {MOBILE: ("79", "Россия мобильный", "1.75"), MOSCOW: ("7495", "Москва городской", "0.45")}
GROUPS = GroupSet(
    "set",
    {"russia": DirectionGroup("russia", "Россия"), "bulgaria": DirectionGroup("bulgaria", "Болгария")},
    PrefixTable({"7": "russia", "359": "bulgaria"}),
)


def from_deck(deck: str, number: str) -> Rate:
    prefix, destination, price = LISTED[number]
    return Rate(prefix, f"{deck}: {destination}", Price.parse(price), connect_fee=Price.parse("0.10"))


def rule(price: str = "", to: str = "", option: str = "", state: State = State.ON, **more: object) -> RateRule:
    conditions = (Condition(option, frozenset([state])),) if option else ()
    groups = frozenset([to]) if to else frozenset[str]()
    own = Price.parse(price) if price else None
    return RateRule("rate", Kind.CALL, frozenset(Zone), groups, conditions, own, **more)  # type: ignore[arg-type]


def plan(*rules: RateRule, pays_leg_a: bool = True) -> Plan:
    return Plan(
        code="x",
        deck="list",
        a_leg_from="b_answer",
        calls_at_once=1,
        groups=GROUPS,
        rates=rules,
        pays_leg_a=pays_leg_a,
    )


def quoted(found: Plan, to: str, currency: str = "RUB", options: frozenset[str] = frozenset()) -> Quote:
    event = UsageEvent(NOW, Kind.CALL, to, options=options)
    return quote_call(PriceGrid(found), event, MOBILE, currency, from_deck)


def test_a_rule_with_a_price_list_has_the_rates_of_the_list() -> None:
    quote = quoted(plan(rule(deck="list")), MOSCOW)
    assert (quote.a, quote.b) == (from_deck("list", MOBILE), from_deck("list", MOSCOW))
    assert (quote.a_number, quote.b_number, str(quote.per_minute)) == (MOBILE, MOSCOW, "2.20")


def test_a_rule_with_its_own_price_makes_a_rate_named_by_its_group() -> None:
    own = plan(rule("1.00", "russia", increment_s=1, minimum_s=30, free_below_s=5), rule("9.00", "bulgaria"))
    quote = quoted(own, SOFIA)
    assert (quote.b.destination, str(quote.b.per_minute), quote.b.counting) == ("Болгария", "9.00", (60, 60, 3))
    assert (quote.a.destination, str(quote.a.per_minute), quote.a.counting) == ("Россия", "1.00", (1, 30, 5))


def test_where_leg_a_is_the_operators_it_is_free_and_keeps_its_name() -> None:
    quote = quoted(plan(rule(deck="list"), pays_leg_a=False), MOSCOW)
    assert (quote.a.per_minute.micro, quote.a.fee.micro) == (0, 0)
    assert quote.a == replace(from_deck("list", MOBILE), per_minute=Price(0), connect_fee=None)
    assert str(quote.per_minute) == "0.45"
    assert str(quote.connect_fee) == "0.10"


def test_a_phone_abroad_pays_its_own_leg_where_leg_a_is_else_the_operators() -> None:
    own = plan(rule("1.00", "russia"), rule("9.00", "bulgaria"), pays_leg_a=False)
    event = UsageEvent(NOW, Kind.CALL, MOSCOW)
    quote = quote_call(PriceGrid(own), event, SOFIA, "RUB", from_deck)
    assert (str(quote.a.per_minute), str(quote.b.per_minute)) == ("9.00", "1.00")


def test_an_option_that_is_on_chooses_its_rule() -> None:
    offs = rule("2.00", option="o", state=State.OFF)
    unpaid = replace(offs, conditions=(Condition("o", frozenset([State.UNPAID])),))
    by_option = plan(offs, unpaid, rule("1.00", option="o"))
    assert str(quoted(by_option, MOSCOW).b.per_minute) == "2.00"
    assert str(quoted(by_option, MOSCOW, options=frozenset(["o"])).b.per_minute) == "1.00"


@pytest.mark.parametrize(
    "rules",
    [
        (rule("1.00", "russia"),),
        (rule("1.00", "russia"), rule(to="bulgaria", closed="закрыто")),
    ],
    ids=["lacks", "closes"],
)
def test_a_direction_that_the_plan_lacks_or_closes_is_refused(rules: tuple[RateRule, ...]) -> None:
    with pytest.raises(NotInPlan, match=r"plan x has no price for call to \+35921234567 in zone home"):
        quoted(plan(*rules), SOFIA)


def test_a_number_of_no_group_is_refused() -> None:
    with pytest.raises(NotInPlan):
        quoted(plan(rule("1.00", "russia"), rule("2.00", "bulgaria")), "442079460000")


def test_a_price_in_another_currency_than_the_accounts_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        quoted(plan(rule("1.00")), MOSCOW, "KGS")
