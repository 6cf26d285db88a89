"""A sheet drawn to PDF: the same bytes for the same sheet, a page for each, letters inside."""

from k5web.paper import pdf
from k5web.paper.sheet import Cells, Rule, Sheet, Square, text

SHEET = Sheet(
    title="Пробный лист",
    width=100,
    height=50,
    left=10,
    top=10,
    items=(
        text(0, 5, "Иванов Иван", 9),
        text(0, 10, "слово " * 40, 9, "bold", room=50),
        text(0, 15, "გიორგი", 9),
        Cells(0, 20, 4, 5, "7708789018", 9),
        Rule(0, 30, 100, 30, is_dashed=True),
        Square(0, 32, 15, b"ST00012|Name=x"),
    ),
)


def test_the_same_sheet_has_the_same_bytes() -> None:
    first, second = pdf.draw(SHEET), pdf.draw(SHEET)
    assert first == second
    assert first.startswith(b"%PDF-")
    assert first.rstrip().endswith(b"%%EOF")


def test_each_sheet_is_a_page_of_a4() -> None:
    drawn = pdf.draw(SHEET, SHEET)
    assert drawn.count(b"/Type /Page\n") == 2
    assert drawn.count(b"/MediaBox [ 0 0 595.2756 841.8898 ]") == 2


def test_the_letters_that_are_used_are_in_the_file() -> None:
    drawn = pdf.draw(SHEET)
    assert drawn.count(b"/FontFile2") == 3  # regular, bold and the face of rare letters
    assert len(drawn) < 100_000
