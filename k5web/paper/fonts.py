"""The letters that go into every PDF: a narrow choice of faces with all Cyrillic, and one for rarer letters."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, Literal

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from k5web.errors import NotPrintable

Face = Literal["regular", "bold", "italic", "narrow", "rest"]

MM_PER_POINT: Final = 25.4 / 72
FILES: Final[dict[Face, str]] = {
    "regular": "K5Sans-Regular",
    "bold": "K5Sans-Bold",
    "italic": "K5Sans-Italic",
    "narrow": "K5Sans-Narrow",
    "rest": "K5Sans-Rest",
}


def program(face: Face) -> bytes:
    """Return the face's file."""
    return _file(face).read_bytes()


def _file(face: Face) -> Traversable:
    return resources.files("k5web.paper") / "fonts" / f"{FILES[face]}.ttf"


@cache
def font(face: Face) -> TTFont:
    """Return the face, read once and made known to the drawing library."""
    with resources.as_file(_file(face)) as path:
        found = TTFont(FILES[face], str(path), asciiReadable=0)
    pdfmetrics.registerFont(found)
    return found


@cache
def widths(face: Face) -> dict[str, float]:
    """Return how wide each letter of a face is, in thousandths of its size."""
    return {chr(code): float(wide) for code, wide in font(face).face.charWidths.items()}


@cache
def glyphs(face: Face) -> dict[str, int]:
    """Return the number of each letter's drawing in a face."""
    return {chr(code): glyph for code, glyph in font(face).face.charToGlyph.items()}


def face_for(words: str, wished: Face) -> Face:
    """Return the wished face where it has every letter, else the one that has most. Raises: NotPrintable."""
    letters = set(words)
    if letters <= glyphs(wished).keys():
        return wished
    if lost := letters - glyphs("rest").keys():
        raise NotPrintable(sign=next(sign for sign in words if sign in lost))
    return "rest"


def width(words: str, face: Face, size: float) -> float:
    """Return how long the words are. Units: millimetres, `size` in points."""
    return natural(words, face) * size * MM_PER_POINT


def natural(words: str, face: Face) -> float:
    """Return how long the words are in letters of one point, in points."""
    found = widths(face)
    try:
        thousandths = sum(map(found.__getitem__, words))
    except KeyError:  # the caller draws letters that the face lacks as what it has for them
        otherwise = float(font(face).face.defaultWidth or 0)
        thousandths = sum(found.get(letter, otherwise) for letter in words)
    return thousandths / 1000
