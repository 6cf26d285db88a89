"""A code drawn as strokes: the same modules as the library draws, in as few strokes as there are runs."""

import re
from itertools import pairwise

import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode.util import MODE_8BIT_BYTE, QRData

from k5web.paper import qr


def stroked(path: str, size: int) -> list[list[bool]]:
    """Return the modules a stroke one module wide covers."""
    rows = [[False] * size for _ in range(size)]
    x, y = 0.0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: ([\d.]+))?", path):
        if command == "M":
            x, y = float(first), float(second)
        elif command == "m":
            x += float(first)
        else:
            for at in range(int(x), int(x) + int(first)):
                rows[int(y)][at] = True
            x += float(first)
    return rows


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_the_path_draws_every_module_and_no_other(text: bytes) -> None:
    code = qr.encode(text)
    drawn = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    drawn.add_data(QRData(text, mode=MODE_8BIT_BYTE, check_data=False), optimize=0)  # digits are bytes too
    drawn.make(fit=True)
    assert stroked(qr.path(code), code.size) == drawn.modules
    assert qr.path(code).count("h") == len(code.runs)


def test_a_code_is_as_small_as_its_bytes_allow() -> None:
    assert qr.encode(b"x" * 14).size == 21  # version 1, level M, holds 14 bytes
    assert qr.encode(b"x" * 15).size == 25


def test_runs_are_the_dark_modules_side_by_side() -> None:
    code = qr.encode(b"x")
    assert code.runs[0] == qr.Run(0, 0, 7)  # the upper edge of the first corner
    assert qr.Run(code.size - 7, 0, 7) in code.runs
    for before, run in pairwise(code.runs):
        assert run.y > before.y or run.x > before.x + before.length
