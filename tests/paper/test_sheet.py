"""Lines on a sheet: how they fit their room, where they begin and end, what follows what."""

import pytest

from k5web.paper import fonts, sheet


def test_letters_get_smaller_before_they_are_squeezed() -> None:
    line = sheet.text(0, 0, "слово", 9, "bold", 100)
    assert line.size == 9
    smaller = sheet.text(0, 0, "слово " * 10, 9, "bold", 80)
    assert sheet.SMALLEST <= smaller.size < 9
    squeezed = sheet.text(0, 0, "слово " * 40, 9, "bold", 80)
    assert (squeezed.size, squeezed.width) == (sheet.SMALLEST, 80)
    assert fonts.width(squeezed.text, "bold", squeezed.size) > 80


def test_a_centred_line_has_the_same_room_on_both_sides() -> None:
    line = sheet.centred(10, 50, 3, "слово", 9)
    assert line.x - 10 == pytest.approx(50 - (line.x + line.width))
    squeezed = sheet.centred(10, 20, 3, "слово " * 20, 9)
    assert (squeezed.x, squeezed.width) == (10, 10)


def test_a_line_on_the_right_ends_at_its_place() -> None:
    line = sheet.right(50, 3, "слово", 9)
    assert line.x + line.width == pytest.approx(50)


def test_words_and_blanks_follow_one_another_with_a_gap() -> None:
    first, rule, filled, last = sheet.flow(0, 10, 8, ["Сумма", sheet.Blank(20, "500"), "руб."])
    assert isinstance(first, sheet.Text)
    assert isinstance(rule, sheet.Rule)
    assert isinstance(filled, sheet.Text)
    assert isinstance(last, sheet.Text)
    assert rule.x1 == pytest.approx(first.width + sheet.GAP)
    assert rule.x2 - rule.x1 == pytest.approx(20)
    assert (rule.x1 + rule.x2) / 2 == pytest.approx(filled.x + filled.width / 2)
    assert (filled.text, filled.face, filled.size) == ("500", "bold", 9)
    assert last.x == pytest.approx(rule.x2 + sheet.GAP)


def test_a_gap_is_neither_ruled_nor_written() -> None:
    assert sheet.flow(0, 10, 8, [sheet.Blank(20, is_ruled=False)]) == []


def test_digits_stand_in_the_middle_of_their_boxes() -> None:
    cells = sheet.Cells(x=10, y=20, cell=4, height=5, digits="123", size=9)
    assert cells.middles() == [12, 16, 20]
    assert 20 < cells.baseline < 25
