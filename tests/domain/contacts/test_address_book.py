"""Address books of all shapes (A1): each number gets one link, labelled; nothing else changes; twice is once."""

import tracemalloc
from collections.abc import Callable
from difflib import SequenceMatcher

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from vobject.base import Component, ContentLine

from k5web.domain.contacts.address_book import rewrite
from k5web.domain.contacts.links import Fate, Links
from k5web.errors import WrongAddressBook
from tests.domain.contacts.books import BOOKS, PICTURE, crlf, folded
from tests.effort import is_cheaper

LINKS = Links("https://t.k5.example")
ADDED = {  # whose number got a link, by the book
    "Android 4, 2.1, quoted-printable": ["Пётр Иванов +79161234567", "Пётр Иванов +74951234567"],
    "Android 14, 3.0": ["Пётр Иванов +79161234567"],
    "iPhone, 3.0, labels in groups": ["Анна Смирнова +996555123456", "Анна Смирнова +79167654321"],
    "iCloud, 3.0, a link that is there": ["Ольга +74951234567"],
    "Outlook 2003, 2.1, windows-1251": ["Петров Сергей +74951234567", "Петров Сергей +74951234568"],
    "Outlook 365, 3.0, quotation marks": ["Сидоров, Олег +74951234567", "Сидоров, Олег +79161234567"],
    "Google, 3.0": ["Мама +79161234567", "Мама +78005553535"],
    "4.0, numbers as addresses": ["Жаныл +996555123456", "Жаныл +74951234567"],
    "an old Nokia, 2.1, bare line ends": ["Igor +79161234567", "Zoya +74951234567"],
    "a synchronisation program, UTF-16": ["Гүлнара +996555123456"],
    "a mark of UTF-8, a card within a card": ["Секретарь +74951234567", "Директор +74951234568"],
    "Google, CSV": ["Анна Смирнова +79161234567", "Анна Смирнова +74951234567"],
    "Google, CSV of old": ["Пётр +79161234567", "Пётр +74951234567", "Зоя +996555123456"],
}
PLAIN = [name for name in BOOKS if "UTF-16" not in name]
CARDS = [name for name in PLAIN if "CSV" not in name]
NUMBERS = st.sampled_from(["+79161234567", "8 (495) 123-45-67", "+996 555 123 456", "tel:+49-30-901820", "100", "112"])
WORDS = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="\\;,:"), min_size=1, max_size=90)


def test_every_book_here_is_asked_about() -> None:
    assert ADDED.keys() == BOOKS.keys()


@pytest.mark.parametrize("name", BOOKS)
def test_each_number_gets_one_link(name: str) -> None:
    added = rewrite(BOOKS[name], LINKS).of(Fate.ADDED)
    assert [f"{entry.contact} {entry.number}" for entry in added] == ADDED[name]


@pytest.mark.parametrize("name", BOOKS)
def test_twice_is_once(name: str) -> None:
    once = rewrite(BOOKS[name], LINKS)
    twice = rewrite(once.content, LINKS)
    assert (twice.content, twice.of(Fate.ADDED)) == (once.content, [])


@pytest.mark.parametrize("name", BOOKS)
def test_nothing_is_changed_but_added_to(name: str) -> None:
    before, after = BOOKS[name], rewrite(BOOKS[name], LINKS).content
    changes = {change for change, *_ in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()}
    assert changes == {"equal", "insert"}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_gets_whole_lines_of_links_and_labels(name: str) -> None:
    newline = b"\r\n" if b"\r\n" in BOOKS[name] else b"\n"
    before = BOOKS[name].split(newline)
    after = rewrite(BOOKS[name], LINKS).content.split(newline)
    new = [line.decode() for line in after if line not in before]
    links, labels = new[::2], new[1::2]
    assert [f".URL:{LINKS.root}/{entry.number}" for entry in rewrite(BOOKS[name], LINKS).of(Fate.ADDED)] == [
        line[len("item1") :] for line in links
    ]
    assert [label.partition(".")[0] for label in labels] == [link.partition(".")[0] for link in links]
    assert all(".X-ABLabel:K5 +" in label for label in labels)


def test_a_group_of_the_card_is_not_taken_twice() -> None:
    after = rewrite(BOOKS["iPhone, 3.0, labels in groups"], LINKS).content.decode()
    assert [after.count(f"\r\nitem{n}.") for n in (1, 2, 3, 4, 5)] == [2, 2, 2, 2, 0]


def test_a_table_gets_columns_behind_the_last_website() -> None:
    heading, _, rest = rewrite(BOOKS["Google, CSV of old"], LINKS).content.decode().partition("\n")
    assert heading.endswith("Value,Website 4 - Type,Website 4 - Value,Website 5 - Type,Website 5 - Value")
    assert "\nЗоя,Mobile,+996555123456,,,K5 +996 555 123 456,https://t.k5.example/+996555123456,,\n" in f"\n{rest}"


