"""Google's table: names, cells with several values, tables that a spreadsheet wrote anew."""

import pytest

from k5web.domain.contacts.address_book import rewrite
from k5web.domain.contacts.links import Links

LINKS = Links("https://t.k5.example")
LINK = "K5 +7 495 123-45-67{d}https://t.k5.example/+74951234567"


@pytest.mark.parametrize(
    ("heading", "row", "name"),
    [
        ("Name,Phone 1 - Value", "Анна,+74951234567", "Анна"),
        ("First Name,Last Name,Phone 1 - Value", "Анна,,+74951234567", "Анна"),
        ("Organization Name,Phone 1 - Value", "ООО,+74951234567", "ООО"),
        ("Notes,Phone 1 - Value", "x,+74951234567", ""),
    ],
)
def test_whose_row_it_is(heading: str, row: str, name: str) -> None:
    [entry] = rewrite(f"{heading}\n{row}\n".encode(), LINKS).entries
    assert (entry.contact, str(entry.number)) == (name, "+74951234567")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_keeps_its_delimiter(delimiter: str) -> None:
    heading, row = f"Name{delimiter}Phone 1 - Value", f"Анна{delimiter}+74951234567"
    new = f"{delimiter}Website 1 - Label{delimiter}Website 1 - Value", f"{delimiter}{LINK.format(d=delimiter)}"
    book = f"{heading}\r\n{row}\r\n".encode()
    assert rewrite(book, LINKS).content == f"{heading}{new[0]}\r\n{row}{new[1]}\r\n".encode()


def test_a_table_without_an_end_of_line_and_with_empty_lines() -> None:
    book = b"Name,Phone 1 - Value\n\nA,+74951234567"
    after = f"Name,Phone 1 - Value,Website 1 - Label,Website 1 - Value\n\nA,+74951234567,{LINK.format(d=',')}"
    assert rewrite(book, LINKS).content == after.encode()


def test_a_table_that_needs_nothing_stays_as_it_is() -> None:
    book = b"Name,Phone 1 - Value\nA,112\n"
    assert rewrite(book, LINKS).content == book
