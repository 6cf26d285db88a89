"""What reads paper: poppler for the sheet and its words, ZBar and ZXing for the code. None of it knows who drew it."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import zxingcpp
from PIL import Image

from tests.processes import do_without

MM = 25.4
POINT = 25.4 / 72


def need_readers() -> None:
    """Go on only where poppler and ZBar are."""
    if not (shutil.which("pdftoppm") and shutil.which("zbarimg")):
        do_without("no poppler or ZBar here: apt-get install poppler-utils zbar-tools")


def run(*command: str | Path) -> bytes:
    """Return what a reader says; a warning is a failure."""
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b"", done.stderr.decode()
    return done.stdout


def text_of(file: Path) -> str:
    """Return the words of a PDF as a person would search for them."""
    return run("pdftotext", "-layout", file, "-").decode()


def pages_of(file: Path) -> int:
    """Return how many pages there are."""
    found = re.search(r"^Pages:\s+(\d+)", run("pdfinfo", file).decode(), re.MULTILINE)
    assert found
    return int(found[1])


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box. Units: millimetres from the top left of the paper."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def words_of(file: Path) -> list[Word]:
    """Return every word of the first page with its place."""
    said = run("pdftotext", "-bbox", "-l", "1", file, "-").decode()
    pattern = r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>'
    return [
        Word(unescape(word), *(float(place) * POINT for place in (left, top, right, bottom)))
        for left, top, right, bottom, word in re.findall(pattern, said)
    ]


def picture_of(file: Path, dpi: int = 200) -> Path:
    """Return the first page as a picture beside the file."""
    out = file.with_suffix("")
    run("pdftoppm", "-r", str(dpi), "-png", "-singlefile", file, out)
    return out.with_suffix(".png")


def by_zbar(picture: Path) -> bytes:
    """Return the bytes of the one code that ZBar finds."""
    return run(
        "zbarimg", "--nodbus", "--quiet", "--raw", "--oneshot", "-Sbinary", "-Sdisable", "-Sqrcode.enable", picture
    )


def by_zxing(picture: Path) -> bytes:
    """Return the bytes of the one code that ZXing finds."""
    with Image.open(picture) as image:
        [found] = zxingcpp.read_barcodes(image.convert("L"))
    return bytes(found.bytes)


class Ink:
    """Where a picture is dark. Units: millimetres."""

    def __init__(self, picture: Path, dpi: int) -> None:
        with Image.open(picture) as image:
            self._dark = image.convert("L").point(lambda level: 255 if level < 128 else 0)
        self._per_mm = dpi / MM

    def box(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of everything drawn."""
        found = self._dark.getbbox()
        assert found, "an empty page"
        left, top, right, bottom = (edge / self._per_mm for edge in found)
        return left, top, right, bottom

    def is_line_across(self, y: float, left: float, right: float, reach: float = 0.5) -> bool:
        """Return whether a line goes all the way from left to right at about y."""
        return self._is_full((left, y - reach, right, y + reach), is_row=True)

    def is_line_down(self, x: float, top: float, bottom: float, reach: float = 0.5) -> bool:
        """Return whether a line goes all the way down at about x."""
        return self._is_full((x - reach, top, x + reach, bottom), is_row=False)

    def is_clear(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Return whether nothing is drawn there."""
        return self._crop((left, top, right, bottom)).getbbox() is None

    def _is_full(self, place: tuple[float, float, float, float], *, is_row: bool) -> bool:
        cropped = self._crop(place)
        long, wide = (cropped.width, cropped.height) if is_row else (cropped.height, cropped.width)
        flat = cropped if is_row else cropped.transpose(Image.Transpose.ROTATE_90)
        dark = flat.tobytes()
        return any(dark[at * long : (at + 1) * long].count(255) == long for at in range(wide))

    def _crop(self, place: tuple[float, float, float, float]) -> Image.Image:
        left, top, right, bottom = (round(edge * self._per_mm) for edge in place)
        return self._dark.crop((left, top, right, bottom))
