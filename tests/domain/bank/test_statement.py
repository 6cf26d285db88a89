"""Pieces of a text put together: a number that may be cut in two has two readings, words have one. Promise: B13."""

from datetime import date

import pytest

from k5web.domain.bank.statement import BankDocument, Text, put_together, whole_and_pieces
from k5web.domain.money import rub


@pytest.mark.parametrize(
    ("pieces", "glued", "apart"),
    [
        ([], "", ""),
        (["", "  "], "", ""),
        (["за связь"], "за связь", "за связь"),
        ([" за  связь ", "", "сентябрь"], "за связь сентябрь", "за связь сентябрь"),
        (["счёт 12345", "67 связь"], "счёт 1234567 связь", "счёт 12345 67 связь"),
        (["дог. 12-", "34"], "дог. 12-34", "дог. 12- 34"),
        (["дог. 12", "-34"], "дог. 12-34", "дог. 12 -34"),
        (["01.12", ".2026"], "01.12.2026", "01.12 .2026"),
        (["счёт -", "12"], "счёт - 12", "счёт - 12"),  # nothing of a number stands before the cut
        (["счёт 12", "руб"], "счёт 12 руб", "счёт 12 руб"),
    ],
)
def test_pieces_are_glued_only_where_a_number_may_go_on(pieces: list[str], glued: str, apart: str) -> None:
    assert put_together(pieces) == Text(glued, apart)


@pytest.mark.parametrize(
    ("whole", "pieces", "found"),
    [
        (["за связь"], [], "за связь"),
        ([], ["за", "связь"], "за связь"),
        (["за связь"], ["ЗА", "СВЯЗЬ"], "за связь"),  # told twice
        (["за связь 2026"], ["за", "связь"], "за связь 2026"),
        (["за св"], ["за", "связь"], "за связь"),  # the whole one was cut off
        (["за связь"], ["счёт", "17"], "за связь счёт 17"),
    ],
)
def test_a_text_told_whole_and_in_pieces_is_told_once(whole: list[str], pieces: list[str], found: str) -> None:
    assert whole_and_pieces(whole, pieces).glued == found


def test_a_document_is_booked_for_its_own_day_where_no_other_is_told() -> None:
    written, came = date(2026, 11, 30), date(2026, 12, 2)
    facts = ("", "", "", "", "", "")
    assert BankDocument(1, 0, "17", written, rub("1.00"), *facts, received_on=came).came_on == came
    assert BankDocument(1, 0, "17", written, rub("1.00"), *facts, received_on=None).came_on == written
