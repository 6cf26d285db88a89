"""Random streams of uses on random plans and versions: allowances hold, sums are explained, cheaper is never dearer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k5web.domain.money import Price, rub
from k5web.domain.prices.allowances import AllowanceBook
from k5web.domain.prices.plan import (
    Allowance,
    Condition,
    DirectionGroup,
    Fee,
    GroupSet,
    Option,
    Plan,
    RateRule,
    State,
)
from k5web.domain.prices.plan_difference import compare_plans
from k5web.domain.prices.plan_rating import MONEY, PlanMeter, RatedUse
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.rating import Rate
from k5web.domain.prices.usage import Every, Kind, UsageEvent, Zone
from k5web.errors import NoRate

UNIT_OF = {Kind.CALL: "SEC", Kind.INCOMING: "SEC", Kind.CSD: "SEC", Kind.SMS: "SMS", Kind.DATA: "KB"}
KINDS_OF = {
    "SEC": [frozenset({Kind.CALL}), frozenset({Kind.CALL}), frozenset({Kind.CALL, Kind.INCOMING})],
    "SMS": [frozenset({Kind.SMS})],
    "KB": [frozenset({Kind.DATA})],
}
NUMBERS = ["74951234567", "79161234567", "442071234567"]
GROUPS = GroupSet(
    "two",
    {"near": DirectionGroup("near", "Близко"), "far": DirectionGroup("far", "Далеко")},
    PrefixTable({"7": "near"}),
    rest="far",
)
MOVED = replace(GROUPS, table=PrefixTable({"7": "near", "7916": "far"}))
BONUS = Option("bonus", "Бонус", Fee(rub("1.00"), Every.DAY))
START = datetime(2026, 11, 29, tzinfo=UTC)

prices = st.sampled_from([0, 5_000, 333_333, 500_000, 1_000_000, 1_690_000, 2_000_000, 9_999_999]).map(Price)
COUNTING: dict[str, st.SearchStrategy[Any]] = {
    "increment_s": st.sampled_from([60, 60, 1, 30, 45]),
    "minimum_s": st.sampled_from([60, 60, 0, 1, 120]),
    "free_below_s": st.sampled_from([3, 3, 0, 5]),
    "step_kb": st.sampled_from([100, 100, 1, 50, 64]),
}
states = [frozenset({State.ON}), frozenset({State.UNPAID, State.OFF})]


def no_list(deck: str, event: UsageEvent, number: str) -> Rate:
    raise NoRate(number=number, deck=deck)


@st.composite
def plans(draw: st.DrawFn, kinds: Sequence[Kind] = tuple(UNIT_OF)) -> Plan:
    """Draw a plan whose every cell has one rule, and up to five allowances."""
    rules: list[RateRule] = []
    for kind in kinds:
        for group in [""] if kind is Kind.DATA else ["near", "far"]:
            for allowed in states:
                condition = Condition("bonus", allowed)
                groups = frozenset({group} if group else ())
                rule = RateRule(f"rate {len(rules)}", kind, frozenset(Zone), groups, (condition,), draw(prices))
                rule = replace(rule, **draw(st.fixed_dictionaries(COUNTING)))
                rules.append(replace(rule, price=None, closed="закрыто") if draw(st.integers(0, 9)) == 0 else rule)
    allowances = tuple(draw(allowance(n, kinds)) for n in range(draw(st.integers(1, 5))))
    return Plan(
        "drawn", "", "b_answer", 1, options={"bonus": BONUS}, rates=tuple(rules), allowances=allowances,
        groups=GROUPS, pays_leg_a=draw(st.booleans()),
    )  # fmt: skip


@st.composite
def allowance(draw: st.DrawFn, n: int, kinds: Sequence[Kind] = tuple(UNIT_OF)) -> Allowance:
    kind = draw(st.sampled_from(kinds))
    unit = draw(st.sampled_from([UNIT_OF[kind], MONEY]))
    return Allowance(
        code=f"a{n}",
        title="",
        unit=unit,  # type: ignore[arg-type]
        amount=draw(st.sampled_from([1, 3, 60, 90, 150, 400, 1_000])),
        every=draw(st.sampled_from([Every.DAY, Every.MONTH])),
        kinds=frozenset(UNIT_OF) if unit == MONEY else draw(st.sampled_from(KINDS_OF[unit])),
        groups=draw(st.sampled_from([frozenset(), frozenset({"near"}), frozenset({"far"})])),
        zones=draw(st.sampled_from([frozenset(Zone), frozenset(Zone), frozenset({Zone.HOME})])),
        option=draw(st.sampled_from(["", "", "bonus"])),
        rolls_over=draw(st.booleans()),
        price=draw(prices) if unit != MONEY and draw(st.booleans()) else None,
    )


@st.composite
def events(draw: st.DrawFn, kinds: Sequence[Kind] = tuple(UNIT_OF)) -> UsageEvent:
    kind = draw(st.sampled_from(kinds))
    sizes = {
        Kind.CALL: [0, 1_000_000, 59_000_000, 61_000_000, 299_000_000],
        Kind.INCOMING: [2_000_000, 90_000_000],
        Kind.CSD: [1, 61_000_000],
        Kind.SMS: [1, 2, 5],
        Kind.DATA: [0, 1, 300_000],
    }
    held = draw(st.sampled_from(["off", "on", "on", "unpaid"]))
    return UsageEvent(
        at=START + timedelta(minutes=draw(st.integers(0, 6_000))),
        kind=kind,
        to=draw(st.sampled_from(NUMBERS)),
        quantity=draw(st.sampled_from(sizes[kind])),
        zone=draw(st.sampled_from(list(Zone))),
        options=frozenset({"bonus"} if held == "on" else ()),
        unpaid=frozenset({"bonus"} if held == "unpaid" else ()),
    )


def streams_of(kinds: Sequence[Kind]) -> st.SearchStrategy[list[UsageEvent]]:
    found = st.lists(events(kinds), min_size=3, max_size=25)
    return found.map(lambda stream: sorted(stream, key=lambda event: event.at))


streams = streams_of(tuple(UNIT_OF))


def rated(plan: Plan, stream: list[UsageEvent]) -> list[RatedUse]:
    """Rate a stream with one book."""
    book, meter, found = AllowanceBook(plan), PlanMeter(plan, no_list), []
    for event in stream:
        use = meter.rate(event, book.left(event), "79031234567")
        book.take(use.used)
        assert min(book.left(event).values(), default=0) >= 0
        found.append(use)
    return found


def periods_after(every: Every, since: date, until: date) -> int:
    """Return how many periods began after that of one day, up to that of another."""
    if every is Every.MONTH:
        return 12 * (until.year - since.year) + until.month - since.month
    return (until - since).days


@settings(max_examples=150, deadline=None)
@given(plans(), streams)
def test_no_allowance_is_spent_twice(plan: Plan, stream: list[UsageEvent]) -> None:
    spent: dict[tuple[str, object], int] = defaultdict(int)
    for use in rated(plan, stream):
        for gift in plan.allowances:
            period = "" if gift.rolls_over else gift.every.began(use.event.at.date())
            spent[gift.code, period] += use.used.get(gift.code, 0)
    for gift in plan.allowances:
        periods = 1 + periods_after(gift.every, START.date(), stream[-1].at.date()) if gift.rolls_over else 1
        for (code, _), amount in spent.items():
            assert code != gift.code or amount <= periods * gift.amount


@settings(max_examples=150, deadline=None)
@given(plans(), streams)
def test_a_charge_is_the_sum_of_its_parts_less_money_that_was_given(plan: Plan, stream: list[UsageEvent]) -> None:
    money = {gift.code for gift in plan.allowances if gift.unit == MONEY}
    for use in rated(plan, stream):
        given = sum(amount for code, amount in use.used.items() if code in money)
        assert use.charge.minor == sum(part.charge.minor for part in use.parts) - given
        assert use.charge.minor >= 0
        assert all(part.charge.minor >= 0 for part in use.parts)
        by_units = {code: amount for code, amount in use.used.items() if code not in money}
        told: dict[str, int] = defaultdict(int)
        for part in use.parts:
            told[part.allowance] += part.units
        assert {code: units for code, units in told.items() if code} == by_units


def changed_rule(draw: st.DrawFn, plan: Plan) -> Plan:
    """Change the price, the counting or the closure of one row, for better or worse."""
    n = draw(st.integers(0, len(plan.rates) - 1))
    rule = plan.rates[n]
    what = draw(st.sampled_from(["price", "price", "closed", *COUNTING]))
    if what == "price":
        rule = replace(rule, price=draw(prices), closed="")
    elif what == "closed":
        rule = replace(rule, price=None, closed="закрыто")
    else:
        changes: dict[str, Any] = {what: draw(COUNTING[what])}
        rule = replace(rule, **changes)
    return replace(plan, rates=(*plan.rates[:n], rule, *plan.rates[n + 1 :]))


def kinds_of(plan: Plan) -> tuple[Kind, ...]:
    return tuple(dict.fromkeys(rule.kind for rule in plan.rates))


def changed_allowance(draw: st.DrawFn, plan: Plan) -> Plan:
    """Change one thing of one allowance."""
    n = draw(st.integers(0, len(plan.allowances) - 1))
    old, drawn = plan.allowances[n], draw(allowance(n, kinds_of(plan)))
    names = ["amount", "amount", "groups", "zones", "option", "rolls_over", "every"]
    if drawn.unit == old.unit:
        names += ["kinds", "price"]
    what = draw(st.sampled_from(names))
    new = replace(old, **{what: getattr(drawn, what)})
    return replace(plan, allowances=(*plan.allowances[:n], new, *plan.allowances[n + 1 :]))


def changed_list(draw: st.DrawFn, plan: Plan) -> Plan:
    """Add an allowance, take one away or put them into another order."""
    kept = draw(st.permutations(plan.allowances))
    what = draw(st.sampled_from(["new", "new", "order", "less"]))
    found = {"new": [draw(allowance(9, kinds_of(plan))), *kept], "order": kept, "less": kept[1:]}[what]
    return replace(plan, allowances=tuple({gift.code: gift for gift in found}.values()))


def changed_groups(draw: st.DrawFn, plan: Plan) -> Plan:
    """Move some numbers into the other group."""
    return replace(plan, groups=draw(st.sampled_from([GROUPS, MOVED])))


@st.composite
def versions(draw: st.DrawFn) -> tuple[Plan, Plan, list[UsageEvent]]:
    """Draw a plan, its next version and a stream. The version needs no notice: each of some changes that would is left
    out. A few kinds at a time: their uses meet at the same allowances."""
    kinds = draw(st.sampled_from([(Kind.CALL,), (Kind.CALL, Kind.INCOMING), (Kind.SMS,), (Kind.DATA,), tuple(UNIT_OF)]))
    before = after = draw(plans(kinds))
    for _ in range(draw(st.integers(1, 5))):
        change = draw(st.sampled_from([changed_rule, changed_allowance, changed_list, changed_groups]))
        tried = change(draw, after) if after.allowances else changed_rule(draw, after)
        after = after if compare_plans(before, tried).dearer else tried
    return before, after, draw(streams_of(kinds))


def charges(plan: Plan, stream: list[UsageEvent]) -> tuple[int, list[UsageEvent]]:
    """Return what a stream costs, and those of its uses that the plan does not refuse: the others are not made."""
    book, meter, total, made = AllowanceBook(plan), PlanMeter(plan, no_list), 0, []
    for event in stream:
        use = meter.rate(event, book.left(event), "79031234567")
        if not use.refused:
            book.take(use.used)
            total += use.charge.minor
            made.append(event)
    return total, made


@settings(max_examples=500, deadline=None)
@given(versions())
def test_a_version_that_needs_no_notice_makes_no_stream_dearer(drawn: tuple[Plan, Plan, list[UsageEvent]]) -> None:
    """B2: what `compare_plans` lets pass without ten days costs nobody more, whatever he uses and in which order."""
    before, after, stream = drawn
    was, made = charges(before, stream)
    now, still_made = charges(after, made)
    assert still_made == made
    assert now <= was


@settings(max_examples=100, deadline=None)
@given(plans(), st.lists(streams, min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_the_price_of_a_stream_does_not_depend_on_how_workers_share_it(
    plan: Plan, theirs: list[list[UsageEvent]], dealt: Random
) -> None:
    """Several subscribers' uses come mixed, each worker takes any of them; who is asked twice gets the same answer."""
    alone = [[use.charge.minor for use in rated(plan, stream)] for stream in theirs]
    workers, books = [PlanMeter(plan, no_list) for _ in range(3)], [AllowanceBook(plan) for _ in theirs]
    mixed: list[list[int]] = [[] for _ in theirs]
    waiting = [list(stream) for stream in theirs]
    while any(waiting):
        who = dealt.choice([n for n, stream in enumerate(waiting) if stream])
        event = waiting[who].pop(0)
        left = dict(books[who].left(event))
        use, again = (dealt.choice(workers).rate(event, left, "79031234567") for _ in range(2))
        assert use == again
        books[who].take(use.used)
        mixed[who].append(use.charge.minor)
    assert mixed == alone


