"""QR codes: the one module that knows the library. A code is its dark runs, row by row, without the quiet zone."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final, cast

import qrcode
from qrcode.util import MODE_8BIT_BYTE, QRData

QUIET_ZONE: Final = 4  # modules of white around the code, by the standard


@dataclass(frozen=True, slots=True)
class Run:
    """Dark modules side by side. Units: modules from the code's top left."""

    x: int
    y: int
    length: int


@dataclass(frozen=True, slots=True)
class Code:
    """One drawn text. Units: `size` is modules on a side."""

    size: int
    runs: tuple[Run, ...]


@lru_cache(maxsize=64)  # the choice of the mask takes 30 ms; a page and its PDF ask for the same code
def encode(text: bytes) -> Code:
    """Return the code of these bytes: level M, one segment, the least version."""
    drawn = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_ZONE)
    drawn.add_data(QRData(text, mode=MODE_8BIT_BYTE, check_data=False), optimize=0)
    drawn.make(fit=True)
    rows = cast(list[list[bool]], drawn.modules)
    return Code(len(rows), tuple(run for y, row in enumerate(rows) for run in _runs(row, y)))


def path(code: Code) -> str:
    """Return the code as a path for a stroke one module wide: a move and a line for each run, from its top left."""
    parts, y, x = [], -1, 0
    for run in code.runs:
        parts.append(f"M{run.x} {run.y}.5" if run.y != y else f"m{run.x - x} 0")
        parts.append(f"h{run.length}")
        y, x = run.y, run.x + run.length
    return "".join(parts)


def _runs(row: list[bool], y: int) -> list[Run]:
    runs, x = [], 0
    for is_dark, modules in groupby(row):
        length = len(list(modules))
        if is_dark:
            runs.append(Run(x, y, length))
        x += length
    return runs
