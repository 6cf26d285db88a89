"""The faces of papers: every letter of our languages, and what is done about any other."""

import pytest

from k5web.errors import NotPrintable
from k5web.paper import fonts


def test_every_face_has_the_letters_of_our_languages() -> None:
    wanted = "АБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯӘабвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюяә«»№—–₽0123456789"
    faces: list[fonts.Face] = ["regular", "bold", "italic", "narrow"]
    assert [fonts.face_for(wanted, face) for face in faces] == faces


def test_a_letter_that_the_wished_face_lacks_is_taken_from_the_face_of_rare_letters() -> None:
    assert fonts.face_for("Иван", "bold") == "bold"
    assert fonts.face_for("გიორგი", "bold") == "rest"


def test_a_sign_that_no_face_has_is_refused_by_its_name() -> None:
    with pytest.raises(NotPrintable) as refused:
        fonts.face_for("ООО 漢字", "regular")
    assert refused.value.facts["sign"] == "漢"


def test_width_grows_with_the_size_and_adds_up() -> None:
    assert fonts.width("", "regular", 9) == 0
    assert fonts.width("слово", "regular", 18) == pytest.approx(2 * fonts.width("слово", "regular", 9))
    parts = fonts.width("сло", "regular", 9) + fonts.width("во", "regular", 9)
    assert fonts.width("слово", "regular", 9) == pytest.approx(parts)


def test_figures_are_all_of_one_width() -> None:
    """Columns of sums stand under each other."""
    assert len({round(fonts.width(figure, "regular", 9), 6) for figure in "0123456789"}) == 1
