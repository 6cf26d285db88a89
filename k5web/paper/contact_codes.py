"""Contacts as codes on sheets of A4, to be printed, cut and stuck beside a telephone: a name, a code, a number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from k5web.paper.act import printable
from k5web.paper.invoice import wrapped
from k5web.paper.sheet import Item, Rule, Sheet, Square, centred

WIDTH, HEIGHT, LEFT, TOP = 180.0, 270.0, 15.0, 12.0
ACROSS, DOWN = 3, 6
ON_ONE: Final = ACROSS * DOWN  # codes of a sheet
CELL_WIDTH, CELL_HEIGHT = WIDTH / ACROSS, HEIGHT / DOWN
SIDE: Final = 26.0  # of a code without its quiet zone
EDGE: Final = 2.0  # between words and the line to cut along
NAME, NUMBER = 10.0, 10.5  # points
NAME_LINES: Final = 2
STEP: Final = 4.2  # from line to line


@dataclass(frozen=True, slots=True)
class ContactCode:
    """Whose code it is, the number as people read it, and what the code holds."""

    name: str
    number: str
    link: str


def sheets(codes: Sequence[ContactCode], title: str) -> list[Sheet]:
    """Return as many sheets as the codes need, left to right and down, with lines to cut along."""
    pages = [codes[since : since + ON_ONE] for since in range(0, len(codes), ON_ONE)]
    return [_sheet(page, f"{title}, {n}") for n, page in enumerate(pages, 1)]


def _sheet(codes: Sequence[ContactCode], title: str) -> Sheet:
    items: list[Item] = []
    for at, code in enumerate(codes):
        items += _cell(code, at % ACROSS * CELL_WIDTH, at // ACROSS * CELL_HEIGHT)
    return Sheet(title, WIDTH, HEIGHT, LEFT, TOP, (*items, *_cuts(-(-len(codes) // ACROSS))))


def _cell(code: ContactCode, x: float, y: float) -> Iterator[Item]:
    room = x + EDGE, x + CELL_WIDTH - EDGE
    lines = wrapped(printable(code.name), CELL_WIDTH - 2 * EDGE, "bold", NAME)[:NAME_LINES]
    for n, line in enumerate(lines):
        yield centred(*room, y + 4.6 + n * STEP, line, NAME, "bold")
    yield Square(x + (CELL_WIDTH - SIDE) / 2, y + 11.5, SIDE, code.link.encode())
    yield centred(*room, y + CELL_HEIGHT - 2.2, code.number, NUMBER)


def _cuts(rows: int) -> Iterator[Item]:
    for row in range(1, rows + 1):
        if row < DOWN:
            yield Rule(0, row * CELL_HEIGHT, WIDTH, row * CELL_HEIGHT, 0.4, is_dashed=True)
    for column in range(1, ACROSS):
        yield Rule(column * CELL_WIDTH, 0, column * CELL_WIDTH, rows * CELL_HEIGHT, 0.4, is_dashed=True)
