"""Every way a person or a provider writes a number (docs/pages.md), and what is no number at all."""

import random
import re
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from k5web.domain.prices import number
from k5web.domain.prices.number import Msisdn, extension_of, other_reading
from k5web.errors import NotInternational, WrongNumber

MOSCOW, BISHKEK = "74951234567", "996555123456"

SPELLINGS = [
    # +…
    ("+74951234567", "RU", MOSCOW),
    ("+7 495 123-45-67", "RU", MOSCOW),
    ("+7 (495) 123-45-67", "RU", MOSCOW),
    ("(+7) 495.123.45.67", "RU", MOSCOW),
    ("+7/495/1234567", "RU", MOSCOW),
    ("+7[495]1234567", "RU", MOSCOW),
    ("+7\u00a0495\u2009123\u201145\u201367", "RU", MOSCOW),
    ("+7 495 123\u221245\u201567", "RU", MOSCOW),
    ("tel:+7-495-123-45-67", "RU", MOSCOW),
    ("TEL:+74951234567", "RU", MOSCOW),
    (" tel: +7 495 1234567 ", "RU", MOSCOW),
    ("＋７（４９５）１２３－４５－６７", "RU", MOSCOW),
    ("\u202d+7 495 123-45-67\u202c", "RU", MOSCOW),  # as iOS copies it
    ("\u200e+7 495 123-45-67\u200f", "RU", MOSCOW),
    ("\ufeff+74951234567", "RU", MOSCOW),
    ("+7495\u00ad1234567", "RU", MOSCOW),
    ("+996 555 123 456", "RU", BISHKEK),
    ("+44 (0)20 7946 0958", "RU", "442079460958"),  # the 0 is dialled inside Britain only
    ("+7 8 495 123-45-67", "RU", MOSCOW),  # so is the Russian 8
    ("+39 06 698 83145", "RU", "390669883145"),  # Italy's 0 stays
    ("+1 202 555 0123", "RU", "12025550123"),
    # 00…
    ("0074951234567", "RU", MOSCOW),
    ("00 996 555 123456", "KG", BISHKEK),
    # 810…
    ("810996555123456", "RU", BISHKEK),
    ("8~10 996 555 123456".replace("~", "-"), "RU", BISHKEK),
    ("8 10 44 20 7946 0958", "KZ", "442079460958"),
    # 8 and ten digits
    ("84951234567", "RU", MOSCOW),
    ("8 (495) 123-45-67", "RU", MOSCOW),
    ("8 701 123 45 67", "KZ", "77011234567"),
    ("8 800 123-45-67", "RU", "78001234567"),
    # 0 and nine digits
    ("0555123456", "KG", BISHKEK),
    ("0 (555) 12-34-56", "KG", BISHKEK),
    # as many digits as at home
    ("4951234567", "RU", MOSCOW),
    ("9161234567", "RU", "79161234567"),
    ("7011234567", "KZ", "77011234567"),
    ("555123456", "KG", BISHKEK),
    # with a plus in front
    ("74951234567", "RU", MOSCOW),
    ("74951234567", "KG", MOSCOW),
    ("996555123456", "RU", BISHKEK),
    ("996 555 123456", "KG", BISHKEK),
    ("442079460958", "RU", "442079460958"),
    ("2125550123", "US", "12125550123"),
    # slips and habits seen in reports of other dialling programs
    ("+8 916 123-45-67", "RU", "79161234567"),  # no country has the code 89
    ("+7 (0) 495 123-45-67", "RU", MOSCOW),
    ("+7 (8) 495 123-45-67", "RU", MOSCOW),
    ("+78 495 123-45-67", "RU", MOSCOW),
    ("7 8 495 1234567", "RU", MOSCOW),
    ("007 495 123 45 67", "RU", MOSCOW),
    ("8~10 44 20 7946 0958", "RU", "442079460958"),
    ("tel:4951234567;phone-context=+7", "RU", MOSCOW),
    ("tel:%2B74951234567", "RU", MOSCOW),
    ("8 (495) 123-45-67.", "RU", MOSCOW),
    ("+74951234567;", "RU", MOSCOW),
    ("+74951234567\n", "RU", MOSCOW),
    ("+7 495 123/45/67", "RU", MOSCOW),
    ("+٧٤٩٥١٢٣٤٥٦٧", "RU", MOSCOW),
    ("+۹۹۸۹۰۱۲۳۴۵۶۷", "RU", "998901234567"),
    ("+49 (0)30 123456", "RU", "4930123456"),
    ("0049 (0)30 123456", "RU", "4930123456"),
    ("+48 (0) 22 512 12 34", "RU", "48225121234"),
    ("+39 (0)6 698 12345", "RU", "390669812345"),
    ("+52 1 55 1234 5678", "RU", "525512345678"),
    ("+54 11 15 1234 5678", "RU", "5491112345678"),
    ("8 0312 12 34 56", "KG", "996312123456"),
    ("8 495 123 45 67", "KG", MOSCOW),
    ("600 123 456", "KG", "996600123456"),
    ("8 (727) 250-76-12", "RU", "77272507612"),
    ("+7 610 876 56 56", "RU", "76108765656"),
    # an unknown country: the price list, not the parser, turns it down
    ("+99912345678", "RU", "99912345678"),
]

