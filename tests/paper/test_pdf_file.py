"""A PDF that is written while it is drawn: readers find nothing wrong, texts can be searched, memory does not grow."""

import io
import tracemalloc
from pathlib import Path

from k5web.paper.pdf_file import PdfFile
from k5web.paper.sheet import Rule, Text, right, text
from tests.paper.readers import need_readers, pages_of, run, text_of, words_of

KYRGYZ = "Өмүрбеков Үсөн Ңң"


def write(out: io.BufferedIOBase, pages: int) -> None:
    file = PdfFile(out, "Выписка")  # type: ignore[arg-type]
    for n in range(pages):
        line: list[Text | Rule] = [text(20, 30, f"Лист {n + 1} {KYRGYZ} ₽ − №", 10), Rule(20, 40, 100, 40)]
        file.page([*line, text(20, 50, "уже́ ỹ", 9), right(190, 60, "1 234,50", 9, "bold")], total_at=(20, 290))
    file.close(text(0, 0, str(pages), 7.5))


def test_poppler_reads_every_page_and_every_letter(tmp_path: Path) -> None:
    need_readers()
    path = tmp_path / "x.pdf"
    with path.open("wb") as out:
        write(out, 3)
    assert pages_of(path) == 3
    for n, page in enumerate(text_of(path).split("\f")[:3]):
        assert f"Лист {n + 1} {KYRGYZ} ₽ − №" in page
        assert "1 234,50" in page
        assert page.strip().endswith("3")
    assert b"K5Sans-Regular" in run("pdffonts", path)


def test_a_text_stands_where_it_was_put(tmp_path: Path) -> None:
    need_readers()
    path = tmp_path / "x.pdf"
    with path.open("wb") as out:
        write(out, 1)
    begin = next(word for word in words_of(path) if word.text == "Лист")
    assert abs(begin.left - 20) < 0.5
    assert begin.top < 30 < begin.bottom
    end = next(word for word in words_of(path) if word.text == "234,50")
    assert abs(end.right - 190) < 0.5


def test_the_same_pages_are_the_same_bytes() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write(first, 2)
    write(second, 2)
    assert first.getvalue() == second.getvalue()


class Nowhere(io.RawIOBase):
    """Takes what is written and keeps none of it."""

    def write(self, content: object) -> int:
        return len(content)  # type: ignore[arg-type]


def test_a_page_leaves_the_memory_when_the_next_begins() -> None:
    """What stays of a page is the place of its objects: some hundred bytes."""
    write(Nowhere(), 10)  # type: ignore[arg-type]
    peaks = []
    for pages in (20, 220):
        tracemalloc.start()
        write(Nowhere(), pages)  # type: ignore[arg-type]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 200 < 1500
