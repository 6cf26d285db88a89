"""Directions of price lists in the language of a reader."""

import csv
import re
from pathlib import Path

import pytest

from k5web.services.prices import directions
from k5web.services.prices.directions import named

LISTS = Path(directions.__file__).parents[2] / "pricelists"


@pytest.mark.parametrize(
    ("listed", "prefix", "language", "said"),
    [
        ("Россия, Москва городской", "7495", "ru", "Россия, Москва городской"),
        ("Россия, Москва городской", "7495", "ky", "Россия, Москва, стационардык"),
        ("Россия, Москва городской", "7495", "kk", "Ресей, Мәскеу, стационарлық"),
        ("Россия, Москва городской", "7495", "en", "Russia, Moscow, landline"),
        ("Кыргызстан мобильный, Мегаком", "99655", "en", "Kyrgyzstan, mobile, MegaCom"),
        ("США, New Jersey городской и мобильный", "1201", "ky", "АКШ, New Jersey, стационардык жана мобилдик"),
        ("Австрия моб. + спец. сервисы", "4367", "en", "Austria, mobile + special services"),
        ("Швейцария, моб., special services", "4176", "kk", "Швейцария, мобильді, арнайы қызметтер"),
        ("Россия спутниковый Глобалтел", "7954", "en", "Russia, satellite Globaltel"),
        ("Абхазия городской", "7840", "ky", "Абхазия, стационардык"),
        ("Сент-Люсия о-в", "1758", "en", "St. Lucia"),
        ("Дания, Такой Город городской", "45", "en", "Denmark, Такой Город, landline"),
        ("Bangkok/Nonthaburi и др.", "662", "kk", "Таиланд, Bangkok/Nonthaburi и др."),
        ("Teliasonera", "35840", "en", "Teliasonera"),
        ("Мобильный тариф", "99655", "en", "Kyrgyzstan, Мобильный тариф"),
        ("", "7", "en", ""),
    ],
)
def test_a_direction_is_named_by_its_country_place_kind_and_operator(
    listed: str, prefix: str, language: str, said: str
) -> None:
    assert named(listed, prefix, language) == said


def test_every_kind_has_a_name_in_each_language_and_longer_kinds_go_first() -> None:
    for kind in directions.KINDS:
        assert all(named(f"Россия {kind}", "7", language) != f"Россия {kind}" for language in ("ky", "kk", "en"))
        assert directions._KIND.fullmatch(kind), kind


@pytest.mark.parametrize("name", ["k5.csv", "clovertel.csv"])
def test_our_lists_are_english_but_for_places_that_nobody_has_in_english(name: str) -> None:
    with (LISTS / name).open(encoding="utf-8", newline="") as file:
        listed = {row["destination"]: row["prefix"] for row in csv.DictReader(file)}
    russian = [one for one in listed if re.search("[а-яё]", named(one, listed[one], "en"), re.IGNORECASE)]
    assert len(russian) <= len(listed) // 50, russian
