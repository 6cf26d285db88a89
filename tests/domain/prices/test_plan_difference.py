"""Every fee, allowance, service and rule of a plan that becomes worse is found, and what becomes better is not (B2)."""

from dataclasses import replace

import pytest

from k5web.domain.money import Price, rub
from k5web.domain.prices.plan import (
    Allowance,
    ChangeRule,
    DirectionGroup,
    Fee,
    GroupSet,
    IdleRule,
    Option,
    Plan,
    RateRule,
    ServicePrice,
)
from k5web.domain.prices.plan_difference import compare_plans
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.usage import Every, Kind, Zone

GROUPS = GroupSet(
    "set",
    {"russia": DirectionGroup("russia", "Россия"), "other": DirectionGroup("other", "Другие")},
    PrefixTable({"7": "russia"}),
    "other",
)
MINUTES = Allowance(
    "minutes", "Минуты", "SEC", 3000, Every.MONTH, frozenset([Kind.CALL]), frozenset(["russia"]), frozenset([Zone.HOME])
)
PAID = replace(MINUTES, code="paid", price=Price.parse("1.00"), option="o")
HALF = replace(PAID, price=Price.parse("0.50"))
OPTION = Option("o", "Опция", Fee(rub("5.00"), Every.DAY, "prorated"))
SERVICE = ServicePrice("user", "Пользователь", rub("130.00"), Every.MONTH, included=3, most=10)
PLAN = Plan(
    code="x",
    deck="",
    a_leg_from="b_answer",
    calls_at_once=3,
    title="Х",
    operator="Оператор",
    source="Прейскурант",
    other_decks={"KGS": "x-kgs"},
    fees=(Fee(rub("470.00"), Every.MONTH),),
    options={"o": OPTION},
    allowances=(MINUTES, PAID),
    services={"user": SERVICE},
    groups=GROUPS,
    change=ChangeRule(rub("100.00"), 30),
    idle=IdleRule(90, "start"),
    needs_plan=frozenset(["profi", "vip"]),
    unpaid_stops=frozenset(["calls"]),
    includes=("Запись",),
    pbx_users=3,
)


def option(**changes: object) -> Plan:
    return replace(PLAN, options={"o": replace(OPTION, **changes)})  # type: ignore[arg-type]


def minutes(**changes: object) -> Plan:
    return replace(PLAN, allowances=(replace(MINUTES, **changes), PAID))  # type: ignore[arg-type]


def service(**changes: object) -> Plan:
    return replace(PLAN, services={"user": replace(SERVICE, **changes)})  # type: ignore[arg-type]


def changing(**changes: object) -> Plan:
    assert PLAN.change
    return replace(PLAN, change=replace(PLAN.change, **changes))  # type: ignore[arg-type]


