"""Sums and days as Russian papers say them. Promises: B13."""

from datetime import date

import pytest

from k5web.domain.money import Money, rub
from k5web.errors import CurrencyMismatch, WrongMoney
from k5web.paper.spelling import day_in_words, in_figures, in_words, month_in_words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("500.00", "Пятьсот рублей 00 копеек"),
        ("1.01", "Один рубль 01 копейка"),
        ("2.02", "Два рубля 02 копейки"),
        ("11.11", "Одиннадцать рублей 11 копеек"),
        ("21.21", "Двадцать один рубль 21 копейка"),
        ("0.05", "Ноль рублей 05 копеек"),
        ("112.14", "Сто двенадцать рублей 14 копеек"),
        ("1000.00", "Одна тысяча рублей 00 копеек"),
        ("2002.00", "Две тысячи два рубля 00 копеек"),
        ("21000.00", "Двадцать одна тысяча рублей 00 копеек"),
        ("57902.14", "Пятьдесят семь тысяч девятьсот два рубля 14 копеек"),
        ("1000000.00", "Один миллион рублей 00 копеек"),
        (
            "9999999.99",
            "Девять миллионов девятьсот девяносто девять тысяч девятьсот девяносто девять рублей 99 копеек",
        ),
    ],
)
def test_a_sum_is_spelt_with_its_genders_and_cases(amount: str, words: str) -> None:
    assert in_words(rub(amount)) == words


@pytest.mark.parametrize(
    ("minor", "words"),
    [
        (1_01, "Один сом 01 тыйын"),
        (2_02, "Два сома 02 тыйына"),
        (11_11, "Одиннадцать сомов 11 тыйынов"),
        (1234_50, "Одна тысяча двести тридцать четыре сома 50 тыйынов"),
    ],
)
def test_som_are_spelt_as_roubles_are(minor: int, words: str) -> None:
    assert in_words(Money(minor, "KGS")) == words


def test_neither_other_currencies_nor_less_than_nothing_are_spelt() -> None:
    with pytest.raises(CurrencyMismatch):
        in_words(Money(100, "SEC"))
    with pytest.raises(WrongMoney):
        in_words(Money(-1))


def test_figures_and_days_are_written_as_people_do() -> None:
    assert [in_figures(rub(text)) for text in ("0.05", "999.00", "1234567.80")] == ["0,05", "999,00", "1 234 567,80"]
    assert day_in_words(date(2026, 11, 20)) == "20 ноября 2026 г."
    assert month_in_words(date(2026, 11, 1)) == "ноябрь 2026 г."
