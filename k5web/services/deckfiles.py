"""Files of price lists become rows of text: CSV in the spellings that offices produce, and XLSX."""

import contextlib
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from k5web.domain.deck import SheetRow, known_columns, looks_like_rate
from k5web.errors import WrongFile

LARGEST_FILE = 64 * 1024 * 1024  # bytes
LARGEST_SHEET = 512 * 1024 * 1024  # bytes, unpacked: a zip of a few kilobytes may hide gigabytes
WIDEST_ROW = 64  # cells; a sheet formatted to its last column has 16 384

_DELIMITERS = (",", ";", "\t")
_SAMPLE_LINES = 20
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


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


def read_rows(name: str, content: bytes) -> Iterator[SheetRow]:
    """Yield the rows of a CSV or XLSX file, told apart by their first bytes. Raises: WrongFile."""
    if content.startswith(_ZIP):
        return _xlsx_rows(name, content)
    if content.startswith(_OLD_EXCEL):
        raise WrongFile(file=name, reason="this is an old Excel file (.xls): save it as .xlsx or CSV")
    return _csv_rows(name, _decoded(name, content))


def _decoded(name: str, content: bytes) -> str:
    """Return the text of UTF-8, with or without its mark, else of Windows-1251."""
    if content.startswith(_UTF16):
        raise WrongFile(file=name, reason="this is UTF-16 text: save it as CSV UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1251")
        except UnicodeDecodeError:
            raise WrongFile(file=name, reason="this is neither UTF-8 nor Windows-1251 text") from None
    if _CONTROL.search(text):
        raise WrongFile(file=name, reason="this is no text: CSV or XLSX is wanted")
    return text


def _csv_rows(name: str, text: str) -> Iterator[SheetRow]:
    delimiter = detect_delimiter(text)
    if delimiter is None:
        raise WrongFile(file=name, reason="no columns: a row needs prefix, destination and price, apart by , ; or TAB")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
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


def _xlsx_rows(name: str, content: bytes) -> Iterator[SheetRow]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST_SHEET:
            raise WrongFile(file=name, reason=f"unpacked the file is larger than {LARGEST_SHEET // 1024 // 1024} MB")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if _is_filled(sheet)]
        if len(sheets) != 1:
            reason = "no sheet has rows" if not sheets else f"{len(sheets)} sheets have rows: keep one"
            raise WrongFile(file=name, reason=reason)
        for line, cells in enumerate(sheets[0].iter_rows(values_only=True, max_col=WIDEST_ROW), start=1):
            yield line, [cell_text(cell) for cell in cells]
    except WrongFile:
        raise
    # A damaged workbook comes out of zipfile, the XML parser and openpyxl as a dozen kinds of error
    except Exception as error:
        raise WrongFile(file=name, reason=f"this is no sound XLSX file ({type(error).__name__})") from error


def _is_filled(sheet: Any) -> bool:
    rows = sheet.iter_rows(values_only=True, max_col=WIDEST_ROW)
    return any(cell is not None and str(cell).strip() for row in rows for cell in row)


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
