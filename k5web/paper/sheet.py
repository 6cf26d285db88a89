"""A sheet as values: what stands where. Units: millimetres from the top left, letters in points."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from k5web.paper.fonts import MM_PER_POINT, Face, face_for, width

POINT: Final = MM_PER_POINT
A4: Final = (210.0, 297.0)
GAP: Final = 0.9  # between words and blanks
SMALLEST: Final = 5.5  # points; what is still too long is squeezed


@dataclass(frozen=True, slots=True)
class Text:
    """A line of letters on its baseline, `width` long: narrower than the letters are where they must be squeezed."""

    x: float  # of its left end
    y: float
    text: str
    size: float
    face: Face
    width: float


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of boxes with a digit in each; together they are one number."""

    x: float
    y: float  # of the upper edge
    cell: float  # width of one
    height: float
    digits: str
    size: float

    @property
    def baseline(self) -> float:
        """Where the digits stand: in the middle of their boxes."""
        return self.y + self.height / 2 + self.size * POINT * 0.35

    def middles(self) -> list[float]:
        """Return the middle of every box."""
        return [self.x + (at + 0.5) * self.cell for at in range(len(self.digits))]


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line. Units: `thickness` in points."""

    x1: float
    y1: float
    x2: float
    y2: float
    thickness: float = 0.5
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code of these bytes, `side` wide without its quiet zone."""

    x: float
    y: float
    side: float
    payload: bytes


Item = Text | Cells | Rule | Square


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn, and where its top left lies on the paper."""

    title: str
    width: float
    height: float
    left: float
    top: float
    items: tuple[Item, ...]


def text(x: float, y: float, words: str, size: float, face: Face = "regular", room: float | None = None) -> Text:
    """Return a line from x on; where it needs more than its room it gets smaller, and at last squeezed.

    Raises: NotPrintable.
    """
    face = face_for(words, face)
    natural = width(words, face, size)
    if room is not None and natural > room:
        size = max(min(size, SMALLEST), size * room / natural)
        natural = width(words, face, size)
    return Text(x, y, words, size, face, natural if room is None else min(natural, room))


def centred(x1: float, x2: float, y: float, words: str, size: float, face: Face = "regular") -> Text:
    """Return a line in the middle between two places, no longer than they are apart."""
    line = text(0, y, words, size, face, x2 - x1)
    return Text((x1 + x2 - line.width) / 2, y, words, line.size, line.face, line.width)


def right(x: float, y: float, words: str, size: float, face: Face = "regular") -> Text:
    """Return a line that ends at x."""
    line = text(0, y, words, size, face)
    return Text(x - line.width, y, words, line.size, line.face, line.width)


@dataclass(frozen=True, slots=True)
class Blank:
    """A place for the pen, or for what is known, on a rule; without one it is a gap."""

    width: float
    words: str = ""
    is_ruled: bool = True


def flow(x: float, y: float, size: float, parts: Iterable[str | Blank], face: Face = "regular") -> list[Item]:
    """Return words and blanks one after another on a line."""
    items: list[Item] = []
    for part in parts:
        if isinstance(part, Blank):
            if part.is_ruled:
                items.append(Rule(x, y + 0.6, x + part.width, y + 0.6))
            if part.words:
                items.append(centred(x, x + part.width, y, part.words, size + 1, "bold"))
            x += part.width
        else:
            items.append(text(x, y, part, size, face))
            x += items[-1].width if isinstance(items[-1], Text) else 0
        x += GAP
    return items