NO_NUMBERS = [
    "",
    " ",
    "+",
    "++74951234567",
    "+7",
    "8",
    "00",
    "810",
    "112",
    "+112",
    "+71234567",  # can only be dialled inside one town
    "1234567",
    "0555123456",  # Kyrgyz, but not at home
    "+04951234567",
    "+7495123456",
    "+749512345678",
    "9" * 40,
    "+" + "7" * 16,
    "7" * 1_000_000,
    "+784022222222",  # neither with the 8 nor without it; the next ones are its like in other countries
    "784022222222",
    "+7 (8) 402 222-22-22",
    "+44 0404 571 9948",
    "+375 8 87293168",
    "+370 8 72630569",
    "+993 8 23588985",
    "+52 1 849 955 7206",
    "+378 822642",  # and one to which a code would be added
    "+7495123456a",
    "+7 495 CALL-NOW",
    "+7495123456¹",
    "+7495123456①",
    "+७४९५१२३४५६७",
    "\U0001d7d5\U0001d7d2\U0001d7d7\U0001d7d3\U0001d7cf\U0001d7d0\U0001d7d1\U0001d7d2\U0001d7d3\U0001d7d4\U0001d7d5",
    "+7495\x001234567",
    "+7495123456\x007",
    "\ud83d",  # half an emoji
    "☎️ 84951234567",
    "+7 495 123-45-67 ::: +7 916 123-45-67",
    "8(495)1234567/68",
    "+49 30 123456/57",  # the digits together are a number of Berlin, and nobody's
    "(495) 123-45-67, (499) 765-43-21",
    "+4930123456\n12345",
    "79161234567 79161234568",
    "8-800-555-ВТБ",
    "*100#",
    "доб. 123",
    "#123",
    "tel:tel:+74951234567",
    "+74951234567,89161234567",
    "+7495-123+45-67",
    "-74951234567x",
    "1e10",
    "NaN",
    "Анна",
]


@pytest.mark.parametrize(("text", "home", "digits"), SPELLINGS)
def test_a_number_is_understood_in_every_spelling(text: str, home: str, digits: str) -> None:
    assert Msisdn.parse(text, home) == Msisdn(digits)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_named_as_such(text: str) -> None:
    with pytest.raises(WrongNumber):
        Msisdn.parse(text)


def test_the_refusal_shows_the_text_made_harmless() -> None:
    with pytest.raises(WrongNumber) as refused:
        Msisdn.parse("\x1b[31m\x00\u202e" + "7" * 100)
    shown = str(refused.value.facts["text"])
    assert len(shown) == 40
    assert shown.isprintable()


@settings(max_examples=500)
@given(st.text(st.characters(codec=None), max_size=80), st.sampled_from(["RU", "KG", "KZ", "US", "001", "??"]))
def test_any_text_gives_a_dialable_number_or_a_refusal(text: str, home: str) -> None:
    try:
        digits = Msisdn.parse(text, home).digits
    except WrongNumber:
        return
    assert digits.isascii()
    assert digits.isdigit()
    assert 7 <= len(digits) <= 15
    assert digits[0] != "0"


@settings(max_examples=500)
@example("0083010000000", "RU")
@example("43000000", "RU")
@example("4300000", "RU")
@given(st.from_regex(r"\A(\+|00|810|8|0|tel:)?[0-9 ()-]{5,18}\Z"), st.sampled_from(["RU", "KG"]))
def test_what_was_understood_reads_back_as_itself(text: str, home: str) -> None:
    """The canonical form is a fixed point: the number on the page is the number that is dialled."""
    try:
        found = Msisdn.parse(text, home)
    except WrongNumber:
        return
    assert Msisdn.parse(str(found), home) == found