NEW_OPTION = Option("n", "Новая", Fee(rub("1.00"), Every.DAY))
WORSE = {
    "fee of a month: 470.00 → 470.01": replace(PLAN, fees=(Fee(rub("470.01"), Every.MONTH),)),
    "fee of a day: 0.00 → 0.01": replace(PLAN, fees=(*PLAN.fees, Fee(rub("0.01"), Every.DAY))),
    "first fee: prorated → full": replace(PLAN, fees=(Fee(rub("470.00"), Every.MONTH, "full"),)),
    "calls at once: 3 → 2": replace(PLAN, calls_at_once=2),
    "longest talk, minutes: 60 → 59": replace(PLAN, max_talk_minutes=59),
    "leg A counts from: b_answer → a_answer": replace(PLAN, a_leg_from="a_answer"),
    "price list of accounts in KGS: x-kgs → nothing": replace(PLAN, other_decks={}),
    "option o goes": replace(PLAN, options={}),
    "option o, fee: 5.00 → 5.01": option(fee=Fee(rub("5.01"), Every.DAY, "prorated")),
    "option o, every: day → month": option(fee=Fee(rub("5.00"), Every.MONTH, "prorated")),
    "option o, first fee: prorated → full": option(fee=Fee(rub("5.00"), Every.DAY, "full")),
    "option o, connected with the plan: no → yes": option(starts_with_plan=True),
    "option o, needs the plan paid: no → yes": option(needs_paid_plan=True),
    "option o, excludes: nothing → n": option(excludes=frozenset(["n"])),
    "option n is connected with the plan, for 1.00": replace(
        PLAN, options={"o": OPTION, "n": replace(NEW_OPTION, starts_with_plan=True)}
    ),
    "allowance minutes goes": replace(PLAN, allowances=(PAID,)),
    "allowance minutes, amount: 3000 SEC → 2999 SEC": minutes(amount=2999),
    "allowance minutes, amount: 3000 SEC → 3000 MONEY": minutes(unit="MONEY"),
    "allowance minutes, every: month → day": minutes(every=Every.DAY),
    "allowance minutes, price: nothing → 0.01": minutes(price=Price.parse("0.01")),
    "allowance minutes, with option: nothing → o": minutes(option="o"),
    "allowance minutes, zones: home → russia": minutes(zones=frozenset([Zone.RUSSIA])),
    "allowance minutes, kinds: call → incoming": minutes(kinds=frozenset([Kind.INCOMING])),
    "allowance minutes, directions: russia → other, no longer all of russia": minutes(groups=frozenset(["other"])),
    "order in which allowances are used: minutes, paid → paid, minutes": minutes(price=Price.parse("2.00")),
    "allowance minutes, zones: home → home, russia": minutes(zones=frozenset(Zone)),
    "allowance minutes, kinds: call → call, incoming": minutes(kinds=frozenset([Kind.CALL, Kind.INCOMING])),
    "allowance minutes, directions: russia → all": minutes(groups=frozenset()),
    "allowance paid, with option: o → nothing": replace(PLAN, allowances=(MINUTES, replace(PAID, option=""))),
    "service user goes": replace(PLAN, services={}),
    "service user, price: 130.00 → 130.01": service(price=rub("130.01")),
    "service user, every: month → day": service(every=Every.DAY),
    "service user, included: 3 → 2": service(included=2),
    "service user, most: 10 → 9": service(most=9),
    "service user, counted with: nothing → pbx": service(together_with="pbx"),
    "change to this plan, fee: 100.00 → 100.01": changing(fee=rub("100.01")),
    "change to this plan, free after days: 30 → 31": changing(free_after_days=31),
    "change to this plan, free after days: 30 → 0": changing(free_after_days=0),
    "without paid use: after 90 days start → after 89 days start": replace(PLAN, idle=IdleRule(89, "start")),
    "without paid use: after 90 days start → after 90 days other": replace(PLAN, idle=IdleRule(90, "other")),
    "runs beside: profi, vip → vip": replace(PLAN, needs_plan=frozenset(["vip"])),
    "stops while a fee is unpaid: calls → calls, data": replace(PLAN, unpaid_stops=frozenset(["calls", "data"])),
    "people of the PBX: 3 → 2": replace(PLAN, pbx_users=2),
    "people of the PBX: 3 → 0": replace(PLAN, pbx_users=None),
    "no longer included: Запись": replace(PLAN, includes=()),
}
BETTER = {
    "fee of a month: 470.00 → 469.99": replace(PLAN, fees=(Fee(rub("469.99"), Every.MONTH),)),
    "legs: both legs are paid for → the subscriber's own leg is free": replace(PLAN, pays_leg_a=False),
    "calls at once: 3 → 4": replace(PLAN, calls_at_once=4),
    "longest talk, minutes: 60 → 61": replace(PLAN, max_talk_minutes=61),
    "option n is new": replace(PLAN, options={"o": OPTION, "n": NEW_OPTION}),
    "option o, fee: 5.00 → 4.99": option(fee=Fee(rub("4.99"), Every.DAY, "prorated")),
    "allowance minutes, amount: 3000 SEC → 3001 SEC": minutes(amount=3001),
    "allowance minutes, rolls over: no → yes": minutes(rolls_over=True),
    "allowance paid, price: 1.00 → 0.50": replace(PLAN, allowances=(MINUTES, HALF)),
    "allowance more is new": replace(PLAN, allowances=(replace(MINUTES, code="more"), *PLAN.allowances)),
    "service user, included: 3 → 4": service(included=4),
    "service user, most: 10 → any number": service(most=None),
    "service other is new": replace(PLAN, services={"user": SERVICE, "other": replace(SERVICE, code="other")}),
    "change to this plan, free after days: 30 → 29": changing(free_after_days=29),
    "without paid use: after 90 days start → nothing": replace(PLAN, idle=None),
    "runs beside: profi, vip → nothing": replace(PLAN, needs_plan=frozenset()),
    "people of the PBX: 3 → 4": replace(PLAN, pbx_users=4),
    "newly included: Очередь": replace(PLAN, includes=("Запись", "Очередь")),
    "title: Х → Икс": replace(PLAN, title="Икс"),
}