@pytest.mark.parametrize(
    ("book", "line", "why"),
    [
        (b"", 0, "no_book"),
        (b"%PDF-1.7\n", 0, "no_book"),
        (b"name,phone\r\nAnna,+79161234567\r\n", 0, "no_book"),
        (b"\xff\xfeB\x00E", 0, "damaged"),
        (crlf("BEGIN:VCARD", "FN:A", "END:VCARD", "BEGIN:VCARD", "TEL:+79161234567"), 4, "no_end"),
        (b'Name,Phone 1 - Value\r\n"Anna,+79161234567\r\n', 2, "not_closed"),
        (b'Name,Phone 1 - Value\r\n"An"na"",+79161234567\r\n', 2, "not_a_row"),
    ],
)
def test_what_is_no_whole_book_is_refused_with_its_line(book: bytes, line: int, why: str) -> None:
    with pytest.raises(WrongAddressBook) as refused:
        rewrite(book, LINKS)
    assert (refused.value.facts["line"], refused.value.facts["why"]) == (line, why)


@given(cards=st.lists(st.tuples(WORDS, st.lists(NUMBERS, max_size=4), WORDS, st.booleans()), min_size=1, max_size=4))
def test_another_library_reads_the_same_properties_and_the_links_beside_them(
    cards: list[tuple[str, list[str], str, bool]],
) -> None:
    lines: list[str] = []
    for name, numbers, note, is_grouped in cards:
        lines += ["BEGIN:VCARD", "VERSION:3.0", *folded("FN", name), f"N:;{name};;;"]
        lines += [
            f"item{at}.TEL;TYPE=CELL:{number}" if is_grouped else f"TEL:{number}" for at, number in enumerate(numbers)
        ]
        lines += [*folded("NOTE", note), *folded("PHOTO;ENCODING=b;TYPE=JPEG", PICTURE), "X-OWN;A=b:c", "END:VCARD"]
    book = crlf(*lines)
    once = rewrite(book, LINKS)
    added = [f"{LINKS.root}/{entry.number}" for entry in once.of(Fate.ADDED)]
    before, after = properties(book), properties(once.content)
    new = [one for one in after if one[0] in {"URL", "X-ABLABEL"}]
    assert [one for one in after if one not in new] == before
    assert [value for name, value in new if name == "URL"] == added
    assert rewrite(once.content, LINKS).content == once.content


def properties(book: bytes) -> list[tuple[str, str]]:
    """Return name and value of each property, as the library has them."""
    found: list[tuple[str, str]] = []
    for card in vobject.readComponents(book.decode()):
        assert isinstance(card, Component)
        found += [(line.name, str(line.value)) for line in card.getChildren() if isinstance(line, ContentLine)]
    return found


def test_a_large_book_is_read_in_little_memory() -> None:
    picture = folded("PHOTO;ENCODING=b", PICTURE * 4)
    card = ["BEGIN:VCARD", "VERSION:3.0", "FN:Пётр", "TEL:+7916{n:07d}", *picture, "END:VCARD"]
    book = b"".join(crlf(*(line.format(n=n) for line in card)) for n in range(2000))
    tracemalloc.start()
    rewritten = rewrite(book, LINKS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(book) > 5_000_000, len(rewritten.of(Fate.ADDED))) == (True, 2000)
    assert peak < 100_000_000


@pytest.mark.parametrize(
    "lines",
    [
        lambda n: ["URL:a", *[" a"] * n],
        lambda n: ["FN;QUOTED-PRINTABLE:=", *["="] * n],
        lambda n: ['X;"a' + ":" * 8 * n],
        lambda n: ["FN;CHARSET=punycode:-" + "я" * 8 * n],
    ],
    ids=["folded", "quoted-printable", "colons", "punycode"],
)
def test_a_hostile_card_costs_by_its_size_and_not_by_the_square(lines: Callable[[int], list[str]]) -> None:
    small, large = (crlf("BEGIN:VCARD", *lines(n), "TEL:100", "END:VCARD") for n in (4_000, 16_000))
    assert is_cheaper(lambda: rewrite(large, LINKS), lambda: rewrite(small, LINKS), times=8)  # four times; was sixteen


@pytest.mark.parametrize("charset", ["undefined", "idna", "utf-7", "unicode_escape", "raw_unicode_escape"])
def test_a_charset_that_is_none_makes_no_name_that_cannot_be_shown(charset: str) -> None:
    name = rf"FN;CHARSET={charset}:\\ud800 +2AA- ..{'a' * 70}"
    (entry,) = rewrite(crlf("BEGIN:VCARD", name, "TEL:100", "END:VCARD"), LINKS).entries
    assert entry.contact.encode()


@pytest.mark.parametrize(
    ("book", "line"),
    [
        (crlf(*["BEGIN:VCARD", "END:VCARD"] * 25_001), 50_001),
        (crlf("BEGIN:VCARD", *["TEL:100"] * 101, "END:VCARD"), 1),
        (crlf("BEGIN:VCARD", *[""] * 500_000), 500_001),
        (crlf("Name,Phone 1 - Value", f"a,{' ::: '.join(['+74951234567'] * 101)}", *["b"] * 9), 2),
        (crlf("Name,Phone 1 - Value", *["b"] * 25_001), 25_002),
    ],
    ids=["cards", "numbers of a card", "lines", "numbers of a row", "rows"],
)
def test_a_book_that_nobody_has_is_refused(book: bytes, line: int) -> None:
    with pytest.raises(WrongAddressBook) as refused:
        rewrite(book, LINKS)
    assert (refused.value.facts["why"], refused.value.facts["line"]) == ("too_much", line)
