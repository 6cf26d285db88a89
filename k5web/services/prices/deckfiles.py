"""Files of price lists become rows of text: CSV in the spellings that offices produce, and XLSX."""

import contextlib
import csv
import io
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import (
    CELL_TAG,
    EXT_TAG,
    FORMULA_TAG,
    INLINE_STRING,
    VALUE_TAG,
    WorkSheetParser,
)

from k5web.domain.prices.deck import SheetRow, known_columns, looks_like_rate
from k5web.errors import WrongFile

LARGEST_FILE = 64 * 1024 * 1024  # bytes
LARGEST_SHEET = 512 * 1024 * 1024  # bytes, unpacked: a zip of a few kilobytes may hide gigabytes
WIDEST_ROW = 64  # cells; a sheet formatted to its last column has 16 384, which count where they hold something
LARGEST_PART = 1024 * 1024  # unpacked, of any part but a sheet: reading one needs a hundred times that memory
STREAMED = ("xl/worksheets/", "xl/sharedstrings.xml")  # read piece by piece
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of a spreadsheet

_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"\"?sep=([,;\t|])\"?", re.IGNORECASE)
_ENCODINGS = (
    "cp1251",
    "cp866",
    "koi8-r",
    "mac_cyrillic",
    "iso8859-5",
    "cp1252",
)  # the first is taken, the others are told
_LATIN = "A-Za-zÀ-ÖØ-öø-ÿ"
_USUAL_WORD = re.compile(rf"\b(?:[А-ЯЁ]?[а-яё]+|[А-ЯЁ]+|[A-Za-z][{_LATIN}]*)\b")
_SCORED = 100_000  # letters
_SAMPLE_LINES = 20
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ROW_NUMBER = re.compile(r"-?[0-9]{1,4000}", re.ASCII)
_PLACE = re.compile(r"[A-Za-z]+[0-9]{1,4000}", re.ASCII)
_INDEX = re.compile(r"[0-9]{1,9}", re.ASCII)
_ANYTHING = re.compile(r".*", re.DOTALL)
CELL_PARTS = {FORMULA_TAG: "f", VALUE_TAG: "v", INLINE_STRING: "is", EXT_TAG: "extLst"}
_CELL_TEXTS = {  # what may stand in a cell, by its kind. Source: ECMA-376, part 1, 18.18.11
    "n": re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII),
    "s": re.compile(r"[0-9]{1,9}", re.ASCII),
    "b": re.compile(r"[01]", re.ASCII),
    "d": re.compile(r"[0-9TZ:.+-]*", re.ASCII),
    "str": _ANYTHING,
    "e": _ANYTHING,
    "inlineStr": _ANYTHING,
}
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the rows stand, as far as it is said and not to be found out."""

    sheet: str | None = None  # of a workbook
    encoding: str | None = None
    delimiter: str | None = None


def read_bytes(path: Path) -> bytes:
    """Return the whole file. Raises: WrongFile where it is missing, unreadable, empty or too large."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise WrongFile(file=path.name, reason=(error.strerror or "cannot be read").lower()) from error
    if not content.strip():
        raise WrongFile(file=path.name, reason="the file is empty")
    if len(content) > LARGEST_FILE:
        raise WrongFile(file=path.name, reason=f"the file is larger than {LARGEST_FILE // 1024 // 1024} MB")
    return content


def read_rows(name: str, content: bytes, layout: Layout = Layout()) -> Iterator[SheetRow]:
    """Yield the rows of a CSV or XLSX file, told apart by their first bytes, all of them. Raises: WrongFile."""
    if content.startswith(_ZIP):
        return _xlsx_rows(name, content, layout.sheet)
    if content.startswith(_OLD_EXCEL):
        raise WrongFile(file=name, reason="this is an old Excel file (.xls): save it as .xlsx or CSV")
    return _csv_rows(name, _decoded(name, content, layout.encoding), layout.delimiter)


def _decoded(name: str, content: bytes, encoding: str | None) -> str:
    """Return the text of UTF-8, with or without its mark, else of Windows-1251 where it reads best in that."""
    if content.startswith(_UTF16):
        raise WrongFile(file=name, reason="this is UTF-16 text: save it as CSV UTF-8")
    try:
        text = content.decode(encoding or "utf-8-sig")
    except LookupError:
        raise WrongFile(file=name, reason=f"there is no encoding '{encoding}'") from None
    except UnicodeDecodeError:
        if encoding:
            raise WrongFile(file=name, reason=f"this is no {encoding} text") from None
        text = _single_byte(name, content)
    if _CONTROL.search(text):
        raise WrongFile(file=name, reason="this is no text: CSV or XLSX is wanted")
    return text


