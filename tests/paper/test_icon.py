"""The icon: what lies in static/icons is what the drawing makes, and a cut leaves the letters whole."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from k5web.paper import icon

FOLDER = Path(__file__).parents[2] / "static" / "icons"


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGBA")


def test_the_files_are_the_ones_that_are_drawn() -> None:
    assert {path.name for path in FOLDER.iterdir()} == icon.ICONS.keys()


@pytest.mark.parametrize("name", ["any-192.png", "apple-180.png"])
def test_a_file_looks_as_it_is_drawn(name: str, tmp_path: Path) -> None:
    drawn, kept = picture(icon.draw(*icon.ICONS[name])), picture((FOLDER / name).read_bytes())
    assert drawn.size == kept.size
    assert max(high for _, high in ImageChops.difference(drawn, kept).getextrema()) <= 40  # type: ignore[misc]


def test_a_phone_may_cut_the_maskable_one_to_a_circle() -> None:
    """The letters lie within the middle circle of 80 % (W3C, Web Application Manifest)."""
    kept = picture((FOLDER / "maskable-512.png").read_bytes()).convert("L")
    edge = kept.getpixel((0, 0))
    box = ImageChops.difference(kept, Image.new("L", kept.size, edge)).getbbox()
    assert box is not None
    corners = [(x - 256, y - 256) for x in (box[0], box[2]) for y in (box[1], box[3])]
    assert max(x * x + y * y for x, y in corners) <= (0.4 * 512) ** 2
