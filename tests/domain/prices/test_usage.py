"""What a use is: parts of a message by its alphabet, periods by their days, codes (E7)."""

from datetime import date

import pytest

from k5web.domain.prices.usage import Every, Kind, is_code


def test_a_period_begins_on_the_first_of_the_month_or_on_the_day() -> None:
    assert Every.MONTH.began(date(2028, 2, 29)) == date(2028, 2, 1)
    assert Every.DAY.began(date(2028, 2, 29)) == date(2028, 2, 29)


def test_talk_is_what_is_counted_in_seconds() -> None:
    assert {kind for kind in Kind if kind.is_timed} == {Kind.CALL, Kind.INCOMING, Kind.CSD}


@pytest.mark.parametrize("text", ["go-100", "sms-30", "8-800", "number_495", "k5", "a" * 40])
def test_a_code_is_small_letters_digits_and_two_signs(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize("text", ["", "GO", "го", "-go", "../k5", "go 100", "go\n", "a" * 41, "go.toml"])
def test_what_is_no_code(text: str) -> None:
    assert not is_code(text)
