"""Cells that a spreadsheet shows and never runs. Trial: S29."""

import pytest

from k5web.domain.books.csv_cells import decimal, plain
from k5web.domain.money import Money


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@sum", "\t=1", "\r=1"])
def test_a_cell_that_would_run_is_shown_instead(text: str) -> None:
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "qiwi:optima", "8841", "a=b"])
def test_any_other_cell_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_a_sum_has_a_decimal_comma() -> None:
    assert [decimal(Money(minor)) for minor in (123456, -5, 0)] == ["1234,56", "-0,05", "0,00"]
