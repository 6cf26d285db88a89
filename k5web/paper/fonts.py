"""The letters that go into every PDF: a narrow choice of faces with all Cyrillic, and one for rarer letters."""

from functools import cache
from importlib import resources
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


@cache
def font(face: Face) -> TTFont:
    """Return the face, read once and made known to the drawing library."""
    with resources.as_file(resources.files("k5web.paper") / "fonts" / f"{FILES[face]}.ttf") as path:
        found = TTFont(FILES[face], str(path), asciiReadable=0)
    pdfmetrics.registerFont(found)
    return found


def face_for(words: str, wished: Face) -> Face:
    """Return the wished face where it has every letter, else the one that has most. Raises: NotPrintable."""
    if not _missing(words, wished):
        return wished
    lost = _missing(words, "rest")
    if lost:
        raise NotPrintable(sign=lost)
    return "rest"


def width(words: str, face: Face, size: float) -> float:
    """Return how long the words are. Units: millimetres, `size` in points."""
    return float(font(face).stringWidth(words, size)) * MM_PER_POINT


def _missing(words: str, face: Face) -> str:
    known = font(face).face.charToGlyph
    return next((sign for sign in words if ord(sign) not in known), "")
