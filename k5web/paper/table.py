"""A long table as values: columns, rows that are read while it is written, and what stands around them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from k5web.domain.money import Money, Price
from k5web.paper.spelling import in_figures

MINUS: Final = "\N{MINUS SIGN}"

Cell = str | int | Money | Price | date | datetime | None  # a moment is by the operator's clock, without its zone


@dataclass(frozen=True, slots=True)
class Column:
    """A column. Units: `width` millimetres on paper; 0: it stands in files for programs only."""

    title: str
    width: float = 0.0
    is_right: bool = False  # its heading stands at the right, as sums do


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `notes` stand below it on paper, where a file for programs has columns of its own."""

    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableWords:
    """What a table says of itself on paper, in its reader's language."""

    count: str  # below the last row, its `%(count)s` filled with the number of rows
    carried: str  # at the foot of a page, beside the sum so far
    brought: str  # at the head of the next one


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title, the facts above it, and the sums below it."""

    title: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    summed: int  # the column whose sum is carried from page to page
    zero: Money  # where the sum begins
    totals: tuple[tuple[str, Money], ...]
    words: TableWords


def shown(cell: Cell) -> str:
    """Return a cell as people read it."""
    match cell:
        case None:
            return ""
        case Money():
            return (MINUS if cell.minor < 0 else "") + in_figures(Money(abs(cell.minor), cell.currency))
        case Price():
            return str(cell).replace(".", ",")
        case datetime():  # before date, which it is too
            return f"{cell:%d.%m.%Y %H:%M}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case _:
            return str(cell)
