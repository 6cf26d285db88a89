"""A PDF of any length, written while it is drawn: each page leaves the memory when the next begins.

The library that draws single sheets (`pdf.py`) keeps all pages until the end, with their instructions: a month of
100 000 lines would fill the memory. Here is the least that readers ask for: pages of texts and lines, each face
embedded whole, and for every letter what it means, so that texts can be searched and copied.
"""

import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import BinaryIO, Final

from k5web.paper.fonts import FILES, Face, font, glyphs, natural, program, widths
from k5web.paper.sheet import A4, POINT, Rule, Text

HEADER: Final = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
LETTERS_A_BLOCK: Final = 100  # of a table of letters
CATALOG, PAGES, COUNT = 1, 2, 3  # the numbers of objects that are written last
_KEPT_OPEN: Final = (CATALOG, PAGES, COUNT)


class PdfFile:
    """A file of A4 pages. The number of all pages, known at the end, is drawn by `total_at` on each."""

    def __init__(self, out: BinaryIO, title: str) -> None:
        self._out = out
        self._title = title
        self._places: dict[int, int] = {}
        self._at = 0
        self._next = len(_KEPT_OPEN) + 1
        self._pages: list[int] = []
        self._fonts: dict[Face, int] = {}
        self._used: dict[Face, set[str]] = {}
        self._size = (A4[0] / POINT, A4[1] / POINT)
        self._write(HEADER)

    def page(self, items: Iterable[Text | Rule], total_at: tuple[float, float]) -> None:
        """Write one page. Units: millimetres from the top left of the paper."""
        drawn = [self._text(item) if isinstance(item, Text) else self._rule(item) for item in items]
        x, y = total_at
        drawn.append(f"q 1 0 0 1 {x / POINT:.2f} {self._size[1] - y / POINT:.2f} cm /N Do Q")
        content = self._stream(self._number(), "\n".join(drawn).encode("ascii"))
        fonts = " ".join(f"/{face} {number} 0 R" for face, number in self._fonts.items())
        resources = f"<</Font<<{fonts}>>/XObject<</N {COUNT} 0 R>>>>"
        box = f"[0 0 {self._size[0]:.2f} {self._size[1]:.2f}]"
        page = f"<</Type/Page/Parent {PAGES} 0 R/MediaBox{box}/Resources{resources}/Contents {content} 0 R>>"
        self._pages.append(self._object(self._number(), page.encode("ascii")))

    def close(self, total: Text) -> None:
        """Write the number of all pages, the faces and what leads to the pages."""
        drawn = self._text(Text(0, A4[1], total.text, total.size, total.face, total.width)).encode("ascii")
        box = f"[0 -5 {self._size[0]:.0f} 20]"
        form = f"/Type/XObject/Subtype/Form/BBox{box}/Resources<</Font<</{total.face} {self._font(total.face)} 0 R>>>>"
        self._stream(COUNT, drawn, form)
        for face in self._fonts:
            self._embed(face)
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._object(PAGES, f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>".encode("ascii"))
        self._object(CATALOG, f"<</Type/Catalog/Pages {PAGES} 0 R/Lang(ru-RU)>>".encode("ascii"))
        said = f"<</Title<{_utf16(self._title)}>/Author(K5)>>"
        self._end(self._object(self._number(), said.encode("ascii")))

    def _end(self, info: int) -> None:
        start, size = self._at, self._next
        lines = "".join(f"{self._places[number]:010d} 00000 n \n" for number in range(1, size))
        self._write(f"xref\n0 {size}\n0000000000 65535 f \n{lines}".encode("ascii"))
        self._write(f"trailer\n<</Size {size}/Root {CATALOG} 0 R/Info {info} 0 R>>\n".encode("ascii"))
        self._write(f"startxref\n{start}\n%%EOF\n".encode("ascii"))

    def _text(self, item: Text) -> str:
        self._font(item.face)
        self._used[item.face].update(item.text)
        room, long = item.width / POINT, natural(item.text, item.face) * item.size
        squeeze = 100 * room / long if long > room + 0.01 else 100
        place = f"{item.x / POINT:.2f} {self._size[1] - item.y / POINT:.2f}"
        said = "".join(map(_codes(item.face).__getitem__, item.text))
        return f"BT /{item.face} {item.size:g} Tf {squeeze:.4g} Tz {place} Td <{said}> Tj ET"

    def _rule(self, item: Rule) -> str:
        x1, x2 = item.x1 / POINT, item.x2 / POINT
        y1, y2 = self._size[1] - item.y1 / POINT, self._size[1] - item.y2 / POINT
        return f"{item.thickness:g} w {x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S"

    def _font(self, face: Face) -> int:
        if face not in self._fonts:
            self._fonts[face] = self._number()
            self._used[face] = set()
        return self._fonts[face]

    def _embed(self, face: Face) -> None:
        found, name, letters = font(face).face, FILES[face], program(face)
        drawn = self._stream(self._number(), letters, f"/Length1 {len(letters)}")
        box = " ".join(f"{edge:.0f}" for edge in found.bbox)
        marks = f"/Ascent {found.ascent:.0f}/Descent {found.descent:.0f}/CapHeight {found.capHeight:.0f}/StemV 80"
        facts = f"/Flags 4/FontBBox[{box}]/ItalicAngle {found.italicAngle:g}{marks}/FontFile2 {drawn} 0 R"
        descriptor = self._object(self._number(), f"<</Type/FontDescriptor/FontName/{name}{facts}>>".encode("ascii"))
        used = sorted((glyphs(face)[letter], letter) for letter in self._used[face])
        wide = " ".join(f"{glyph}[{widths(face)[letter]:g}]" for glyph, letter in used)
        system = "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        kind = f"/Type/Font/Subtype/CIDFontType2/BaseFont/{name}{system}/CIDToGIDMap/Identity"
        below = f"<<{kind}/FontDescriptor {descriptor} 0 R/DW {found.defaultWidth:g}/W[{wide}]>>"
        child = self._object(self._number(), below.encode("ascii"))
        meanings = self._stream(self._number(), _meanings(used).encode("ascii"))
        whole = f"/Encoding/Identity-H/DescendantFonts[{child} 0 R]/ToUnicode {meanings} 0 R"
        self._object(self._fonts[face], f"<</Type/Font/Subtype/Type0/BaseFont/{name}{whole}>>".encode("ascii"))

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _stream(self, number: int, content: bytes, more: str = "") -> int:
        packed = zlib.compress(content, 6)
        head = f"<</Length {len(packed)}/Filter/FlateDecode{more}>>\nstream\n"
        return self._object(number, head.encode("ascii") + packed + b"\nendstream")

    def _object(self, number: int, body: bytes) -> int:
        self._places[number] = self._at
        self._write(f"{number} 0 obj\n".encode("ascii") + body + b"\nendobj\n")
        return number

    def _write(self, content: bytes) -> None:
        self._out.write(content)
        self._at += len(content)


@cache
def _codes(face: Face) -> dict[str, str]:
    """Return each letter as a page names it."""
    return {letter: f"{glyph:04X}" for letter, glyph in glyphs(face).items()}


def _meanings(used: Sequence[tuple[int, str]]) -> str:
    """Return what each glyph means, as readers look it up."""
    head = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /K5 def /CMapType 2 def"
    blocks = []
    for start in range(0, len(used), LETTERS_A_BLOCK):
        block = used[start : start + LETTERS_A_BLOCK]
        lines = "\n".join(f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for glyph, letter in block)
        blocks.append(f"{len(block)} beginbfchar\n{lines}\nendbfchar")
    space = "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange"
    return "\n".join([head, space, *blocks, "endcmap CMapName currentdict /CMap defineresource pop end end"])


def _utf16(text: str) -> str:
    return "FEFF" + text.encode("utf-16-be").hex().upper()
