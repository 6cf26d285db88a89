"""QR codes as drawings inside the page: the one module that knows the library."""

from itertools import groupby
from typing import cast

import qrcode
from markupsafe import Markup

QUIET_ZONE = 4  # modules around the code, by the standard


def drawing(text: str, label: str) -> Markup:
    """Return the code as an SVG element with its label for those who do not see it; black on white in any theme."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    size = code.modules_count + 2 * QUIET_ZONE
    rows = cast(list[list[bool]], code.modules)
    path = "".join(_row(cells, y + QUIET_ZONE) for y, cells in enumerate(rows))
    return Markup(
        '<svg class="qr" role="img" aria-label="{}" viewBox="0 0 {} {}" shape-rendering="crispEdges">'
        '<rect width="100%" height="100%" fill="#fff"/><path d="{}" fill="#000"/></svg>'
    ).format(label, size, size, path)


def _row(cells: list[bool], y: int) -> str:
    """Return the strokes of one row: a run of dark modules is one."""
    strokes, x = [], QUIET_ZONE
    for is_dark, run in groupby(cells):
        length = len(list(run))
        if is_dark:
            strokes.append(f"M{x},{y}h{length}v1h-{length}z")
        x += length
    return "".join(strokes)