@pytest.mark.parametrize(("words", "after"), WORSE.items())
def test_what_becomes_worse_is_named(words: str, after: Plan) -> None:
    assert words in compare_plans(PLAN, after).dearer


@pytest.mark.parametrize(("words", "after"), BETTER.items())
def test_what_becomes_better_needs_no_notice(words: str, after: Plan) -> None:
    found = compare_plans(PLAN, after)
    assert found.dearer == ()
    assert found.other == (words,)


def test_an_allowance_that_is_used_up_by_more_uses_needs_notice() -> None:
    """At 0.50 it pays for calls of 0.80 too, which money paid for: the dearer ones find nothing left of it."""
    near, far = (
        RateRule(f"rate {n}", Kind.CALL, frozenset(Zone), frozenset([group]), price=Price.parse(price))
        for n, (group, price) in enumerate({"russia": "0.80", "other": "9.00"}.items())
    )
    plan = replace(PLAN, rates=(near, far))
    cheaper = replace(plan, allowances=(MINUTES, HALF))
    assert compare_plans(plan, cheaper).dearer == ("allowance paid, price: 1.00 → 0.50",)
    no_near = replace(plan, rates=(far,))
    assert compare_plans(no_near, replace(no_near, allowances=(MINUTES, HALF))).dearer == ()
    listed = replace(plan, rates=(replace(far, price=None, deck="list"),))
    assert compare_plans(listed, replace(listed, allowances=(MINUTES, HALF))).dearer


def test_numbers_that_move_into_the_reach_of_an_allowance_need_notice() -> None:
    wider = replace(GROUPS, table=PrefixTable({"7": "russia", "44": "russia"}))
    assert compare_plans(PLAN, replace(PLAN, groups=wider)).dearer == (
        "allowance minutes, directions: russia → russia",
        "allowance paid, directions: russia → russia",
    )


def test_the_order_of_use_is_that_of_prices_and_then_of_the_file() -> None:
    other = replace(MINUTES, code="other")
    two = replace(PLAN, allowances=(MINUTES, other))
    assert compare_plans(two, replace(two, allowances=(other, MINUTES))).dearer == (
        "order in which allowances are used: minutes, other → other, minutes",
    )
    assert compare_plans(PLAN, replace(PLAN, allowances=(PAID, MINUTES))).dearer == (), "the free one goes first anyway"


def test_a_plan_does_not_differ_from_itself() -> None:
    found = compare_plans(PLAN, replace(PLAN))
    assert (found.dearer, found.other) == ((), ())


def test_the_way_back_from_something_better_is_worse() -> None:
    for words, after in BETTER.items():
        assert bool(compare_plans(after, PLAN).dearer) == (words != "title: Х → Икс"), words