@settings(max_examples=100, deadline=None)
@given(plans(), plans(), st.integers(0, 4), streams)
def test_a_new_version_in_mid_stream_gives_no_period_twice(
    first: Plan, second: Plan, change: int, stream: list[UsageEvent]
) -> None:
    """Each period gives what the version of its first day says, and no more is ever used of it."""
    second = replace(second, allowances=tuple(replace(gift, rolls_over=False) for gift in second.allowances))
    first = replace(first, allowances=tuple(replace(gift, rolls_over=False) for gift in first.allowances))
    since = (START + timedelta(days=change)).date()

    def plan_on(day: date) -> Plan:
        return second if day >= since else first

    book, meters = AllowanceBook(plan_on), {id(plan): PlanMeter(plan, no_list) for plan in (first, second)}
    spent: dict[tuple[str, date], int] = defaultdict(int)
    for event in stream:
        plan = plan_on(event.at.date())
        use = meters[id(plan)].rate(event, book.left(event), "79031234567")
        book.take(use.used)
        assert min(book.left(event).values()) >= 0
        for gift in plan.allowances:
            spent[gift.code, gift.every.began(event.at.date())] += use.used.get(gift.code, 0)
    for (code, began), amount in spent.items():
        given = [gift.amount for gift in plan_on(began).allowances if gift.code == code]
        assert amount <= sum(given) or not _same_period(first, second, code)


def _same_period(first: Plan, second: Plan, code: str) -> bool:
    every = [gift.every for plan in (first, second) for gift in plan.allowances if gift.code == code]
    return len(set(every)) == 1
