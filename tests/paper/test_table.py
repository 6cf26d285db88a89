"""Cells of a table as people read them."""

from datetime import date, datetime

import pytest

from k5web.domain.money import Money, Price, rub
from k5web.paper.table import Cell, shown


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        (None, ""),
        ("текст", "текст"),
        (7, "7"),
        (rub("1234567.05"), "1 234 567,05"),
        (Money(-5), "−0,05"),
        (Money(0, "KGS"), "0,00"),
        (Price.parse("0.125"), "0,125"),
        (date(2026, 12, 1), "01.12.2026"),
        (datetime(2026, 12, 1, 9, 5, 7), "01.12.2026 09:05"),  # noqa: DTZ001
    ],
)
def test_a_cell_is_read_as_people_write_it(cell: Cell, read: str) -> None:
    assert shown(cell) == read
