"""Google's table of contacts: links go into website columns of their own, at the end of each row (RFC 4180)."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from k5web.domain.contacts.links import Count, Entry, Fate, Links, Rewritten
from k5web.domain.contacts.raw_text import Insertion, Line, Raw
from k5web.errors import WrongAddressBook

SEVERAL: Final = " ::: "  # between values of one cell
DELIMITERS: Final = (",", ";", "\t")  # the second where a spreadsheet wrote the table anew
_PHONE: Final = re.compile(r"Phone [0-9]{1,4} - Value", re.ASCII)
_ADDRESS: Final = re.compile(r"Website [0-9]{1,4} - Value", re.ASCII)
_WEBSITE: Final = re.compile(r"Website ([0-9]{1,4}) - (Label|Type|Value)", re.ASCII)
_NAMES: Final = (
    ("Name",),
    ("First Name", "Middle Name", "Last Name"),
    ("Organization Name",),
    ("Organization 1 - Name",),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table, in which line it begins, and where its last cell ends."""

    line_number: int
    cells: Sequence[str]
    end: int


@dataclass(frozen=True, slots=True)
class _Table:
    heading: _Row
    delimiter: str

    def values(self, row: _Row, columns: re.Pattern[str]) -> list[str]:
        """Return what a row says in these columns, empty ones left out."""
        said = []
        for name, cell in zip(self.heading.cells, row.cells, strict=False):
            if columns.fullmatch(name):
                said += [value.strip() for value in cell.split(SEVERAL) if value.strip()]
        return said

    def name(self, row: _Row) -> str:
        """Return the contact's name."""
        said = dict(zip(self.heading.cells, row.cells, strict=False))
        found = (" ".join(filter(None, (said.get(one, "") for one in some))) for some in _NAMES)
        return next(filter(None, found), "")

    def new_columns(self, count: int) -> list[str]:
        """Return the names of so many pairs of columns behind the last website."""
        there = [found for name in self.heading.cells if (found := _WEBSITE.fullmatch(name))]
        last = max((int(found[1]) for found in there), default=0)
        title = "Type" if any(found[2] == "Type" for found in there) else "Label"
        pairs = range(last + 1, last + count + 1)
        return [f"Website {n} - {what}" for n in pairs for what in (title, "Value")]


def rewrite(raw: Raw, links: Links) -> Rewritten:
    """Return the table with the links that it has not yet. Raises: WrongAddressBook."""
    table, rows = _read(raw)
    entries: list[Entry] = []
    added: list[list[str]] = []
    count = Count()
    for row in rows:
        typed = table.values(row, _PHONE)
        count.more(row.line_number, len(typed))
        made = links.entries(table.name(row), typed, table.values(row, _ADDRESS))
        entries += made
        new = [entry.number for entry in made if entry.fate is Fate.ADDED and entry.number]
        added.append([text for number in new for text in (links.label(number), links.link(number))])
    width = max(map(len, added), default=0)
    if not width:
        return Rewritten(raw.with_lines(()), tuple(entries), len(rows), "csv")
    insertions = [_insertion(table, table.heading, table.new_columns(width // 2), width)]
    insertions += [_insertion(table, row, texts, width) for row, texts in zip(rows, added, strict=True)]
    return Rewritten(raw.with_lines(insertions), tuple(entries), len(rows), "csv")


def _insertion(table: _Table, row: _Row, texts: Sequence[str], width: int) -> Insertion:
    missing = max(len(table.heading.cells) - len(row.cells), 0)
    cells = [*[""] * missing, *texts, *[""] * (width - len(texts))]
    return row.end, "".join(f"{table.delimiter}{cell}" for cell in cells)


def _read(raw: Raw) -> tuple[_Table, list[_Row]]:
    records = list(_records(raw))
    if records:
        for delimiter in DELIMITERS:
            heading = _row(raw, records[0], delimiter)
            if any(map(_PHONE.fullmatch, heading.cells)):
                rows = [_row(raw, record, delimiter) for record in records[1:] if record[1].strip()]
                return _Table(heading, delimiter), rows
    raise WrongAddressBook.at(0, "no_book")


def _records(raw: Raw) -> Iterator[tuple[int, str, int]]:
    """Yield each record's line number, its text without the end of the line, and where it ends."""
    begun: list[Line] = []
    quotes, first = 0, 1
    for at, line in enumerate(raw.lines(), 1):
        begun.append(line)
        quotes += line.text.count('"')
        if quotes % 2 == 0:
            end = line.start + len(line.text)
            yield first, raw.text[begun[0].start : end], end
            begun, quotes, first = [], 0, at + 1
    if begun:
        raise WrongAddressBook.at(first, "not_closed")


def _row(raw: Raw, record: tuple[int, str, int], delimiter: str) -> _Row:
    at, text, end = record
    try:
        cells = next(csv.reader([raw.readable(text)], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise WrongAddressBook.at(at, "not_a_row") from error
    return _Row(at, cells, end)
