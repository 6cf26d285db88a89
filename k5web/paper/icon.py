"""The icon of K5 on a home screen, drawn from the letters of our papers: `python -m k5web.paper.icon static/icons`."""

import io
import sys
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from k5web.paper import fonts

GREEN, WHITE = "#00562f", "#ffffff"
# File: its side in pixels, how much of it the letters span, how round its corners are. A maskable one is cut to any
# shape by the phone: what matters lies within the middle 80 % (W3C, Web Application Manifest)
ICONS: Final = {
    "any-192.png": (192, 0.66, 0.18),
    "any-512.png": (512, 0.66, 0.18),
    "maskable-512.png": (512, 0.5, 0.0),
    "apple-180.png": (180, 0.6, 0.0),
}
LETTERS: Final = "K5"
FINER: Final = 4  # drawn so many times as large, for smooth edges
COLOURS: Final = 16


def draw(side: int, span: float, corner: float) -> bytes:
    """Return the icon as PNG. Units: pixels, and parts of the side."""
    full = side * FINER
    picture = Image.new("RGBA", (full, full), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((0, 0, full - 1, full - 1), round(full * corner), fill=GREEN)
    size = round(full * span / fonts.natural(LETTERS, "bold"))
    letters = ImageFont.truetype(io.BytesIO(fonts.program("bold")), size)
    pen.text((full / 2, full / 2), LETTERS, WHITE, letters, anchor="mm")
    small = picture.resize((side, side), Image.Resampling.LANCZOS).quantize(COLOURS)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def write(folder: Path) -> None:
    """Write all icons into a folder."""
    for name, shape in ICONS.items():
        (folder / name).write_bytes(draw(*shape))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
