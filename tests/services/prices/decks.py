"""Workbooks that tests write, and what they read of price lists: prices of a table, rows that a refusal names."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from k5web.domain.prices.deck import RejectedRow
from k5web.domain.prices.rating import RateTable
from k5web.errors import WrongDeck


def prices(table: RateTable) -> dict[str, str]:
    return {rate.prefix: str(rate.per_minute) for rate in table.rates()}


def rejected(error: pytest.ExceptionInfo[WrongDeck]) -> list[RejectedRow]:
    rows = error.value.facts["rejected"]
    assert isinstance(rows, tuple)
    assert error.value.facts["rows"] == len(rows)
    return list(rows)


def workbook(*rows: list[Any], sheets: int = 1) -> bytes:
    book = openpyxl.Workbook()
    for number in range(sheets):
        sheet = book.worksheets[0] if number == 0 else book.create_sheet()
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def resaved(content: bytes, old: str, new: str, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """Return the workbook with other text in its first sheet, or another part: openpyxl rounds what Excel does not."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(changed, "w") as after:
        for entry in before.infolist():
            text = before.read(entry)
            if entry.filename == part:
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            after.writestr(entry, text)
    return changed.getvalue()
