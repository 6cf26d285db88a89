"""The own list: found as one types, the last called first."""

from datetime import UTC, datetime

import pytest

from k5web.domain.contacts.favourite import Favourite, by_name, by_use, found
from k5web.domain.prices.number import Msisdn

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LIST = [
    Favourite(Msisdn("79161112233"), "Мама Тула", NOW),
    Favourite(Msisdn("996555123456"), "Алёна, Ош", NOW),
    Favourite(Msisdn("74951234567"), "Офис 2", NOW),
]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Мама Тула", "Алёна, Ош", "Офис 2"]),
        ("ма", ["Мама Тула"]),
        ("ту ма", ["Мама Тула"]),
        ("ама", []),
        ("АЛЕНА", ["Алёна, Ош"]),
        ("алёна,", ["Алёна, Ош"]),
        ("8 (916) 111", ["Мама Тула"]),
        ("0555", ["Алёна, Ош"]),
        ("+996 555", ["Алёна, Ош"]),
        ("4567", ["Офис 2"]),
        ("2", ["Мама Тула", "Алёна, Ош", "Офис 2"]),
        ("Офис 2", ["Офис 2"]),
        ("+", []),
        ("999999", []),
    ],
)
def test_words_begin_words_of_the_name_and_digits_stand_in_the_number(query: str, names: list[str]) -> None:
    assert [each.name for each in found(LIST, query)] == names


def test_the_last_called_stands_first_and_the_never_called_by_name() -> None:
    assert [each.name for each in by_use(LIST, {"74951234567": 4, "1": 9})] == ["Офис 2", "Алёна, Ош", "Мама Тула"]
    assert [each.name for each in by_use(LIST, {"74951234567": 4, "79161112233": 5})][:2] == ["Мама Тула", "Офис 2"]
    assert [each.name for each in by_name(LIST)] == ["Алёна, Ош", "Мама Тула", "Офис 2"]