def _single_byte(name: str, content: bytes) -> str:
    """Return the text of Windows-1251. Any bytes can be read as that, so another reading must not make more sense."""
    readings = {coding: content.decode(coding, errors="replace") for coding in _ENCODINGS}
    best = max(readings, key=lambda coding: _sense_of_letters(readings[coding]))
    if best != _ENCODINGS[0]:
        reason = f"the letters read as {best}, not as UTF-8 or Windows-1251: save it as CSV UTF-8"
        raise WrongFile(file=name, reason=reason)
    if "\N{REPLACEMENT CHARACTER}" in readings[best]:
        raise WrongFile(file=name, reason="this is neither UTF-8 nor Windows-1251 text")
    return readings[best]


def _sense_of_letters(text: str) -> int:
    """Return how much sense a reading makes: letters of usual words count for it, strange signs against it."""
    letters = text[:_SCORED]
    usual = sum(len(word) for word in _USUAL_WORD.findall(letters))
    return usual - sum(not letter.isascii() for letter in letters)


def _csv_rows(name: str, text: str, said: str | None) -> Iterator[SheetRow]:
    first, _, rest = text.partition("\n")
    line = 1
    if separator := _SEPARATOR_LINE.fullmatch(first.strip()):  # how Excel is told what parts the cells
        said, text, line = said or separator[1], rest, 2
    delimiter = said or detect_delimiter(text)
    if delimiter is None:
        raise WrongFile(file=name, reason="no columns: a row needs prefix, destination and price, apart by , ; or TAB")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    above = line
    try:
        for cells in reader:
            if len(cells) > WIDEST_ROW:
                raise WrongFile(file=name, reason=f"line {line} has more than {WIDEST_ROW} cells")
            yield line, cells
            line = reader.line_num + above
    except csv.Error as error:
        raise WrongFile(file=name, reason=f"line {line} is damaged: {error}") from error


def detect_delimiter(text: str) -> str | None:
    """Return what stands between the cells, by which of the three makes sense of most of the first rows."""
    sample = "".join(io.StringIO(text, newline="").readlines(100_000)[:_SAMPLE_LINES])
    best = max(_DELIMITERS, key=lambda delimiter: _sense(sample, delimiter))
    return best if _sense(sample, best)[1] > 1 else None


