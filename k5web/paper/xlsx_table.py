"""A table as a workbook: sums are numbers, days are days, a text is never a formula.

A sum comes as a Decimal of its minor units, so no float of ours touches it; the file holds its decimal digits, of which
the library writes sixteen and no account has as many.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from k5web.domain.money import Money, Price
from k5web.paper.table import Cell, Table

SUM: Final = "#,##0.00"
PRICE: Final = "0.00####"
DAY: Final = "dd.mm.yyyy"
MOMENT: Final = "dd.mm.yyyy hh:mm:ss"
LEAST_WIDTH, MOST_WIDTH = 10, 40  # letters
LONGEST_NAME: Final = 31  # letters of a sheet's name


def write(table: Table, out: BinaryIO) -> None:
    """Write a table row by row; the library keeps them in a file of its own until the end."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.title[:LONGEST_NAME])
    sheet.freeze_panes = "A2"
    for n, column in enumerate(table.columns, 1):
        width = min(max(LEAST_WIDTH, len(column.title) + 2), MOST_WIDTH)
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.append([_heading(sheet, column.title) for column in table.columns])
    for row in table.rows:
        sheet.append(list(_cells(sheet, row.cells)))
    book.save(out)


def _heading(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, title)
    cell.font = Font(bold=True)
    return cell


def _cells(sheet: Any, cells: tuple[Cell, ...]) -> Iterator[Any]:
    for cell in cells:
        match cell:
            case str():
                yield _text(sheet, cell)
            case Money():
                yield _formatted(sheet, Decimal(cell.minor).scaleb(-2), SUM)
            case Price():
                yield _formatted(sheet, Decimal(cell.micro).scaleb(-6), PRICE)
            case datetime():
                yield _formatted(sheet, cell, MOMENT)
            case date():
                yield _formatted(sheet, cell, DAY)
            case _:
                yield cell


def _text(sheet: Any, text: str) -> Any:
    """Return a text as it is: what begins with an equals sign is no formula; signs that no workbook holds go."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    return cell


def _formatted(sheet: Any, value: Any, number_format: str) -> Any:
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = number_format
    return cell
