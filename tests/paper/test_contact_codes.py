"""Codes of contacts on sheets of A4: none is cut by an edge, each has its name and number."""

from k5web.paper import pdf, svg
from k5web.paper.contact_codes import HEIGHT, ON_ONE, WIDTH, ContactCode, sheets
from k5web.paper.sheet import A4, Square, Text

LONG = "Очень длинное имя человека с отчеством и городом Екатеринбург"


def codes(count: int) -> list[ContactCode]:
    return [ContactCode(LONG, f"+7 495 123-45-{n:02d}", f"https://t.k5.ru/+749512345{n:02d}") for n in range(count)]


def test_eighteen_codes_fill_a_sheet_and_the_next_begins_another() -> None:
    assert [sum(isinstance(item, Square) for item in sheet.items) for sheet in sheets(codes(37), "Список")] == [
        ON_ONE,
        ON_ONE,
        1,
    ]
    assert sheets([], "Список") == []


def test_everything_lies_within_the_paper() -> None:
    """A4 with the edges of paper.css: nothing runs onto a second page."""
    for sheet in sheets(codes(20), "Список"):
        assert sheet.left + sheet.width <= A4[0] - 15
        assert sheet.top + sheet.height <= A4[1] - 12
        for item in sheet.items:
            if isinstance(item, Text):
                assert 0 <= item.x <= item.x + item.width <= WIDTH
                assert 0 < item.y < HEIGHT
            if isinstance(item, Square):
                assert 0 <= item.x <= item.x + item.side <= WIDTH
                assert 0 <= item.y <= item.y + item.side <= HEIGHT


def test_words_do_not_touch_the_quiet_zone_of_the_code() -> None:
    [sheet] = sheets(codes(1), "Список")
    [code] = [item for item in sheet.items if isinstance(item, Square)]
    module = code.side / 25
    for line in (item for item in sheet.items if isinstance(item, Text)):
        assert line.y <= code.y - module or line.y - line.size * 0.36 >= code.y + code.side + 4 * module - 3


def test_a_name_that_no_face_has_is_marked_and_drawn() -> None:
    drawn = sheets([ContactCode("漢字 Ли", "+86 10 1234 5678", "https://t.k5.ru/+861012345678")], "Список")
    assert "… Ли" in {item.text for item in drawn[0].items if isinstance(item, Text)}
    assert pdf.draw(*drawn).startswith(b"%PDF")


def test_codes_of_one_sheet_have_no_name_twice() -> None:
    [sheet] = sheets(codes(3), "Список")
    assert ' id="' not in svg.draw(sheet)
