"""A sheet drawn as one SVG element: the same places as in the PDF, in the browser's own letters."""

from typing import Final

from markupsafe import Markup, escape

from k5web.paper import qr
from k5web.paper.fonts import Face
from k5web.paper.sheet import POINT, Cells, Rule, Sheet, Square, Text

LOOKS: Final[dict[Face, str]] = {
    "regular": "",
    "bold": ' font-weight="700"',
    "italic": ' font-style="italic"',
    "narrow": "",
    "rest": "",
}


def draw(sheet: Sheet, name: str = "sheet", language: str = "ru") -> Markup:
    """Return the element; its words are Russian whoever reads the page, unless it is said otherwise. Where it has one
    code, its path is named `<name>-code` and may be used again beside it."""
    has_one = sum(isinstance(item, Square) for item in sheet.items) == 1
    code_name = f' id="{name}-code"' if has_one else ""
    items = "".join(_draw(item, code_name) for item in sheet.items)
    return Markup(  # noqa: S704 - every text in it is escaped where it is drawn
        f'<svg class="{name}" lang="{language}" role="img" aria-label="{escape(sheet.title)}" fill="#000" '
        f'viewBox="0 0 {_mm(sheet.width)} {_mm(sheet.height)}">{items}</svg>'
    )


def draw_code(payload: bytes, label: str) -> Markup:
    """Return a code by itself with its quiet zone, black on white in any theme."""
    code = qr.encode(payload)
    return _code_element(code.size, label, f'<path d="{qr.path(code)}" stroke="#000"/>')


def draw_code_again(payload: bytes, label: str, name: str = "sheet") -> Markup:
    """Return the code that stands in the sheet `name` of the same page once more, for a camera."""
    return _code_element(qr.encode(payload).size, label, f'<use href="#{name}-code"/>')


def picture(payload: bytes, label: str) -> Markup:
    """Return a code as a file of its own, for printing."""
    return draw_code(payload, label).replace("<svg", Markup('<svg xmlns="http://www.w3.org/2000/svg"'), 1)


def _code_element(size: int, label: str, drawn: str) -> Markup:
    quiet = qr.QUIET_ZONE
    side = size + 2 * quiet
    return Markup(  # noqa: S704
        f'<svg class="qr" role="img" aria-label="{escape(label)}" viewBox="{-quiet} {-quiet} {side} {side}" '
        f'shape-rendering="crispEdges"><path d="M{-quiet}-{quiet}h{side}v{side}h-{side}z" fill="#fff"/>{drawn}</svg>'
    )


def _draw(item: Text | Cells | Rule | Square, code_name: str) -> str:
    match item:
        case Text():
            return (
                f'<text x="{_mm(item.x)}" y="{_mm(item.y)}" font-size="{_mm(item.size * POINT)}"{LOOKS[item.face]} '
                f'textLength="{_mm(item.width)}" lengthAdjust="spacingAndGlyphs">{escape(item.text)}</text>'
            )
        case Cells():
            return _cells(item)
        case Rule():
            dash = ' stroke-dasharray=".7"' if item.is_dashed else ""
            way = f"M{_mm(item.x1)} {_mm(item.y1)}L{_mm(item.x2)} {_mm(item.y2)}"
            return f'<path d="{way}" stroke="#000" stroke-width="{_mm(item.thickness * POINT)}"{dash}/>'
        case Square():
            code = qr.encode(item.payload)
            grid = f"translate({_mm(item.x)} {_mm(item.y)})scale({item.side / code.size:.6f})"
            return (
                f'<g transform="{grid}" shape-rendering="crispEdges">'
                f'<path{code_name} d="{qr.path(code)}" stroke="#000"/></g>'
            )


def _cells(item: Cells) -> str:
    full, height = item.cell * len(item.digits), _mm(item.height)
    lines = "".join(f"M{_mm(item.x + at * item.cell)} {_mm(item.y)}v{height}" for at in range(1, len(item.digits)))
    box = f"M{_mm(item.x)} {_mm(item.y)}h{_mm(full)}v{height}h-{_mm(full)}z"
    places = " ".join(_mm(middle) for middle in item.middles())
    return (
        f'<path d="{box}{lines}" fill="none" stroke="#000" stroke-width="{_mm(0.5 * POINT)}"/>'
        f'<text x="{places}" y="{_mm(item.baseline)}" font-size="{_mm(item.size * POINT)}" font-weight="700" '
        f'text-anchor="middle">{item.digits}</text>'
    )


def _mm(length: float) -> str:
    """Return a length as short as it can be written, to the hundredth."""
    return f"{length:.2f}".rstrip("0").rstrip(".")
