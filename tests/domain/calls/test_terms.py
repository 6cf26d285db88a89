"""What a call costs beside its minutes, and whether it is what was agreed to."""

from itertools import product

import pytest

from k5web.domain.money import Price
from k5web.domain.prices.rating import AnswerOf, Quote, Rate, charge_leg

PLAIN = Rate("1", "x", Price.parse("1.00"))


def leg(
    price: str = "1.00", fee: str = "0.00", increment_s: int = 60, minimum_s: int = 60, free_below_s: int = 3
) -> Rate:
    return Rate("1", "x", Price.parse(price), increment_s, minimum_s, free_below_s, Price.parse(fee))


def call(b: Rate, a: Rate = PLAIN, a_leg_from: AnswerOf = "b_answer") -> Quote:
    return Quote("1", "2", a, b, a_leg_from)


@pytest.mark.parametrize(
    ("b", "first"),
    [
        (leg("0.445"), "1.45"),
        (leg("1.00", fee="5.00"), "7.00"),
        (leg("1.00", minimum_s=180), "4.00"),
        (leg("1.00", "5.00", minimum_s=180), "9.00"),
        (leg("6.00", increment_s=6, minimum_s=30, free_below_s=0), "7.00"),
        (leg("6.00", increment_s=1, minimum_s=1, free_below_s=0), "7.00"),
        (leg("6.00", minimum_s=90), "10.00"),
        (leg("1.00", increment_s=45, minimum_s=45), "2.50"),
        (leg("0.00"), "1.00"),
    ],
)
def test_the_first_minute_is_what_is_charged_with_fee_minimum_and_step(b: Rate, first: str) -> None:
    """The shapes of carriers' lists: 30/6, 20/6, 1/1, 90/60, parts of a kopeck."""
    assert str(call(b).first_minute) == first


DEARER = [
    leg("1.01"),
    leg(fee="0.01"),
    leg("0.10", fee="5.00"),
    leg(minimum_s=180),
    leg(increment_s=120, minimum_s=120),
    leg(increment_s=45, minimum_s=45),  # 46 seconds become 90
    leg(free_below_s=0),
]
CHEAPER = [
    leg("0.99"),
    leg(),
    leg(increment_s=1, minimum_s=1),
    leg(increment_s=30, minimum_s=60),
    leg(minimum_s=0),
    leg(free_below_s=5),
]


@pytest.mark.parametrize("now", DEARER)
def test_a_new_or_dearer_term_is_not_what_was_seen(now: Rate) -> None:
    assert not call(now).is_agreed(call(PLAIN))
    assert not call(PLAIN, a=now).is_agreed(call(PLAIN)), "on the own leg as well"


@pytest.mark.parametrize("now", CHEAPER)
def test_what_costs_no_more_is_taken(now: Rate) -> None:
    assert call(now).is_agreed(call(PLAIN))


def test_what_is_agreed_never_costs_more_for_any_length_of_talk() -> None:
    """Every pair of terms, every second of ten minutes: agreed means that no talk is dearer."""
    every = [PLAIN, *DEARER, *CHEAPER]
    agreed = 0
    for now, seen in product(every, every):
        if call(now).is_agreed(call(seen)):
            agreed += 1
            for seconds in range(0, 600, 7):
                assert _cost(now, seconds) <= _cost(seen, seconds), (now, seen, seconds)
    assert agreed > len(every)


def test_legs_may_share_one_price_anew_where_they_count_alike() -> None:
    seen = call(leg("0.45"), leg("1.75"))
    assert call(leg("0.50"), leg("1.70")).is_agreed(seen)
    assert not call(leg("0.51"), leg("1.70")).is_agreed(seen)
    by_seconds = leg("0.45", increment_s=1, minimum_s=1)
    seen = call(by_seconds, leg("1.75"))
    assert not call(leg("0.44", increment_s=1, minimum_s=1), leg("1.76")).is_agreed(seen)


def test_ringing_that_was_free_is_not_agreed_to_where_leg_a_has_a_price() -> None:
    rung = call(PLAIN, a_leg_from="a_answer")
    assert not rung.is_agreed(call(PLAIN))
    assert not call(leg("0.10"), leg("0.10"), "a_answer").is_agreed(call(PLAIN)), "B may ring for minutes"
    assert not call(PLAIN, leg("0.00", fee="1.00"), "a_answer").is_agreed(call(PLAIN, leg(fee="1.00")))
    assert call(PLAIN, leg("0.00"), "a_answer").is_agreed(call(PLAIN)), "a free leg costs nothing however long it rings"
    assert call(PLAIN).is_agreed(rung)
    assert rung.is_agreed(rung)


def test_where_leg_a_rings_at_a_price_its_share_may_not_grow() -> None:
    """Its seconds are more than those of leg B."""
    seen = call(leg("1.00"), leg("1.00"), "a_answer")
    assert not call(leg("0.00"), leg("2.00"), "a_answer").is_agreed(seen)
    assert call(leg("0.00"), leg("2.00")).is_agreed(seen)


def test_what_is_agreed_never_costs_more_however_long_b_rings() -> None:
    """Prices of both legs, both origins of leg A, talks with ringing before them."""
    quotes = [
        call(leg(b), leg(a, fee=fee), a_leg_from)
        for a, b, fee in product(("0.00", "0.50", "1.00"), ("0.00", "0.50", "1.00"), ("0.00", "0.30"))
        for a_leg_from in ("b_answer", "a_answer")
    ]
    for now, seen in product(quotes, quotes):
        if now.is_agreed(seen):
            for talk, ring in product((0, 30, 61, 200), (0, 45, 130)):
                assert _both(now, talk, ring) <= _both(seen, talk, ring), (now, seen, talk, ring)


def test_one_number_is_held_against_the_first_minute() -> None:
    """A program, a site's button, a countdown: the fee and the minimum are in the price they agreed to."""
    with_fee = call(leg("1.00", fee="5.00"), leg("1.75"))
    assert str(with_fee.first_minute) == "7.75"
    assert with_fee.is_agreed(Price.parse("7.75"))
    assert not with_fee.is_agreed(Price.parse("7.74"))
    assert call(PLAIN).is_agreed(Price.parse("2.00"))
    assert not call(leg("0.445"), leg("0.445")).is_agreed(Price.parse("0.89")), "it is charged 0.90"


def _cost(rate: Rate, seconds: int) -> int:
    return charge_leg(rate, seconds * 1_000_000).charge.minor


def _both(quote: Quote, talk: int, ring: int) -> int:
    """Return what both legs cost where A waited for B and then they talked. Units: seconds."""
    a_s = talk + ring if quote.a_leg_from == "a_answer" else talk
    return _cost(quote.a, a_s) + _cost(quote.b, talk)
