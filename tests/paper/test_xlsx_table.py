"""A table as a workbook: sums are exact numbers, days are days, texts are texts."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from k5web.paper import xlsx_table
from tests.paper.tables import amount_of, table


def sheet(count: int, text: str = "Звонок") -> Any:
    out = io.BytesIO()
    xlsx_table.write(table(count, text), out)
    return openpyxl.load_workbook(io.BytesIO(out.getvalue())).worksheets[0]


def test_a_heading_stands_above_the_lines() -> None:
    found = sheet(3)
    assert [cell.value for cell in found[1]] == ["Номер", "День", "Когда", "Что", "Сумма", "Цена", "Секунд"]
    assert (found.max_row, found.freeze_panes, found.title) == (4, "A2", "Выписка")


def test_sums_and_prices_are_exact_numbers() -> None:
    """As a person reads them: the file holds their decimal digits, and two of them behind the comma are shown."""
    for n, row in enumerate(sheet(40).iter_rows(min_row=2)):
        assert Decimal(str(row[4].value)) == Decimal(amount_of(n).minor).scaleb(-2)
        assert Decimal(str(row[5].value)) == Decimal(1_750_001 + n).scaleb(-6)
        assert (row[4].data_type, row[4].number_format) == ("n", "#,##0.00")


def test_days_are_days() -> None:
    row = sheet(1)[2]
    assert row[1].value.date() == date(2026, 12, 1)
    assert row[2].value == datetime(2026, 12, 1, 9, 5)  # noqa: DTZ001
    assert row[1].is_date


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x")', "+7 495", "@x", "-1", "123", "TRUE", "#N/A"])
def test_a_text_stays_a_text(text: str) -> None:
    cell = sheet(1, text)[2][3]
    assert (cell.value, cell.data_type) == (text, "s")


def test_signs_that_no_workbook_holds_are_left_out() -> None:
    assert sheet(1, "а\x00б\x0bв")[2][3].value == "абв"
