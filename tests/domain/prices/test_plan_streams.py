"""Random streams of uses on random plans: allowances hold, sums are explained, cheaper is never dearer."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

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
from k5web.domain.prices.plan_rating import MONEY, PlanMeter, RatedUse
from k5web.domain.prices.prefix_table import PrefixTable
from k5web.domain.prices.rating import Rate
from k5web.domain.prices.usage import Every, Kind, UsageEvent, Zone
from k5web.errors import NoRate

UNIT_OF = {Kind.CALL: "SEC", Kind.SMS: "SMS", Kind.DATA: "KB"}
NUMBERS = ["74951234567", "79161234567", "442071234567"]
GROUPS = GroupSet(
    "two",
    {"near": DirectionGroup("near", "Близко"), "far": DirectionGroup("far", "Далеко")},
    PrefixTable({"7": "near"}),
    rest="far",
)
BONUS = Option("bonus", "Бонус", Fee(rub("1.00"), Every.DAY))
START = datetime(2026, 11, 29, tzinfo=UTC)

prices = st.sampled_from([0, 5_000, 333_333, 500_000, 1_000_000, 1_690_000, 2_000_000, 9_999_999]).map(Price)
states = [frozenset({State.ON}), frozenset({State.UNPAID, State.OFF})]


def no_list(deck: str, event: UsageEvent, number: str) -> Rate:
    raise NoRate(number=number, deck=deck)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a plan whose every cell has one rule, and up to five allowances."""
    rules: list[RateRule] = []
    for kind in UNIT_OF:
        for group in [""] if kind is Kind.DATA else ["near", "far"]:
            for allowed in states:
                condition = Condition("bonus", allowed)
                groups = frozenset({group} if group else ())
                rule = RateRule(f"rate {len(rules)}", kind, frozenset(Zone), groups, (condition,), draw(prices))
                rules.append(replace(rule, price=None, closed="закрыто") if draw(st.integers(0, 9)) == 0 else rule)
    allowances = tuple(draw(allowance(n)) for n in range(draw(st.integers(1, 5))))
    return Plan(
        "drawn", "", "b_answer", 1, options={"bonus": BONUS}, rates=tuple(rules), allowances=allowances,
        groups=GROUPS, pays_leg_a=draw(st.booleans()),
    )  # fmt: skip


@st.composite
def allowance(draw: st.DrawFn, n: int) -> Allowance:
    kind = draw(st.sampled_from(list(UNIT_OF)))
    unit = draw(st.sampled_from([UNIT_OF[kind], MONEY]))
    return Allowance(
        code=f"a{n}",
        title="",
        unit=unit,  # type: ignore[arg-type]
        amount=draw(st.sampled_from([1, 3, 60, 90, 150, 400, 1_000])),
        every=draw(st.sampled_from([Every.DAY, Every.MONTH])),
        kinds=frozenset(UNIT_OF) if unit == MONEY else frozenset({kind}),
        groups=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"near"})])),
        zones=draw(st.sampled_from([frozenset(Zone), frozenset(Zone), frozenset({Zone.HOME})])),
        option=draw(st.sampled_from(["", "", "bonus"])),
        rolls_over=draw(st.booleans()),
        price=draw(prices) if unit != MONEY and draw(st.booleans()) else None,
    )


@st.composite
def events(draw: st.DrawFn) -> UsageEvent:
    kind = draw(st.sampled_from(list(UNIT_OF)))
    sizes = {
        Kind.CALL: [0, 1_000_000, 59_000_000, 61_000_000, 299_000_000],
        Kind.SMS: [1, 2, 5],
        Kind.DATA: [0, 1, 300_000],
    }
    return UsageEvent(
        at=START + timedelta(minutes=draw(st.integers(0, 6_000))),
        kind=kind,
        to=draw(st.sampled_from(NUMBERS)),
        quantity=draw(st.sampled_from(sizes[kind])),
        zone=draw(st.sampled_from(list(Zone))),
        options=draw(st.sampled_from([frozenset(), frozenset({"bonus"})])),
    )


cuts = st.lists(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1)]), min_size=10, max_size=10)
streams = st.lists(events(), min_size=4, max_size=25).map(lambda found: sorted(found, key=lambda event: event.at))


def rated(plan: Plan, stream: list[UsageEvent], meters: int = 1) -> list[RatedUse]:
    """Rate a stream with one book, its uses dealt among meters."""
    book, dealt = AllowanceBook(plan), [PlanMeter(plan, no_list) for _ in range(meters)]
    found = []
    for n, event in enumerate(stream):
        use = dealt[n % meters].rate(event, book.left(event), "79031234567")
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


@settings(max_examples=80, deadline=None)
@given(plans(), streams, st.integers(2, 4))
def test_it_does_not_matter_who_rates_which_use(plan: Plan, stream: list[UsageEvent], meters: int) -> None:
    assert rated(plan, stream) == rated(plan, stream, meters)


@settings(max_examples=300, deadline=None)
@given(plans(), streams, cuts)
def test_a_cheaper_version_makes_no_stream_dearer(plan: Plan, stream: list[UsageEvent], cut: list[Fraction]) -> None:
    """Every price is lower or equal, the allowances and what is closed are the same."""
    rules = [
        replace(rule, price=Price(int(rule.price.micro * part))) if rule.price else rule
        for rule, part in zip(plan.rates, cut, strict=True)
    ]
    before, now = rated(plan, stream), rated(replace(plan, rates=tuple(rules)), stream)
    assert sum(use.charge.minor for use in now) <= sum(use.charge.minor for use in before)