def _sense(sample: str, delimiter: str) -> tuple[int, int]:
    """Return how many rows are rates or a heading, then how wide the widest is."""
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # what was read before the damage decides
        rows.extend(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    rated = sum(looks_like_rate(cells) or known_columns(cells) > 1 for cells in rows)
    return rated, max(map(len, rows), default=0)


def _xlsx_rows(name: str, content: bytes, wanted: str | None) -> Iterator[SheetRow]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            parts = archive.namelist()
            heavy = [entry.filename for entry in archive.infolist() if _is_heavy(entry)]
        if len(set(parts)) < len(parts):
            raise WrongFile(file=name, reason="a part of this workbook is in it twice: save it anew")
        if heavy:
            reason = f"{heavy[0][:60]} is larger than {LARGEST_PART // 1024} KB unpacked: save it as CSV"
            raise WrongFile(file=name, reason=reason)
        if unpacked > LARGEST_SHEET:
            raise WrongFile(file=name, reason=f"unpacked the file is larger than {LARGEST_SHEET // 1024 // 1024} MB")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        yield from _whole_sheet(name, _only_sheet(name, book, wanted))
    except WrongFile:
        raise
    except _LeftOut as error:
        mend = "open the file in a spreadsheet program, look at that row and save the file"
        raise WrongFile(file=name, reason=f"{error}: {mend}") from error
    # A damaged workbook comes out of zipfile, the XML parser and openpyxl as a dozen kinds of error
    except Exception as error:
        told = str(error).partition("\n")[0][:100]
        raise WrongFile(file=name, reason=f"this is no sound XLSX file ({type(error).__name__}: {told})") from error


def _is_heavy(entry: zipfile.ZipInfo) -> bool:
    """Return whether this is a part that openpyxl keeps whole in memory, and too large for that: styles, properties."""
    name = entry.filename.lower().lstrip("/")
    is_kept = name.endswith(".rels") or (name.endswith(".xml") and not name.startswith(STREAMED))
    return is_kept and entry.file_size > LARGEST_PART


def _only_sheet(name: str, book: Any, wanted: str | None) -> Any:
    """Return the sheet that has rows, or the wanted one. Raises: WrongFile: which of several counts is not guessed."""
    titles = [sheet.title for sheet in book.worksheets]
    twice = [title for title in titles if [one.casefold() for one in titles].count(title.casefold()) > 1]
    if twice:
        raise WrongFile(file=name, reason=f"two sheets are called '{twice[0]}': rename one, or keep one")
    if wanted is not None:
        if wanted not in titles:
            raise WrongFile(file=name, reason=f"there is no sheet '{wanted}': {', '.join(titles)}")
        return book[wanted]
    filled = [sheet for sheet in book.worksheets if any(True for _ in _whole_sheet(name, sheet))]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        raise WrongFile(file=name, reason="no sheet has rows")
    told = ", ".join(f"{sheet.title}{'' if sheet.sheet_state == 'visible' else ' (hidden)'}" for sheet in filled)
    raise WrongFile(file=name, reason=f"{len(filled)} sheets have rows: keep one ({told})")


def _whole_sheet(name: str, sheet: Any) -> Iterator[SheetRow]:
    """Yield the rows that have cells, however large the workbook says the sheet is. Raises: WrongFile, _LeftOut."""
    book = sheet.parent
    formats = book._date_formats, book._timedelta_formats
    with sheet._get_source() as source:
        reader = _SheetReader(source, sheet._shared_strings, True, book.epoch, *formats)
        for line, cells in reader.parse():
            texts = {cell["column"]: cell_text(cell["value"]) for cell in cells}
            widest = max((column for column, text in texts.items() if text.strip()), default=0)
            if widest > WIDEST_ROW:
                raise WrongFile(file=name, reason=f"line {line} has more than {WIDEST_ROW} cells")
            if widest:
                yield line, [texts.get(column, "") for column in range(1, widest + 1)]


class _LeftOut(ValueError):
    """Something of a sheet that openpyxl would leave out. The text says what."""


class _SheetReader(WorkSheetParser):
    """openpyxl's reader of a sheet. What openpyxl builds on it is not used here, for it says nothing of what it drops.

    It would drop a row that goes back, what the last cell of a row has on its right, the first of two equal cells, and
    whatever stands twice in a cell; a formula whose value the file does not keep would be an empty cell. Its numbers
    are what Python takes for such, 1_000 and other scripts' digits among them, and text -1 would be the last one.
    """

    def parse_row(self, row: Any) -> tuple[int, list[dict[str, Any]]]:
        before = self.row_counter
        if len(row) > LAST_COLUMN:
            raise _LeftOut(f"a row has more than {LAST_COLUMN} cells")
        if not _ROW_NUMBER.fullmatch(row.get("r", "1")):
            raise _LeftOut(f"the row after row {before} has the number {_shown(row.get('r'))}")
        if any(cell.tag not in {CELL_TAG, EXT_TAG} for cell in row):
            raise _LeftOut(f"the row after row {before} holds something that is no cell")
        line, cells = super().parse_row(row)
        if line > LAST_ROW:
            raise _LeftOut(f"the sheet has rows after {LAST_ROW}")
        if line <= before:
            raise _LeftOut(f"row {line} comes after row {before}")
        column = 0
        for cell in cells:
            if cell["row"] != line or cell["column"] <= column:
                raise _LeftOut(f"cell {_place(cell)} is out of its place in row {line}")
            column = cell["column"]
        return line, cells

    def parse_cell(self, element: Any) -> dict[str, Any]:
        place = element.get("r") or f"{get_column_letter(self.col_counter + 1)}{self.row_counter}"
        if wrong := self._wrong(element):
            raise _LeftOut(f"cell {_shown(place)} in row {self.row_counter} {wrong}")
        cell = super().parse_cell(element)
        value = element.find(VALUE_TAG)
        is_empty = value is None or (not (value.text or "").strip() and element.get("t") != "str")
        if element.find(FORMULA_TAG) is not None and is_empty:  # "str": a formula whose value is an empty text
            raise _LeftOut(f"cell {_place(cell)} has a formula and not its value")
        return cell

    def _wrong(self, element: Any) -> str:
        """Return in words why openpyxl would read something else than what is written; empty where it would not."""
        parts = [part.tag for part in element]
        inside = {CELL_PARTS.get(tag) for tag in parts}
        if None in inside or len(inside) < len(parts) or any(len(part) for part in element.iterfind(VALUE_TAG)):
            return "holds more than one value"
        kind, text = element.get("t", "n"), element.findtext(VALUE_TAG) or ""
        if not (_PLACE.fullmatch(element.get("r", "A1")) and _INDEX.fullmatch(element.get("s", "0"))):
            return "has no place or style that is a number"
        if kind not in _CELL_TEXTS or (kind == "inlineStr") != ("is" in inside) or ("v" in inside and "is" in inside):
            return f"is of no kind that is known ({_shown(kind)})"
        if text and not _CELL_TEXTS[kind].fullmatch(text.strip()):
            return f"holds {_shown(text)}, which is no {'number' if kind in {'n', 's'} else 'value of its kind'}"
        if kind == "n" and text and not math.isfinite(float(text)):
            return f"holds {_shown(text)}, which is too large a number"
        shared: Any = self.shared_strings
        if kind == "s" and text and int(text) >= len(shared):
            return f"is text {_shown(text)} of {len(shared)}"
        return ""


def _shown(text: str) -> str:
    return f"'{text[:20]}'"


def _place(cell: dict[str, Any]) -> str:
    return f"{get_column_letter(cell['column'])}{str(cell['row'])[:8]}"


def cell_text(value: object) -> str:
    """Return a spreadsheet's cell as a person would have typed it; a number keeps every digit it has.

    A float is written by its shortest exact form, so 0.45 is "0.45" and a sum of floats, 0.30000000000000004, keeps
    its tail and is turned down as a price.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(sep=" ")
    return str(value)
