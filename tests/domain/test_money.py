"""Money is exact or refused (R17): text in, text out, no float on the way."""

import random

import pytest

from k5web.domain.money import Money, Price, rub
from k5web.errors import CurrencyMismatch, WrongMoney, WrongPrice

NASTY = [
    "",
    " ",
    "1",
    "1.",
    ".50",
    "1.5",
    "1.005",
    "1,00",
    "-0.00",
    "-1.00",
    "+1.00",
    "1e3",
    "1e3.00",
    "0x1.00",
    "1_000.00",
    "1 000.00",
    "NaN",
    "Infinity",
    "٥.٠٠",
    "５.００",
    "५.००",
    "1.00\n",
    "\n1.00",
    " 1.00",
    "1.00 ",
    "1.00\x00",
    "\x001.00",
    "00000000001.00",
    "9" * 40 + ".00",
    "1.00.00",
    "1..00",
    "1.0O",
    "1.00₽",
    "1.00 RUB",
    "½.00",
    "²1.00",
    "1.00\u200e",
    "\u202e1.00",
    "null",
    "'; DROP TABLE posting; --",
]


@pytest.mark.parametrize("text", NASTY)
def test_text_that_is_no_sum_is_refused(text: str) -> None:
    """R17."""
    with pytest.raises(WrongMoney):
        Money.parse(text)


def test_every_prefix_and_twist_of_a_sum_is_exact_or_refused() -> None:
    """R17: a sum with one character changed is another sum, or refused, never something near it."""
    for twist in "0123456789.,-+eE_ \x00٣①":
        for at in range(len("12345.67")):
            text = "12345.67"[:at] + twist + "12345.67"[at + 1 :]
            try:
                money = Money.parse(text)
            except WrongMoney:
                continue
            assert str(money) == text.lstrip("0").rjust(4, "0")


def test_100_000_sums_print_as_they_were_written() -> None:
    """R17: parse → print is the identity."""
    draw = random.Random(17)
    for _ in range(100_000):
        minor = draw.randrange(10 ** draw.randrange(1, 13))
        text = f"{minor // 100}.{minor % 100:02d}"
        assert Money.parse(text) == Money(minor)
        assert str(Money(minor)) == text


def test_a_debt_prints_with_its_sign() -> None:
    assert [str(Money(minor)) for minor in (-1, -100, -12345)] == ["-0.01", "-1.00", "-123.45"]


def test_sums_add_compare_and_refuse_another_currency() -> None:
    assert rub("1.75") + rub("0.45") == rub("2.20")
    assert rub("1.00") - rub("2.50") == -rub("1.50")
    assert rub("0.99") < rub("1.00") <= rub("1.00") < rub("1.01")
    som = Money(100, "KGS")
    for clash in (lambda: som + rub("1.00"), lambda: rub("1.00") - som, lambda: som < rub("1.00")):
        with pytest.raises(CurrencyMismatch):
            clash()


@pytest.mark.parametrize(
    ("text", "micro", "printed"),
    [
        ("1.75", 1_750_000, "1.75"),
        ("1,75", 1_750_000, "1.75"),
        ("0", 0, "0.00"),
        ("2", 2_000_000, "2.00"),
        ("0.5", 500_000, "0.50"),
        ("0.000001", 1, "0.000001"),
        (" 0.45 ", 450_000, "0.45"),
        ("0.123400", 123_400, "0.1234"),
        ("999999999.999999", 999_999_999_999_999, "999999999.999999"),
    ],
)
def test_a_price_is_written_with_comma_or_point_and_up_to_six_decimals(text: str, micro: int, printed: str) -> None:
    assert Price.parse(text) == Price(micro)
    assert str(Price.parse(text)) == printed


@pytest.mark.parametrize(
    "text", ["", "-1", "1.0000001", "1e2", "NaN", "٥", "1 000", "1.2.3", "1,2,3", ".5", "5.", "1\x00", "9" * 10, "⅓"]
)
def test_text_that_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(WrongPrice):
        Price.parse(text)


def test_prices_of_two_currencies_do_not_add_up() -> None:
    """A3."""
    assert Price.parse("1.75") + Price.parse("0.45") == Price.parse("2.20")
    assert Price.parse("2.20") - Price.parse("0.45") == Price.parse("1.75")
    with pytest.raises(CurrencyMismatch):
        Price(1) + Price(1, "KGS")
    with pytest.raises(CurrencyMismatch):
        Price(1) - Price(1, "KGS")


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("500", 50000),
        ("500.5", 50050),
        ("500.50", 50050),
        ("500.05", 50005),
        ("0", 0),
        ("0.0", 0),
        ("9999999999", 10**12 - 100),
    ],
)
def test_a_sum_that_a_program_sends_has_one_meaning(text: str, minor: int) -> None:
    assert Money.sent(text) == Money(minor)
    assert Money.sent(str(Money.sent(text))) == Money(minor)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "500.",
        ".5",
        "0500",
        "00",
        "00.50",
        "5e2",
        "500,5",
        "５００",
        "٥٠٠",
        "+5",
        "-5",
        " 5",
        "5 ",
        "1_000",
        "500.005",
        "NaN",
        "9" * 11,
    ],
)
def test_what_no_program_should_send_is_no_sum(text: str) -> None:
    with pytest.raises(WrongMoney):
        Money.sent(text)
