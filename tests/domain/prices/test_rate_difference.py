"""Prices of use: compared number by number, in each zone and with each option (B2)."""

from dataclasses import replace

import pytest

from k5web.domain.money import Price, rub
from k5web.domain.prices.plan import Condition, DirectionGroup, Fee, GroupSet, Option, Plan, RateRule, State
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.rate_difference import Change, group_pairs, rate_changes
from k5web.domain.prices.usage import Every, Kind, Zone


def group_set(rest: str = "other", **prefixes: str) -> GroupSet:
    names = [*prefixes.values(), rest]
    groups = {name: DirectionGroup(name, name) for name in names}
    return GroupSet("set", groups, PrefixTable({prefix.strip("p"): name for prefix, name in prefixes.items()}), rest)


GROUPS = group_set(p7="russia", p7840="abroad")


def rule(price: str = "", to: str = "", kind: Kind = Kind.CALL, **more: object) -> RateRule:
    own = Price.parse(price) if price else None
    groups = frozenset([to]) if to else frozenset[str]()
    return RateRule("rate", kind, frozenset(Zone), groups, price=own, **more)  # type: ignore[arg-type]


def plan(*rules: RateRule, groups: GroupSet = GROUPS, options: str = "o") -> Plan:
    found = {code: Option(code, code, Fee(rub("1.00"), Every.DAY)) for code in options}
    return Plan("x", "", "b_answer", 1, groups=groups, rates=rules, options=found)


def changes(before: RateRule, after: RateRule | None) -> list[Change]:
    return list(rate_changes(plan(before), plan(*([after] if after else []))))


PRICED, DATA = rule("2.00"), rule("5.00", kind=Kind.DATA)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PRICED, rule("2.000001")),
        (PRICED, None),
        (PRICED, rule(closed="закрыто")),
        (PRICED, rule(deck="list")),
        (rule(deck="list"), PRICED),
        (rule(deck="list"), rule(deck="other")),
        (PRICED, rule("2.00", free_below_s=2)),
        (PRICED, rule("1.00", minimum_s=61)),
        (PRICED, rule("1.00", increment_s=61)),
        (rule("2.00", increment_s=60), rule("2.00", increment_s=25)),
        (DATA, replace(DATA, step_kb=200)),
        (DATA, replace(DATA, step_kb=70)),
        (rule("2.50", kind=Kind.SMS), rule("2.51", kind=Kind.SMS)),
    ],
)
def test_a_use_that_may_cost_more_is_dearer(before: RateRule, after: RateRule | None) -> None:
    found = changes(before, after)
    assert len(found) == 1
    assert found[0].is_dearer


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PRICED, rule("1.999999")),
        (rule(deck="list"), rule("0.00")),
        (rule(closed="закрыто"), rule("99.00")),
        (PRICED, rule("2.00", increment_s=1, minimum_s=0, free_below_s=5)),
        (DATA, replace(DATA, step_kb=50)),
    ],
)
def test_a_use_that_costs_no_more_is_not(before: RateRule, after: RateRule) -> None:
    assert [found.is_dearer for found in changes(before, after)] == [False]


def test_what_is_closed_may_use_its_allowances_up_sooner() -> None:
    """Where money buys nothing, what allowances pay for is counted by the same steps."""
    closed = rule(closed="закрыто")
    steps = ("by 60 s, at least 60 s, free below 3 s", "by 45 s, at least 60 s, free below 3 s")
    words = f"call to russia, zone home and 5 more cases: closed, counted {steps[0]} → closed, counted {steps[1]}"
    assert changes(closed, replace(closed, increment_s=45)) == [Change(words, True)]
    assert [change.is_dearer for change in changes(closed, replace(closed, increment_s=1))] == [False]
    assert [change.is_dearer for change in changes(closed, rule("2.00", increment_s=45))] == [True]
    assert [change.is_dearer for change in changes(closed, None)] == [True]
    assert changes(closed, replace(closed, closed="теперь иначе")) == []


def test_a_new_kind_of_use_takes_nothing_away() -> None:
    assert [found.is_dearer for found in rate_changes(plan(PRICED), plan(PRICED, DATA))] == [False]


def test_equal_prices_under_other_names_are_no_change() -> None:
    split = [replace(PRICED, name=to, groups=frozenset([to])) for to in ("russia", "abroad", "other")]
    assert list(rate_changes(plan(PRICED), plan(*split))) == []


def test_a_change_of_many_cases_is_one_line() -> None:
    found = list(rate_changes(plan(PRICED), plan(rule("3.00"))))
    assert [change.words for change in found] == [
        "call to russia, zone home and 5 more cases: 2.00 RUB/min by 60 s, at least 60 s, free below 3 s → "
        "3.00 RUB/min by 60 s, at least 60 s, free below 3 s"
    ]


def test_a_number_that_moves_to_a_dearer_group_is_found() -> None:
    rules = rule("1.00", "russia"), rule("9.00", "abroad"), rule("5.00", "other")
    moved = group_set(p7="russia", p7840="abroad", p7978="abroad")
    found = list(rate_changes(plan(*rules), plan(*rules, groups=moved)))
    assert [(change.words.split(":")[0], change.is_dearer) for change in found] == [
        ("call to russia, zone home and 1 more cases", True)
    ]


def test_groups_are_paired_by_their_numbers_whatever_their_names() -> None:
    after = group_set("rest", p7="home", p78="south")
    assert set(group_pairs(plan(), plan(groups=after))) == {
        ("russia", "home"),
        ("russia", "south"),
        ("abroad", "south"),
        ("other", "rest"),
    }


def test_the_price_without_an_option_may_rise_though_the_one_with_it_falls() -> None:
    def by_option(on: str, off: str) -> Plan:
        conditions = {state: (Condition("o", frozenset([state])),) for state in State}
        prices = {State.ON: on, State.OFF: off, State.UNPAID: off}
        return plan(*(replace(rule(price), conditions=conditions[state]) for state, price in prices.items()))

    found = {
        change.words.split(",")[2].strip().split(" and ")[0]: change.is_dearer
        for change in rate_changes(by_option("2.00", "3.00"), by_option("1.00", "4.00"))
    }
    assert found == {"o on": False, "o unpaid": True}


def test_where_an_option_goes_its_price_is_that_without_it() -> None:
    conditions = {state: (Condition("o", frozenset([state])),) for state in State}
    before = plan(*(replace(rule("1.00" if s is State.ON else "3.00"), conditions=conditions[s]) for s in State))
    after = plan(rule("2.00"), options="")
    found = sorted(change.is_dearer for change in rate_changes(before, after))
    assert found == [False, True]


def test_what_costs_more_with_a_new_option_is_its_choosers_own_wish() -> None:
    conditions = {state: (Condition("n", frozenset([state])),) for state in State}
    after = plan(
        *(replace(rule("9.00" if s is State.ON else "1.00"), conditions=conditions[s]) for s in State), options="n"
    )
    assert list(rate_changes(plan(rule("1.00"), options=""), after)) == []
