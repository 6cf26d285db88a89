"""A table as CSV: spreadsheets open it as a table, and run nothing of it."""

import csv
import io

import pytest

from k5web.domain.money import Money
from k5web.paper import csv_table
from tests.paper.tables import amount_of, table


def written(count: int, text: str = "Звонок") -> str:
    out = io.BytesIO()
    csv_table.write(table(count, text), out)
    return out.getvalue().decode("utf-8")


def test_it_begins_with_a_byte_order_mark_and_has_semicolons_and_decimal_commas() -> None:
    lines = written(2).splitlines()
    assert lines == [
        "\N{BOM}Номер;День;Когда;Что;Сумма;Цена;Секунд",
        "0;01.12.2026;01.12.2026 09:05:00;Звонок;10000000000,09;1,750001;0",
        "1;02.12.2026;01.12.2026 09:05:01;Звонок;-0,08;1,750002;1",
    ]


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@x", "\tx", "\rx"])
def test_no_text_is_a_formula(text: str) -> None:
    [row] = list(csv.reader(io.StringIO(written(1, text)), delimiter=";"))[1:]
    assert row[3] == f"'{text}"


def test_a_text_keeps_its_semicolons_and_quotes() -> None:
    [row] = list(csv.reader(io.StringIO(written(1, 'а;"б"')), delimiter=";"))[1:]
    assert row[3] == 'а;"б"'


def test_the_sums_add_up() -> None:
    found = list(csv.reader(io.StringIO(written(40)), delimiter=";"))[1:]
    assert sum(int(row[4].replace(",", "")) for row in found) == sum(amount_of(n).minor for n in range(40))
    assert Money(0).minor == 0
