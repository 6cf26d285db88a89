"""The own list: found as one types, the most used first."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.contacts.favourite import Favourite, by_name, by_use, found, is_called
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


def test_a_whole_name_is_told_from_its_beginning() -> None:
    assert [each.name for each in LIST if is_called(each, " алена,  ОШ ")] == ["Алёна, Ош"]
    assert not any(is_called(each, "Алёна") for each in LIST)


def used(*calls: tuple[str, int]) -> list[str]:
    """Return the names in order after calls to the beginnings of numbers so many days ago."""
    digits = {each.number.digits[:2]: each.number.digits for each in LIST}
    rang = [(digits.get(who, "1"), NOW - timedelta(ago)) for who, ago in sorted(calls, key=lambda call: call[1])]
    return [each.name for each in by_use(LIST, rang, NOW)]


MUM, ALYONA, OFFICE = "79", "99", "74"


def test_who_was_never_called_stands_by_name_below_who_was() -> None:
    assert used() == [each.name for each in by_name(LIST)] == ["Алёна, Ош", "Мама Тула", "Офис 2"]
    assert used((OFFICE, 300), ("12", 0)) == ["Офис 2", "Алёна, Ош", "Мама Тула"]


def test_of_equal_use_the_last_called_stands_first() -> None:
    assert used((OFFICE, 1), (MUM, 0))[:2] == ["Мама Тула", "Офис 2"]
    assert used((OFFICE, 0), (MUM, 1))[:2] == ["Офис 2", "Мама Тула"]
    assert used((OFFICE, 900), (MUM, 1000))[:2] == ["Офис 2", "Мама Тула"]


def test_who_is_called_often_stands_above_who_was_called_once_today() -> None:
    assert used(*((MUM, day) for day in range(1, 10)), (OFFICE, 0))[:2] == ["Мама Тула", "Офис 2"]


def test_calls_of_long_ago_count_less_the_longer_ago_they_were() -> None:
    assert used(*((MUM, day) for day in range(100, 110)), (OFFICE, 0))[:2] == ["Офис 2", "Мама Тула"]
    assert used((MUM, 29), (MUM, 30), (OFFICE, 0), (ALYONA, 13)) == ["Офис 2", "Алёна, Ош", "Мама Тула"]
