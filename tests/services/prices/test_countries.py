"""Countries by the names that people and price lists use."""

import pytest

from k5web.services.prices.countries import countries_called, countries_named, name_of


@pytest.mark.parametrize(
    ("name", "countries"),
    [
        ("Киргизия", {"KG"}),
        ("КЫРГЫЗСТАН", {"KG"}),
        ("Kyrgyzstan", {"KG"}),
        ("Қырғызстан", {"KG"}),
        ("Ресей", {"RU"}),
        ("Улуу Британия", {"GB"}),
        ("рф", {"RU"}),
        ("Южная Корея", {"KR"}),
        ("korea, south", {"KR"}),
        ("виргинские острова", {"VG", "VI"}),
        ("Орёл", set()),
        ("", set()),
    ],
)
def test_a_name_is_that_of_the_whole_country(name: str, countries: set[str]) -> None:
    assert countries_called(name) == countries


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("Киргизия мегаком", {"KG"}),
        ("Билайн, Россия (моб.)", {"RU"}),
        ("Россия и Казахстан", {"RU", "KZ"}),
        ("Южная Корея моб.", {"KR"}),
        ("Атлантида мобильный", set()),
    ],
)
def test_the_countries_named_in_a_destination_are_found(text: str, countries: set[str]) -> None:
    assert countries_named(text) == countries


def test_a_longer_name_tells_also_the_shorter_one_in_it() -> None:
    assert countries_named("Южный Судан") >= {"SS", "SD"}
    assert countries_called("Южный Судан") == {"SS"}


@pytest.mark.parametrize(
    ("region", "language", "name"),
    [
        ("KG", "ru", "Кыргызстан"),
        ("KG", "kk", "Қырғызстан"),
        ("US", "ky", "АКШ"),
        ("RU", "kk", "Ресей"),
        ("TR", "en", "Turkey"),
        ("FR", "en", "France"),
        ("001", "ru", ""),
        ("", "en", ""),
    ],
)
def test_a_country_has_our_own_name_or_that_of_the_tables(region: str, language: str, name: str) -> None:
    assert name_of(region, language) == name
