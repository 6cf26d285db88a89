"""Cards line by line: names, values that go on, what is no property."""

import pytest

from k5web.domain.contacts.address_book import rewrite
from k5web.domain.contacts.links import Links
from tests.domain.contacts.books import crlf

LINKS = Links("https://t.k5.example")


def entries(*lines: str) -> list[tuple[str, str]]:
    book = crlf("BEGIN:VCARD", *lines, "END:VCARD")
    return [(entry.contact, entry.typed) for entry in rewrite(book, LINKS).entries]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("FN:Пётр", "N:Иванов;Пётр"), "Пётр"),
        (("N:Иванов;Пётр;;;",), "Иванов Пётр"),
        (("FN: ", "ORG:ООО «Ромашка»"), "ООО «Ромашка»"),
        (("FN:Иванов\\, Пётр\\; врач",), "Иванов, Пётр; врач"),
        (("FN:Пё", " тр"), "Пётр"),
        (("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=KOI8-R:=F0=", "=A3=D4=D2"), "Пётр"),
        ((), ""),
        ((f"FN:{'я' * 300}",), "я" * 200),
    ],
)
def test_whose_card_it_is(lines: tuple[str, ...], name: str) -> None:
    assert entries(*lines, "TEL:+74951234567") == [(name, "+74951234567")]


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        (('TEL;X="a:b":+7 495', " 123-45-67"), "+7 495123-45-67"),
        (("TEL;QUOTED-PRINTABLE:=2B7495=", "1234567"), "+74951234567"),
        (("work.tel;type=work : +7 495 123-45-67",), "+7 495 123-45-67"),
    ],
)
def test_how_a_number_may_be_written(line: tuple[str, ...], typed: str) -> None:
    assert entries(*line) == [("", typed)]


def test_what_stands_outside_of_cards_is_nobodys() -> None:
    book = crlf("BEGIN:VCARD", "END:VCARD", "TEL:+74951234567", "END:VCARD", "words")
    assert rewrite(book, LINKS).content == book


def test_a_line_that_goes_on_in_a_note_is_no_number() -> None:
    assert entries("NOTE;ENCODING=QUOTED-PRINTABLE:=", "TEL:+74951234567") == []
    assert entries("NOTE:a", " TEL:+74951234567") == []
