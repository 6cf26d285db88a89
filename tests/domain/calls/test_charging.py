"""What a finished call costs: both legs by their rates, never more than its hold (A3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.calls.call import CallOrder, CallState, Cdr
from k5web.domain.calls.charging import charge_call
from k5web.domain.money import Money, Price, rub
from k5web.domain.prices.rating import Quote, Rate

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
CALL = CallOrder(
    id="7-1",
    owner_id=7,
    account_id=1,
    quote=Quote(
        "79161234567",
        "74951234567",
        Rate("79", "Россия мобильный", Price.parse("1.75")),
        Rate("7495", "Москва городской", Price.parse("0.45")),
    ),
    a_leg_from="b_answer",
    minutes=10,
    hold=rub("22.00"),
    ring_a_s=40,
    ring_b_s=45,
    talk_ms=599_000,
    leg_a_s=690,
    state=CallState.TALKING,
    ordered_at=AT,
)


def legs(a_s: float, b_s: float | None) -> list[Cdr]:
    """The records of both legs, so long from their answer; `b_s` None: B never answered."""
    a = Cdr(7, "7-1", "one", "a", "a", "79161234567", AT, AT, AT + timedelta(seconds=a_s), 16, "", "ANSWER")
    answered = None if b_s is None else AT
    b = replace(a, leg_uuid="b", leg="b", answered_at=answered, ended_at=AT + timedelta(seconds=b_s or 30))
    return [a, b]


@pytest.mark.parametrize(
    ("a_s", "b_s", "charged"),
    [
        (90, 2.999, "0.00"),
        (90, 3, "2.20"),
        (90, 60, "2.20"),
        (90, 60.001, "4.40"),
        (40, None, "0.00"),
    ],
)
def test_both_legs_are_paid_for_each_minute_of_the_talk(a_s: float, b_s: float | None, charged: str) -> None:
    charge = charge_call(CALL, legs(a_s, b_s))
    assert charge.charged == charge.cost == rub(charged)
    assert charge.waived == Money(0)


def test_where_leg_a_counts_from_its_own_answer_its_waiting_is_paid() -> None:
    call = replace(CALL, a_leg_from="a_answer")
    assert charge_call(call, legs(90, 30)).charged == rub("3.95")  # 2 x 1.75 and 0.45
    assert charge_call(call, legs(40, None)).charged == rub("1.75")


def test_what_overruns_the_hold_is_not_the_subscribers_to_pay() -> None:
    charge = charge_call(CALL, legs(700, 660.5))
    assert (charge.cost, charge.charged, charge.waived) == (rub("26.40"), CALL.hold, rub("4.40"))


def test_the_seconds_that_made_the_charge_stand_beside_it() -> None:
    charge = charge_call(CALL, legs(90, 60.5))
    assert (charge.a_us, charge.b_us) == (60_500_000, 60_500_000)
    assert (charge.a.charge, charge.b.charge) == (rub("3.50"), rub("0.90"))


def test_without_records_nothing_is_charged() -> None:
    assert charge_call(CALL, []).charged == Money(0)
