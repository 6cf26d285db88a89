"""Longest prefix, the price of both legs, one rounding per leg, what a purse affords (A3, A4, B8, R18)."""

import random
from fractions import Fraction
from math import ceil, floor

import pytest

from k5web.domain.money import Money, Price, rub
from k5web.domain.prices.call_limits import cost_of_minutes
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.rating import LegCharge, Rate, RateTable, charge_leg
from k5web.errors import CurrencyMismatch, NoRate
from tests.proofs import figure

SECOND = 1_000_000  # microseconds

# The directions and prices of the KSO leaflet, «Сколько стоит?»
MOBILE, MOSCOW, YEKATERINBURG, KRASNODAR, KAZAN, ASTANA, SAMARA, SOFIA = (
    "79161234567",
    "74951234567",
    "73432123456",
    "78612123456",
    "78432123456",
    "77172123456",
    "78462123456",
    "35921234567",
)
LEAFLET = RateTable(
    "k5",
    1,
    [
        Rate(prefix, destination, Price.parse(price))
        for prefix, destination, price in [
            ("79", "Россия мобильный", "1.75"),
            ("7495", "Москва городской", "0.45"),
            ("7343", "Екатеринбург городской", "0.52"),
            ("7861", "Краснодар городской", "0.91"),
            ("7843", "Казань городской", "0.99"),
            ("77172", "Астана городской", "0.26"),
            ("7846", "Самара городской", "0.99"),
            ("3592", "София городской", "2.08"),
        ]
    ],
)
TALKED = Plan(code="k5", deck="k5", a_leg_from="b_answer", calls_at_once=1)
RUNG = Plan(code="rung", deck="k5", a_leg_from="a_answer", calls_at_once=1)


def rate(price: str) -> Rate:
    return Rate("7", "Россия", Price.parse(price))


@pytest.mark.parametrize(
    ("a", "b", "price"),
    [
        (MOBILE, MOSCOW, "2.20"),
        (MOBILE, YEKATERINBURG, "2.27"),
        (MOSCOW, YEKATERINBURG, "0.97"),
        (KRASNODAR, KAZAN, "1.90"),
        (MOBILE, ASTANA, "2.01"),
        (MOBILE, MOBILE, "3.50"),
        (YEKATERINBURG, ASTANA, "0.78"),
        (SAMARA, SOFIA, "3.07"),
    ],
)
def test_the_printed_examples_come_out_to_the_kopeck(a: str, b: str, price: str) -> None:
    """A3, A4: the price is the sum of both legs, and a minute of talk costs exactly that."""
    quote = LEAFLET.quote(a, b)
    assert str(quote.per_minute) == price
    assert cost_of_minutes(quote, TALKED, 1) == rub(price)


