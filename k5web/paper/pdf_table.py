"""A long table on sheets of A4: a heading and its place on each page, the sum carried from page to page."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from k5web.domain.money import Money
from k5web.errors import NotPrintable
from k5web.paper.fonts import Face, face_for, width
from k5web.paper.pdf_file import PdfFile
from k5web.paper.sheet import A4, SMALLEST, Rule, Text
from k5web.paper.table import Cell, Column, Row, Table, shown

LEFT, TOP, BOTTOM = 15.0, 15.0, 282.0  # of what is printed
WIDTH: Final = A4[0] - 2 * LEFT
SIZE, NOTE, TITLE, FACT = 7.5, 6.5, 13.0, 9.0  # points
LINE, NOTE_LINE, FACT_LINE = 4.4, 3.1, 5.0  # from line to line
NOTE_AT: Final = 10.0  # from the left
GAP: Final = 1.0  # between a text and the edge of its column
FOOT: Final = 289.0
OF: Final = "/"  # «3 / 12»: a page says in every language which it is
UNKNOWN: Final = "?"  # for a letter that no face has

Item = Text | Rule


def write(table: Table, out: BinaryIO) -> None:
    """Write a table page by page."""
    sheets = _Sheets(table, PdfFile(out, table.title))
    for row in table.rows:
        sheets.add(row)
    sheets.end()


class _Sheets:
    """The page that is drawn now, where on it the next line stands, and the sum so far."""

    def __init__(self, table: Table, file: PdfFile) -> None:
        self._table = table
        self._file = file
        self._items: list[Item] = []
        self._pages = 1
        self._lines = 0
        self._sum = table.zero
        self._columns = list(_placed(table.columns))
        self._right = next(right for n, _, _, right in self._columns if n == table.summed) - GAP
        self._y = TOP
        self._begin_first()

    def add(self, row: Row) -> None:
        """Draw a row with its notes, on the next page where this one is full."""
        if self._y + LINE + len(row.notes) * NOTE_LINE > BOTTOM - LINE:
            self._turn()
        self._y += LINE
        self._items += self._row(row.cells)
        for note in row.notes:
            self._y += NOTE_LINE
            self._items.append(fitted(LEFT + NOTE_AT, self._y, note, NOTE, "narrow", WIDTH - NOTE_AT - GAP))
        self._items.append(Rule(LEFT, self._y + 1.2, LEFT + WIDTH, self._y + 1.2, 0.2))
        amount = row.cells[self._table.summed]
        if isinstance(amount, Money):
            self._sum += amount
        self._lines += 1

    def end(self) -> None:
        """Draw the sums and write the last page."""
        if self._y + (len(self._table.totals) + 2) * FACT_LINE > BOTTOM:
            self._turn()
        self._y += FACT_LINE
        self._carry(self._table.words.count % {"count": self._lines})
        for label, amount in self._table.totals:
            self._y += FACT_LINE
            self._items.append(fitted(LEFT, self._y, label, FACT, "regular", WIDTH / 2))
            self._items.append(_ending(self._right, self._y, shown(amount), FACT, "bold"))
        self._write()
        self._file.close(fitted(0, 0, str(self._pages), SIZE, "regular", 20))

    def _begin_first(self) -> None:
        self._y += 5
        self._items.append(fitted(LEFT, self._y, self._table.title, TITLE, "bold", WIDTH))
        self._y += 2
        for label, words in self._table.facts:
            self._y += FACT_LINE
            self._items.append(fitted(LEFT, self._y, label, FACT, "regular", 45))
            self._items.append(fitted(LEFT + 46, self._y, words, FACT, "bold", WIDTH - 46))
        self._y += 3
        self._head()

    def _turn(self) -> None:
        """Carry the sum to the next page."""
        self._y += LINE
        self._carry(self._table.words.carried)
        self._write()
        self._pages += 1
        self._items = []
        self._y = TOP
        self._items.append(fitted(LEFT, self._y, self._table.title, SIZE, "italic", WIDTH))
        self._y += 2
        self._head()
        self._y += LINE
        self._carry(self._table.words.brought)
        self._y += 1

    def _head(self) -> None:
        self._items.append(Rule(LEFT, self._y, LEFT + WIDTH, self._y, 0.8))
        self._y += LINE
        for _, column, left, right in self._columns:
            self._items.append(_placed_in(column, left, right, self._y, column.title, "bold"))
        self._y += 1.4
        self._items.append(Rule(LEFT, self._y, LEFT + WIDTH, self._y, 0.8))

    def _carry(self, words: str) -> None:
        self._items.append(fitted(LEFT + GAP, self._y, words, SIZE, "bold", WIDTH / 2))
        self._items.append(_ending(self._right, self._y, shown(self._sum), SIZE, "bold"))

    def _write(self) -> None:
        words = fitted(LEFT, FOOT, f"{self._pages} {OF} ", SIZE, "regular", WIDTH)
        self._file.page([*self._items, words], total_at=(LEFT + words.width, FOOT))

    def _row(self, cells: tuple[Cell, ...]) -> Iterator[Item]:
        for n, column, left, right in self._columns:
            if words := shown(cells[n]):
                yield _placed_in(column, left, right, self._y, words)


def _placed(columns: Sequence[Column]) -> Iterator[tuple[int, Column, float, float]]:
    """Yield the columns that stand on paper: the place among all, the column, its left and right edge."""
    left = LEFT
    for n, column in enumerate(columns):
        if column.width:
            yield n, column, left, left + column.width
            left += column.width


def _placed_in(column: Column, left: float, right: float, y: float, words: str, face: Face = "regular") -> Text:
    room = right - left - 2 * GAP
    return (
        _ending(right - GAP, y, words, SIZE, face, room)
        if column.is_right
        else fitted(left + GAP, y, words, SIZE, face, room)
    )


def fitted(x: float, y: float, words: str, size: float, face: Face, room: float) -> Text:
    """Return a line from x on, in letters that there are; where it needs more than its room it is made smaller."""
    words, face = printable(words, face)
    natural = width(words, face, size)
    if natural > room:
        size = max(min(size, SMALLEST), size * room / natural)
        natural = width(words, face, size)
    return Text(x, y, words, size, face, min(natural, room))


def printable(words: str, face: Face) -> tuple[str, Face]:
    """Return the words in the wished face or the one that has most letters; a letter that none has is a question
    mark."""
    try:
        return words, face_for(words, face)
    except NotPrintable:
        return "".join(letter if _is_known(letter) else UNKNOWN for letter in words), "rest"


def _is_known(letter: str) -> bool:
    try:
        face_for(letter, "rest")
    except NotPrintable:
        return False
    return True


def _ending(x: float, y: float, words: str, size: float, face: Face, room: float = WIDTH) -> Text:
    line = fitted(0, y, words, size, face, room)
    return Text(x - line.width, y, line.text, line.size, line.face, line.width)