def test_plain_numbers_after_seven_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortcut gives what the numbering data give."""
    draw = random.Random(7)
    numbers = ["7" + draw.choice("3456789") + "".join(draw.choices("0123456789", k=9)) for _ in range(2_000)]
    assert all(number._PLAIN_SEVEN.fullmatch(digits) for digits in numbers)
    monkeypatch.setattr(number, "_PLAIN_SEVEN", re.compile("(?!)"))
    assert [Msisdn.parse(f"+{digits}").digits for digits in numbers] == numbers


def test_two_valid_readings_are_both_named() -> None:
    """4951234567 is Moscow at home and Germany with a plus: the page asks."""
    assert Msisdn.parse("4951234567") == Msisdn(MOSCOW)
    assert other_reading("4951234567") == Msisdn("4951234567")
    assert other_reading("9161234567") is None
    assert other_reading("+74951234567") is None
    assert other_reading("Анна") is None


@pytest.mark.parametrize(
    ("text", "readings"),
    [("+8 (495) 123-45-67", ("84951234567", MOSCOW)), ("+84 951234567", ("84951234567", MOSCOW))],
)
def test_an_8_after_a_plus_is_vietnam_or_a_slip(text: str, readings: tuple[str, str]) -> None:
    assert (Msisdn.parse(text).digits, getattr(other_reading(text), "digits", None)) == readings


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("+7 495 123-45-67 доб. 123", "123"),
        ("+7 495 123-45-67 доб.123", "123"),
        ("+7 495 123-45-67 Доб № 12", "12"),
        ("8 (495) 123-45-67, вн. 4", "4"),
        ("8 (495) 123-45-67 (доб. 17)", "17"),
        ("+7 495 123-45-67,123", "123"),
        ("+7 495 123-45-67;123#", "123"),
        ("+7 495 123-45-67p123", "123"),
        ("+74951234567#123", "123"),
        ("+74951234567 x 9", "9"),
        ("+74951234567 ext 000123", "000123"),
        ("tel:+7(495)123-45-67;ext=1", "1"),
        ("+74951234567", ""),
    ],
)
def test_an_extension_is_told_apart_from_the_number(text: str, extension: str) -> None:
    assert (Msisdn.parse(text).digits, extension_of(text)) == (MOSCOW, extension)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+79161234567", "79161234567"),
        ("79161234567", "79161234567"),
        ("+7 (916) 123-45-67", "79161234567"),
        ("9611234567", "9611234567"),  # Lebanon, and not the Russian mobile 961
        ("9607983212", "9607983212"),
        ("4722123456", "4722123456"),
        ("3652123456", "3652123456"),
        ("4951234567", "4951234567"),  # Germany: a program has nobody to ask
        ("+84951234567", "84951234567"),
        ("+99912345678", "99912345678"),
        ("+48 (0) 22 512 12 34", "48225121234"),
    ],
)
def test_a_program_is_taken_at_its_digits(text: str, digits: str) -> None:
    assert Msisdn.e164(text).digits == digits


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("9161234567", "+79161234567"),
        ("8 (495) 123-45-67", "+74951234567"),
        ("84951234567", "+74951234567"),  # Vietnam has such a number too
        ("810996555123456", "+996555123456"),
        ("0555123456", "+996555123456"),
        ("555123456", "+996555123456"),
    ],
)
def test_a_program_is_refused_a_home_form_and_told_the_right_one(text: str, meant: str) -> None:
    with pytest.raises(NotInternational) as refused:
        Msisdn.e164(text)
    assert refused.value.facts["meant"] == meant


@pytest.mark.parametrize(
    "text", ["", "x", "+", "112", "1234567", "+74951234567 доб. 5", "+7495123456", "+784022222222", "784022222222"]
)
def test_a_program_is_refused_what_is_no_number(text: str) -> None:
    with pytest.raises(WrongNumber):
        Msisdn.e164(text)


@pytest.mark.parametrize("sign", ["9", "(", " ", "-", ";ext=", "доб. 1", "tel:", "%2B", "(0)", "/9", ",1"])
def test_hostile_repetition_gives_a_dialable_number_or_a_refusal(sign: str) -> None:
    for text in (sign * 12, f"+7495{sign * 20}", f"{sign * 200}1"):
        with suppress(WrongNumber):
            assert len(Msisdn.parse(text).digits) <= 15


def test_a_masked_number_never_shows_more_than_its_ends() -> None:
    assert Msisdn("79161234567").masked == "+7916***67"
    for length in range(7, 16):
        shown = Msisdn("9" * length).masked.replace("*", "").lstrip("+")
        assert len(shown) <= 6
        assert length - len(shown) >= 4


@pytest.mark.parametrize(
    ("digits", "grouped", "region", "looks_wrong"),
    [
        ("79161234567", "+7 916 123-45-67", "RU", False),
        ("77011234567", "+7 701 123 4567", "KZ", False),
        (BISHKEK, "+996 555 123 456", "KG", False),
        ("80012345678", "+800 1234 5678", "001", False),
        ("78951234567", "+7 8951234567", "RU", True),
        ("99912345678", "+99912345678", None, True),
    ],
)
def test_a_number_is_grouped_for_people(digits: str, grouped: str, region: str | None, looks_wrong: bool) -> None:
    found = Msisdn(digits)
    assert (found.grouped, found.region, found.looks_wrong) == (grouped, region, looks_wrong)
    assert str(found) == f"+{digits}"
