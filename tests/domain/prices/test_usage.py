"""What a use is: parts of a message by its alphabet, periods by their days, codes (E7)."""

from datetime import date

import pytest

from k5web.domain.prices.usage import Every, Kind, is_code, sms_parts

EMOJI = "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("z" * 160, 1),
        ("z" * 161, 2),
        ("z" * 306, 2),
        ("z" * 307, 3),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("z" * 69 + "я", 1),  # one letter that is not Latin makes the whole message such a one
        ("z" * 70 + "я", 2),
        (EMOJI, 1),
        (EMOJI * 35, 1),  # each takes two places
        (EMOJI * 36, 2),
        ("z" * 66 + EMOJI + "z" * 3, 2),  # is not cut in two: the first part ends before it
        (EMOJI * 66, 2),
        (EMOJI * 67, 3),  # 33 fit into a part of 67
        ("€" * 80, 1),  # two places each in the Latin alphabet of messages
        ("€" * 81, 2),
        ("z" * 152 + "€" + "z" * 8, 2),
        ("@£$¥èéùìòÇ\n ~{}[]\\^|", 1),
    ],
)
def test_a_message_has_the_parts_its_alphabet_makes(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


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
