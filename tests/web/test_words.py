"""Sums, prices, numbers and moments as people read them (docs/pages.md)."""

from datetime import UTC, datetime

import pytest

from k5web.domain.money import Money, Price
from k5web.domain.prices.number import Msisdn
from k5web.web import words


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (220, "RUB", "2,20_₽"),
        (-220, "RUB", "−2,20_₽"),
        (0, "RUB", "0,00_₽"),
        (-5, "RUB", "−0,05_₽"),
        (123_450, "KGS", "1_234,50_сом"),
        (100_000_000_07, "RUB", "100_000_000,07_₽"),
    ],
)
def test_money_has_a_comma_a_true_minus_and_never_breaks(minor: int, currency: str, written: str) -> None:
    assert words.money(Money(minor, currency)) == written.replace("_", words.NBSP)


def test_a_move_always_has_its_sign() -> None:
    signs = [words.signed(Money(minor))[0] for minor in (100, -100, 0)]
    assert signs == ["+", "−", "0"]


@pytest.mark.parametrize(
    ("text", "written", "typed"),
    [
        ("1.75", "1,75_₽", "1,75"),
        ("0.125", "0,125_₽", "0,125"),
        ("5", "5,00_₽", "5,00"),
        ("1234.5", "1_234,50_₽", "1234,50"),
    ],
)
def test_a_price_keeps_its_decimals(text: str, written: str, typed: str) -> None:
    price = Price.parse(text)
    assert words.price(price) == written.replace("_", words.NBSP)
    assert words.decimal(price) == typed
    assert Price.parse(words.decimal(price)) == price


@pytest.mark.parametrize("number", ["74951234567", "+74951234567", Msisdn("74951234567")])
def test_a_phone_is_grouped_and_never_breaks(number: str | Msisdn) -> None:
    written = words.phone(number)
    assert written.replace(words.NBSP, " ").replace("\N{NON-BREAKING HYPHEN}", "-") == "+7 495 123-45-67"
    assert " " not in written
    assert "-" not in written


def test_moments_are_moscows() -> None:
    moment = datetime(2026, 11, 20, 21, 5, 59, tzinfo=UTC)
    assert words.when(moment) == "21.11.2026 00:05"
    assert words.clock(moment) == "00:05"