@pytest.mark.parametrize(
    ("seconds", "billed_s"),
    [
        ("0", 0),
        ("0.000001", 0),
        ("2.9", 0),
        ("2.999999", 0),
        ("3", 60),
        ("3.0", 60),
        ("59.999999", 60),
        ("60.0", 60),
        ("60.000001", 120),
        ("60.1", 120),
        ("61", 120),
        ("120", 120),
        ("3600", 3600),
        ("3600.000001", 3660),
    ],
)
def test_under_three_seconds_is_free_and_then_every_minute_begun_is_paid(seconds: str, billed_s: int) -> None:
    """B8."""
    duration_us = int(Fraction(seconds) * SECOND)
    assert charge_leg(rate("0.65"), duration_us) == LegCharge(billed_s, Money(65 * billed_s // 60))


@pytest.mark.parametrize("duration_us", [0, -1, -60 * SECOND])
def test_a_leg_that_was_never_answered_costs_nothing(duration_us: int) -> None:
    dear = Rate("7", "Россия", Price.parse("1.00"), 1, 60, 0, connect_fee=Price.parse("5.00"))
    assert charge_leg(dear, duration_us) == LegCharge(0, rub("0.00"))


@pytest.mark.parametrize(
    ("price", "terms", "fee", "seconds", "billed_s", "charge"),
    [
        ("0.00", {}, None, 600, 600, "0.00"),
        ("1.00", {"increment_s": 1, "minimum_s": 0}, None, 7, 7, "0.12"),  # 0.11666…
        ("1.00", {"increment_s": 1, "minimum_s": 30}, None, 7, 30, "0.50"),
        ("1.00", {"increment_s": 6, "minimum_s": 0}, None, 7, 12, "0.20"),
        ("1.00", {"increment_s": 30, "minimum_s": 60}, None, 61, 90, "1.50"),
        ("0.30", {"increment_s": 1, "minimum_s": 0}, None, 3, 3, "0.02"),  # 0.015: half up
        ("0.29", {"increment_s": 1, "minimum_s": 0}, None, 3, 3, "0.01"),  # 0.0145
        ("1.00", {}, "0.50", 61, 120, "2.50"),
        ("0.00", {}, "0.005", 61, 120, "0.01"),  # half up
        ("0.00", {}, "0.004999", 61, 120, "0.00"),
        # fee and minutes are rounded together, once: 0.004 + 0.004 apart would be nothing
        ("0.004", {}, "0.004", 60, 60, "0.01"),
    ],
)
def test_steps_minimum_and_fee_are_charged_exactly_and_rounded_once(
    price: str, terms: dict[str, int], fee: str | None, seconds: int, billed_s: int, charge: str
) -> None:
    steps = {"increment_s": 60, "minimum_s": 60, "free_below_s": 3} | terms
    fees = Price.parse(fee) if fee else None
    priced = Rate(
        "7", "Россия", Price.parse(price), steps["increment_s"], steps["minimum_s"], steps["free_below_s"], fees
    )
    assert charge_leg(priced, seconds * SECOND) == LegCharge(billed_s, rub(charge))


def test_a_charge_has_the_currency_of_its_rate() -> None:
    assert charge_leg(Rate("996", "Кыргызстан", Price(2_000_000, "KGS")), SECOND * 60).charge == Money(200, "KGS")


def _by_fractions(priced: Rate, duration_us: int) -> LegCharge:
    """The rule once more, in the plainest exact arithmetic there is."""
    seconds = Fraction(duration_us, SECOND)
    if seconds < priced.free_below_s:
        return LegCharge(0, Money(0))
    billed_s = max(priced.minimum_s, ceil(seconds / priced.increment_s) * priced.increment_s)
    fee = Fraction(priced.connect_fee.micro if priced.connect_fee else 0, 1_000_000)
    kopecks = 100 * (fee + Fraction(priced.per_minute.micro, 1_000_000) * billed_s / 60)
    return LegCharge(billed_s, Money(floor(kopecks + Fraction(1, 2))))


def _compare_with_fractions(count: int) -> None:
    draw = random.Random(18)
    for _ in range(count):
        priced = Rate(
            "7",
            "Россия",
            Price(draw.randrange(10 ** draw.randrange(1, 9))),
            increment_s=draw.choice([1, 1, 6, 10, 30, 60, 60, draw.randrange(1, 600)]),
            minimum_s=draw.choice([0, 1, 30, 60, 60, draw.randrange(600)]),
            free_below_s=draw.choice([0, 3, 3, draw.randrange(20)]),
            connect_fee=draw.choice([None, None, Price(draw.randrange(10 ** draw.randrange(1, 7)))]),
        )
        duration_us = draw.choice([draw.randrange(1, 20 * SECOND), draw.randrange(1, 7200) * SECOND])
        charged = charge_leg(priced, duration_us)
        assert charged == _by_fractions(priced, duration_us), (priced, duration_us)
        longer = charge_leg(priced, duration_us + draw.randrange(90 * SECOND))
        assert charged.charge <= longer.charge
    figure(f"{count} random legs of seed 18: equal to exact fractions, none cheaper for longer")


@pytest.mark.parametrize("count", [100_000, pytest.param(1_000_000, marks=pytest.mark.full)])
def test_random_legs_equal_exact_fractions_and_never_cost_less_for_longer(count: int) -> None:
    """R18."""
    _compare_with_fractions(count)


def test_the_longest_prefix_wins() -> None:
    table = RateTable("k5", 1, [Rate(prefix, prefix, Price(1)) for prefix in ["7", "79", "7916", "79161234567", "1"]])
    found = {number: table.find(number).prefix for number in ["74951234567", "79001234567", "79160000000", MOBILE]}
    assert found == {"74951234567": "7", "79001234567": "79", "79160000000": "7916", MOBILE: MOBILE}
    assert table.find("12025550123").prefix == "1"
    assert len(table) == len(list(table.rates())) == 5
    assert table.get("79") is not None
    assert table.get("795") is None


def test_a_number_without_a_price_is_named() -> None:
    for number in ["996555123456", "", "9"]:
        with pytest.raises(NoRate) as missing:
            LEAFLET.find(number)
        assert missing.value.facts == {"number": number, "deck": "k5"}


def test_the_table_finds_what_trying_every_length_finds() -> None:
    draw = random.Random(3)
    prefixes = {"".join(draw.choices("123", k=draw.randrange(1, 8))) for _ in range(300)}
    table = RateTable("k5", 1, [Rate(prefix, prefix, Price(1)) for prefix in prefixes])
    for _ in range(3_000):
        number = "".join(draw.choices("1234", k=9))
        expected = next((number[:end] for end in range(9, 0, -1) if number[:end] in prefixes), None)
        longest = table.longest(number)
        assert (longest.prefix if longest else None) == expected
        if expected is None:
            with pytest.raises(NoRate):
                table.find(number)
        else:
            assert table.find(number).prefix == expected


def test_the_longest_prefix_of_a_mere_beginning_is_found_too() -> None:
    assert [LEAFLET.longest(digits) for digits in ("7", "749", "")] == [None, None, None]
    moscow = LEAFLET.longest("74950")
    assert moscow is not None
    assert moscow.prefix == "7495"


def test_legs_of_two_currencies_make_no_price() -> None:
    table = RateTable("k5", 1, [Rate("7", "Россия", Price(1)), Rate("996", "Кыргызстан", Price(1, "KGS"))])
    with pytest.raises(CurrencyMismatch):
        table.quote(MOBILE, "996555123456")
