"""A table as CSV that spreadsheets of this part of the world open: semicolons, decimal commas, a BOM, no formulas."""

import csv
from datetime import datetime
from io import TextIOWrapper
from typing import BinaryIO

from k5web.domain.books.csv_cells import BOM, DELIMITER, decimal, plain
from k5web.domain.money import Money
from k5web.paper.table import Cell, Table, shown


def write(table: Table, out: BinaryIO) -> None:
    """Write a table row by row."""
    text = TextIOWrapper(out, "utf-8", newline="")
    text.write(BOM)
    writer = csv.writer(text, delimiter=DELIMITER)
    writer.writerow([column.title for column in table.columns])
    writer.writerows([_written(cell) for cell in row.cells] for row in table.rows)
    text.flush()
    text.detach()


def _written(cell: Cell) -> str:
    match cell:
        case str():
            return plain(cell)
        case Money():
            return decimal(cell)
        case datetime():
            return f"{cell:%d.%m.%Y %H:%M:%S}"
        case _:
            return shown(cell)
