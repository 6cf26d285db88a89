"""What a purse and its allowances afford: minutes, hold, the switch's limits (R18, E9)."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k5web.domain.money import Money, Price, rub
from k5web.domain.prices import call_limits
from k5web.domain.prices.call_cover import Cover, cost_with_covers
from k5web.domain.prices.call_limits import Limits, affordable, cost_of_minutes, minutes_of, with_room_for
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.rating import Quote, Rate, charge_leg
from k5web.errors import CurrencyMismatch
from tests.domain.prices.test_rating import LEAFLET, MOBILE, MOSCOW, RUNG, SECOND, TALKED, rate

RATES = st.builds(
    Rate,
    prefix=st.just("7"),
    destination=st.just("Россия"),
    per_minute=st.integers(0, 50_000_000).map(Price),
    increment_s=st.sampled_from([1, 6, 30, 60, 90]),
    minimum_s=st.sampled_from([0, 30, 60, 120]),
    free_below_s=st.sampled_from([0, 3, 90]),
    connect_fee=st.one_of(st.none(), st.integers(0, 5_000_000).map(Price)),
)


@settings(max_examples=300)
@given(a=RATES, b=RATES, minor=st.integers(-500, 60_000), plan=st.sampled_from([TALKED, RUNG]))
def test_affordable_minutes_are_those_found_by_trying_each(a: Rate, b: Rate, minor: int, plan: Plan) -> None:
    """Both rules of leg A; the hold is what these minutes cost, so it covers the call."""
    quote, available = Quote("71", "72", a, b), Money(minor)
    covered = [n for n in range(1, plan.max_talk_minutes + 1) if cost_of_minutes(quote, plan, n) <= available]
    limits = affordable(quote, plan, available)
    assert (limits.minutes if limits else 0) == max(covered, default=0)
    if limits:
        assert limits.hold == cost_of_minutes(quote, plan, limits.minutes) <= available


@settings(max_examples=300)
@given(a=RATES, b=RATES, dear=RATES, cheap=RATES, minor=st.integers(1, 60_000))
def test_room_for_another_leg_is_found_by_trying_each(a: Rate, b: Rate, dear: Rate, cheap: Rate, minor: int) -> None:
    """An 8-800 call that is put through: both legs are paid for, each holds its own money."""
    quote, available = Quote("71", "72", a, b), Money(minor)
    others = [Quote("71", "73", a, dear), Quote("71", "74", a, cheap)]
    limits = affordable(quote, TALKED, available)
    if limits is None:
        return
    roomy = with_room_for(limits, quote, TALKED, others, available)

    def both(n: int) -> Money:
        return cost_of_minutes(quote, TALKED, n) + max(cost_of_minutes(other, TALKED, n) for other in others)

    fitting = max((n for n in range(1, limits.minutes + 1) if both(n) <= available), default=0)
    assert roomy.minutes == (fitting or limits.minutes)
    assert roomy.hold == cost_of_minutes(quote, TALKED, roomy.minutes)


@settings(max_examples=300)
@given(a=RATES, b=RATES, minor=st.integers(1, 60_000), plan=st.sampled_from([TALKED, RUNG]), share=st.fractions(0, 1))
def test_a_call_within_its_limits_never_costs_more_than_its_hold(
    a: Rate, b: Rate, minor: int, plan: Plan, share: Fraction
) -> None:
    """R18: the switch cuts the talk at `talk_ms`; leg A rings at most `ring_b_s` before it."""
    limits = affordable(Quote("71", "72", a, b), plan, Money(minor))
    if limits is None:
        return
    talk_us = int(limits.talk_ms * 1_000 * share)
    ring_us = int(plan.ring_b_s * SECOND * share) if plan.a_leg_from == "a_answer" else 0
    cost = charge_leg(a, ring_us + talk_us).charge + charge_leg(b, talk_us).charge
    assert cost <= limits.hold


def test_the_talk_limit_is_a_second_short_so_that_the_last_minute_is_not_overrun() -> None:
    quote = LEAFLET.quote(MOBILE, MOSCOW)
    limits = affordable(quote, TALKED, rub("10.00"))
    assert limits == Limits(minutes=4, hold=rub("8.80"), talk_ms=239_000, leg_a_s=45 + 240 + 2)
    overrun = charge_leg(quote.a, limits.talk_ms * 1_000 + 600_000)  # the worst measured under load
    assert overrun.billed_s == 240


def test_no_money_affords_no_call_and_a_free_one_goes_to_the_operator_s_limit() -> None:
    """E9."""
    quote = LEAFLET.quote(MOBILE, MOSCOW)
    assert affordable(quote, TALKED, rub("2.19")) is None
    assert affordable(quote, TALKED, -rub("5.00")) is None
    free = affordable(Quote("1", "2", rate("0.00"), rate("0.00")), TALKED, rub("0.00"))
    assert free is not None
    assert free.minutes == TALKED.max_talk_minutes
    rich = affordable(quote, TALKED, rub("1000000.00"))
    assert rich is not None
    assert rich.minutes == TALKED.max_talk_minutes


def test_money_of_another_currency_affords_nothing_silently() -> None:
    with pytest.raises(CurrencyMismatch):
        affordable(LEAFLET.quote(MOBILE, MOSCOW), TALKED, Money(100_000, "KGS"))


GIFT = Cover("gift", 7, "b", 12 * 60)
FOR_CALLS = Cover("for-calls", 8, "", 200, unit="RUB")


def test_covers_pay_for_minutes_before_money_does() -> None:
    """12 minutes are a gift, then 2.20 a minute; leg A is paid all the time."""
    quote = LEAFLET.quote(MOBILE, MOSCOW)
    assert cost_of_minutes(quote, TALKED, 12, [GIFT]) == rub("21.00")
    assert cost_of_minutes(quote, TALKED, 13, [GIFT]) == rub("23.20")
    limits = affordable(quote, TALKED, rub("23.19"), [GIFT])
    assert limits is not None
    assert (limits.minutes, limits.hold, [cover.units for cover in limits.covers]) == (12, rub("21.00"), [720])


def test_minutes_that_cost_no_money_are_counted() -> None:
    quote = Quote("1", "2", rate("0.00"), rate("1.69"))
    assert minutes_of(quote, TALKED, rub("0.00"), 60, [GIFT]) == 12
    assert minutes_of(quote, TALKED, rub("1.69"), 60, [GIFT]) == 13


@pytest.mark.parametrize("covers", [(), (GIFT,), (FOR_CALLS,), (GIFT, FOR_CALLS)])
@pytest.mark.parametrize("a", ["0.00", "0.01", "1.75", "77.77"])
def test_the_minutes_are_the_most_that_the_money_pays_for(a: str, covers: tuple[Cover, ...]) -> None:
    quote = Quote("1", "2", rate(a), rate("0.45"))
    for sum_ in ("0.00", "0.44", "2.20", "100.00", "99999.99"):
        minutes = minutes_of(quote, TALKED, rub(sum_), covers=covers)
        assert not minutes or cost_of_minutes(quote, TALKED, minutes, covers) <= rub(sum_)
        assert cost_of_minutes(quote, TALKED, minutes + 1, covers) > rub(sum_)


def test_minutes_of_plain_money_are_found_in_a_few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def counted(quote: Quote, plan: Plan, minutes: int, covers: Sequence[Cover] = ()) -> Money:
        looks.append(minutes)
        return cost_of_minutes(quote, plan, minutes, covers)

    monkeypatch.setattr(call_limits, "cost_of_minutes", counted)
    assert minutes_of(LEAFLET.quote(MOBILE, MOSCOW), TALKED, rub("5000.00")) == 2272
    assert len(looks) <= 3


def test_money_for_calls_goes_before_the_account() -> None:
    quote = Quote("1", "2", rate("0.00"), rate("1.50"))
    limits = affordable(quote, TALKED, rub("1.00"), [FOR_CALLS])
    assert limits is not None
    assert (limits.minutes, limits.hold, [cover.units for cover in limits.covers]) == (2, rub("1.00"), [200])


@settings(max_examples=300)
@given(
    a=RATES,
    b=RATES,
    minor=st.integers(0, 60_000),
    plan=st.sampled_from([TALKED, RUNG]),
    share=st.fractions(0, 1),
    units=st.lists(st.tuples(st.sampled_from(["b", "a", "ba", ""]), st.integers(1, 5000)), max_size=3),
)
def test_within_its_limits_a_call_never_takes_more_than_was_held_of_anything(
    a: Rate, b: Rate, minor: int, plan: Plan, share: Fraction, units: list[tuple[str, int]]
) -> None:
    covers = [Cover(f"c{n}", n, legs, amount) for n, (legs, amount) in enumerate(units)]
    quote = Quote("71", "72", a, b)
    limits = affordable(quote, plan, Money(minor), covers)
    if limits is None:
        return
    talk_us = int(limits.talk_ms * 1_000 * share)
    ring_us = int(plan.ring_b_s * SECOND * share) if plan.a_leg_from == "a_answer" else 0
    cost = cost_with_covers(quote, ring_us + talk_us, talk_us, limits.covers)
    held = {cover.code: cover.units for cover in limits.covers}
    assert cost.main <= limits.hold
    assert all(0 < cover.units <= held[cover.code] for cover in cost.used)
