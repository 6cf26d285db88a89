"""Receipts a second and their weight, as a drawing of the page and as a PDF, against a plain page of the library.

And what is long: a subscriber's month of 100 000 lines as a file, a bank's statement imported; speed and memory.
"""

import gzip
import time
from collections.abc import Callable
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from bench import Measure, long_statement, statement
from k5web.domain.bank import receipt
from k5web.domain.bank.payee import Payee
from k5web.domain.bank.receipt import Receipt
from k5web.domain.money import Money
from k5web.paper import pd4, pdf, qr, svg

FULL = 100  # receipts; their codes differ, so each is drawn anew
BUDGET_KB = 20  # of the page, 100 of the file
PAYEE = Payee(
    name="ООО «Ромашка»",
    inn="7708789018",
    account="40702810938000017997",
    bank="ПАО Сбербанк г. Москва",
    bic="044525225",
    correspondent="30101810400000000225",
    kpp="772401001",
)


def run(size: int = FULL) -> list[Measure]:
    """Return receipts a second against a plain page of the library, and kilobytes against the budgets."""
    made = [receipt.make(PAYEE, str(100_000 + n), Money(50_000 + n), "Өмүрбеков Үсөн Иванович") for n in range(size)]
    pdf.draw(pd4.sheet(made[0]))  # the letters are read once
    plain = _a_second(_plain_page, made)
    drawing, file = svg.draw(pd4.sheet(made[0])).encode(), pdf.draw(pd4.sheet(made[0]))
    return [
        Measure("PD-4 as PDF, code and all", _a_second(_as_pdf, made), "a page of 60 lines", plain, "sheets/s"),
        Measure("PD-4 as SVG, code and all", _a_second(_as_svg, made), "a page of 60 lines", plain, "sheets/s"),
        Measure("PD-4's PDF", 100, "its weight", len(file) / 1024, "kB", 1.0),
        Measure("PD-4's drawing, compressed", BUDGET_KB, "its weight", len(gzip.compress(drawing)) / 1024, "kB", 1.0),
        *long_statement.measure(),
        *statement.measure(PAYEE.account),
    ]


def _a_second(work: Callable[[Receipt], object], made: list[Receipt]) -> float:
    qr.encode.cache_clear()
    began = time.perf_counter()
    for one in made:
        work(one)
    return len(made) / (time.perf_counter() - began)


def _as_pdf(made: Receipt) -> bytes:
    return pdf.draw(pd4.sheet(made))


def _as_svg(made: Receipt) -> str:
    return svg.draw(pd4.sheet(made))


def _plain_page(made: Receipt) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pageCompression=1)
    for line in range(60):
        canvas.drawString(50, 800 - 12 * line, f"{made.account} {line}")
    canvas.save()
    return out.getvalue()
