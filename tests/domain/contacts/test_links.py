"""Which number a link calls, and what becomes of a number that is written so or so."""

import pytest

from k5web.domain.contacts.links import Fate, Links
from k5web.domain.prices.number import Msisdn

LINKS = Links("https://t.k5.example")
MOSCOW = "+74951234567"


@pytest.mark.parametrize(
    ("address", "number"),
    [
        (f"https://t.k5.example/{MOSCOW}", MOSCOW),
        ("http://T.K5.example/74951234567", MOSCOW),
        (" https://t.k5.example/%2B74951234567 ", MOSCOW),
        ("https://t.k5.example/8-495-123-45-67", MOSCOW),
        ("https://t.k5.example/me", None),
        ("https://t.k5.example", None),
        ("https://t.k5.example.org/74951234567", None),
        (f"ftp://t.k5.example/{MOSCOW}", None),
        ("https://[broken/74951234567", None),
        ("", None),
        (f"https://t.k5.example/{'%' * 2000}", None),
    ],
)
def test_whose_number_a_link_calls(address: str, number: str | None) -> None:
    found = LINKS.number_behind(address)
    assert (str(found) if found else None) == number


def test_a_k5_below_a_path_has_its_links_there() -> None:
    below = Links("https://k5.example/t")
    assert below.number_behind(below.link(Msisdn.parse(MOSCOW))) == Msisdn.parse(MOSCOW)
    assert below.number_behind(f"https://k5.example/{MOSCOW}") is None


@pytest.mark.parametrize(
    ("typed", "home", "number", "fate"),
    [
        (MOSCOW, "RU", MOSCOW, Fate.ADDED),
        ("8 495 123-45-67 доб. 12", "RU", MOSCOW, Fate.ADDED),
        ("0555 123 456", "KG", "+996555123456", Fate.ADDED),
        ("555 123 456", "RU", None, Fate.NO_NUMBER),
        ("112", "RU", None, Fate.NO_NUMBER),
        ("*100#", "RU", None, Fate.NO_NUMBER),
        ("123-45-67", "RU", None, Fate.NO_NUMBER),
        ("+8 812 345-67-89", "RU", "+78123456789", Fate.ADDED),
        ("", "RU", None, Fate.NO_NUMBER),
    ],
)
def test_what_becomes_of_a_number(typed: str, home: str, number: str | None, fate: Fate) -> None:
    [entry] = Links("https://t.k5.example", home).entries("Анна", [typed], [])
    assert (str(entry.number) if entry.number else None, entry.fate) == (number, fate)


def test_a_number_with_two_readings_is_left_alone() -> None:
    [entry] = LINKS.entries("", ["+8 495 123-45-67"], [])
    assert (entry.number, entry.fate) == (None, Fate.UNCLEAR)


def test_a_number_that_is_there_twice_gets_one_link() -> None:
    fates = [entry.fate for entry in LINKS.entries("", [MOSCOW, "8 495 123-45-67"], [])]
    assert fates == [Fate.ADDED, Fate.THERE]


def test_a_label_is_plain_for_every_version_of_a_card() -> None:
    label = LINKS.label(Msisdn.parse(MOSCOW))
    assert (label, label.isascii()) == ("K5 +7 495 123-45-67", True)
