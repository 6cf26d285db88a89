"""A sheet drawn to PDF: exact places, embedded letters, the same bytes for the same sheet."""

from io import BytesIO
from threading import Lock
from typing import Any, Final

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from k5web.paper import qr
from k5web.paper.fonts import FILES, font
from k5web.paper.sheet import A4, POINT, Cells, Rule, Sheet, Square, Text

DASH: Final = (2, 2)  # points
_one_at_a_time = Lock()  # a face of the library reads its file from one place at a time

rl_config.useA85 = 0  # bytes as they are: a fifth smaller


def draw(*sheets: Sheet) -> bytes:
    """Return a PDF with a page of A4 for each sheet."""
    out = BytesIO()
    with _one_at_a_time:
        for face in FILES:
            font(face)
        size = (A4[0] / POINT, A4[1] / POINT)
        first: Any = FILES["regular"]  # the stubs take this name for a number
        canvas = Canvas(out, pagesize=size, pageCompression=1, invariant=1, initialFontName=first, lang="ru-RU")
        canvas.setTitle(sheets[0].title)
        canvas.setAuthor("K5")
        for sheet in sheets:
            canvas.translate(sheet.left / POINT, size[1] - sheet.top / POINT)
            for item in sheet.items:
                _draw(canvas, item)
            canvas.showPage()
        canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, item: Text | Cells | Rule | Square) -> None:
    match item:
        case Text():
            _write(canvas, item)
        case Cells():
            _fill_cells(canvas, item)
        case Rule():
            canvas.setLineWidth(item.thickness)
            canvas.setDash(*DASH) if item.is_dashed else canvas.setDash()
            canvas.line(item.x1 / POINT, -item.y1 / POINT, item.x2 / POINT, -item.y2 / POINT)
        case Square():
            _draw_code(canvas, item)


def _write(canvas: Canvas, item: Text) -> None:
    natural = canvas.stringWidth(item.text, FILES[item.face], item.size) * POINT
    line = canvas.beginText(item.x / POINT, -item.y / POINT)
    line.setFont(FILES[item.face], item.size)
    line.setHorizScale(100 * item.width / natural if natural > item.width else 100)
    line.textOut(item.text)
    canvas.drawText(line)


def _fill_cells(canvas: Canvas, item: Cells) -> None:
    """Draw the boxes; for whoever searches or copies, the digits are one number without spaces."""
    step, top, bottom = item.cell / POINT, -item.y / POINT, -(item.y + item.height) / POINT
    left = item.x / POINT
    canvas.setLineWidth(0.5)
    canvas.setDash()
    edges = [left + at * step for at in range(len(item.digits) + 1)]
    canvas.grid(edges, [bottom, top])
    said = item.digits.encode("utf-16-be").hex().upper()
    canvas.addLiteral(f"/Span <</ActualText <FEFF{said}>>> BDC")
    canvas.setFont(FILES["bold"], item.size)
    for middle, digit in zip(item.middles(), item.digits, strict=True):
        canvas.drawCentredString(middle / POINT, -item.baseline / POINT, digit)
    canvas.addLiteral("EMC")


def _draw_code(canvas: Canvas, item: Square) -> None:
    """Draw the modules on a grid of whole numbers and fill them at once: no hairlines between them."""
    code = qr.encode(item.payload)
    canvas.saveState()
    canvas.translate(item.x / POINT, -item.y / POINT)
    canvas.scale(item.side / POINT / code.size, -item.side / POINT / code.size)
    path = canvas.beginPath()
    for run in code.runs:
        path.rect(run.x, run.y, run.length, 1)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
