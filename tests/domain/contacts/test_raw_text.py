"""Text that turns back into its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.contacts.raw_text import Raw, decoded


def raw(content: bytes) -> Raw:
    return Raw(content.decode("latin-1"), "latin-1", "\xef\xbb\xbf")


@given(st.binary(max_size=200))
def test_the_lines_are_the_whole_file(content: bytes) -> None:
    text = raw(content)
    mark = text.mark if text.text.startswith(text.mark) else ""
    assert mark + "".join(line.text + line.newline for line in text.lines()) == text.text
    assert text.with_lines([]) == content


def test_a_byte_of_a_letter_ends_no_line() -> None:
    assert [line.text for line in raw("Х\u2028Я".encode() + b"\x85\x0b\r\nb").lines()][1:] == ["b"]


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("Пётр".encode(), "", "Пётр"),
        ("Пётр".encode("cp1251"), "", "Пётр"),
        ("Пётр".encode("koi8-r"), "KOI8-R", "Пётр"),
        ("Пётр".encode(), "no-such-charset", "Пётр"),
        ("Пётр".encode("cp1251"), "utf-8", "Пётр"),
        (b"\x98\xff", "", "\ufffd\ufffd"),
    ],
)
def test_text_is_read_by_its_charset_else_by_what_fits(content: bytes, charset: str, text: str) -> None:
    assert decoded(content, charset) == text
