"""What K5 calls money and countries in its four languages."""

import pytest
from phonenumbers import SUPPORTED_REGIONS

from k5web.domain import languages


@pytest.mark.parametrize(
    ("code", "language", "said"),
    [
        ("RUB", "ru", "₽"),
        ("RUB", "en", "₽"),
        ("KGS", "ru", "сом"),
        ("KGS", "ky", "сом"),
        ("KGS", "kk", "сом"),
        ("KGS", "en", "som"),
        ("KZT", "kk", "₸"),
        ("USD", "ky", "$"),
        ("CHF", "en", "CHF"),
    ],
)
def test_a_currency_has_our_own_word(code: str, language: str, said: str) -> None:
    assert languages.currency(code, language) == said


def test_our_own_names_are_of_countries_that_have_numbers() -> None:
    for language in languages.NAMES:
        assert languages.countries(language).keys() <= set(SUPPORTED_REGIONS)
    assert languages.countries("ru")["KG"] == "Кыргызстан"


@pytest.mark.parametrize(
    "sorted_names",
    [
        ["Австрия", "Ёлкино", "Ереван", "Жапония"],
        ["Нидерланд", "Никарагуа", "Оман", "Өзбекстан", "Пакистан"],
        ["Аустрия", "Әзірбайжан", "Бангладеш", "Қазақстан", "Латвия", "Үндістан", "Фиджи"],
        ["Afghanistan", "Åland Islands", "Albania", "Czech Republic"],
    ],
)
def test_names_stand_as_in_a_dictionary(sorted_names: list[str]) -> None:
    names = sorted_names[::-1]
    names.sort(key=languages.in_order)
    assert names == sorted_names
