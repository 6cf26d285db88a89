"""A code inside a page: the same modules as the library draws, in as few strokes as there are runs."""

import re

import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode.util import MODE_8BIT_BYTE, QRData

from k5web.paper import qr, svg


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


def test_a_code_has_its_quiet_zone_and_its_words() -> None:
    element = svg.draw_code(b"https://k5.example/+74951234567", 'Код "для" оплаты')
    size = qr.encode(b"https://k5.example/+74951234567").size
    assert f'viewBox="-4 -4 {size + 8} {size + 8}"' in element
    assert 'aria-label="Код &#34;для&#34; оплаты"' in element
    assert "xmlns" not in element
    assert svg.picture(b"x", "y").startswith('<svg xmlns="http://www.w3.org/2000/svg" ')
