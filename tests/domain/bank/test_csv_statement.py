"""A statement as a table: columns by their names, cells as spreadsheets leave them. Promises: B13."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from k5web.domain.bank.csv_statement import HEADING_WITHIN, read_table
from k5web.domain.bank.statement import (
    AccountTotals,
    BankDocument,
    Direction,
    Lenience,
    Notes,
    OtherDocument,
    PartEnd,
    Record,
)
from k5web.domain.money import Money, rub
from k5web.errors import WrongStatement
from tests.bank_files import BIC, OURS, THEIRS, Came, table

OWN = frozenset({OURS, "40702810100000000022"})
HEAD = "Номер;Дата;Сумма;Счет плательщика;БИК плательщика;Назначение платежа"
ROW = f"17;30.11.2026;500,00;{THEIRS};{BIC};л/с 8841"


def read(text: str, notes: Notes | None = None) -> list[Record]:
    lines = enumerate(text.splitlines(), start=1)
    return list(read_table(lines, OWN, OURS, Counter() if notes is None else notes))


def rows(text: str, notes: Notes | None = None) -> list[BankDocument]:
    return [record for record in read(text, notes) if isinstance(record, BankDocument)]


def totals(text: str) -> AccountTotals:
    [found] = [record for record in read(text) if isinstance(record, AccountTotals)]
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace('"Номер"', '"Что"'), "line 1: there is no column «номер»"),
        (lambda text: text.replace('"Плательщик"', '"Номер"'), "line 1: the column «номер» is there twice"),
        (lambda text: text.replace('"500,00"', '"500,001"'), "line 2: сумма is not a sum"),
        (lambda text: text.replace('"1";', '"1";;'), "line 2: 10 cells, 9 are wanted"),
        (lambda text: text.replace('"1"', '"1'), "line 2: "),
        (lambda text: text.replace('"30.11.2026"', '"31.11.2026"'), "line 2: дата .*is not a day"),
        (lambda text: text.replace('"30.11.2026"', '""'), "line 2: a row without a day"),
        (lambda text: text.replace(THEIRS, "4,07028E+19"), "line 2: счет плательщика is not an account"),
        (lambda text: text.replace(THEIRS, "40702810500100000000"), "line 2: счет плательщика ends in zeros"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(change: Callable[[str], str], said: str) -> None:
    with pytest.raises(WrongStatement, match=said):
        read(change(table([Came(purpose="л/с 8841")]).decode()))


def test_a_table_with_a_minus_goes_out() -> None:
    [found] = [one for one in read(table([Came().outgoing()]).decode()) if isinstance(one, OtherDocument)]
    assert (found.direction, found.amount) == (Direction.OUTGOING, rub("500.00"))


@pytest.mark.parametrize(
    "row",
    [
        f"0017;2026-11-30;500.00;{THEIRS};{BIC};л/с 8841",
        f'="0017";30.11.2026;="500,00";="{THEIRS}";="{BIC}";л/с 8841',
        f"'17;'30.11.2026;'500,00;'{THEIRS};'{BIC};'л/с 8841",
        f'№ 17;30.11.26;"500,00 руб.";407.02.810.5.00000000001;{BIC[1:]};"л/с\n8841"',
        f"17;30.11.2026 10:00:00;+500;{THEIRS};{BIC};л/с 8841;;",
    ],
)
def test_cells_are_read_as_spreadsheets_leave_them(row: str) -> None:
    [found] = rows(f"{HEAD}\n{row}\n")
    assert (found.number, found.day, found.amount) == ("17", date(2026, 11, 30), rub("500.00"))
    assert (found.payer_account, found.payer_bic, found.purpose.strip("'")) == (THEIRS, BIC, "л/с 8841")


@pytest.mark.parametrize(
    "above",
    ["sep=;\n", "\ufeff", f"Выписка по счету;{OURS}\nПериод;30.11.2026\n\n", "Комментарий\n# ещё\n", "\n\n"],
)
def test_what_stands_above_the_heading_is_passed_over(above: str) -> None:
    assert [one.payee_account for one in rows(f"{above}{HEAD}\n{ROW}\n")] == [OURS]


def test_the_lines_above_say_whose_statement_it_is() -> None:
    [found] = rows(f"Счет;40702810100000000022\n{HEAD}\n{ROW}\n")
    assert found.payee_account == "40702810100000000022"
    with pytest.raises(WrongStatement, match="account 40702810900000000009, which is not ours"):
        read(f"Счет;40702810900000000009\n{HEAD}\n{ROW}\n")


def test_a_heading_is_looked_for_near_the_top_alone() -> None:
    with pytest.raises(WrongStatement, match="no heading"):
        read("слова\n" * HEADING_WITHIN + f"{HEAD}\n{ROW}\n")


@pytest.mark.parametrize(
    "heading", ["№;ДАТА ДОКУМЕНТА;Сумма, руб.;Счёт  плательщика;БИК банка плательщика;Назначение:", HEAD.upper()]
)
def test_columns_are_known_however_they_are_written(heading: str) -> None:
    assert len(rows(f"{heading}\n{ROW}\n")) == 1


def test_a_table_may_lack_the_bic() -> None:
    notes: Notes = Counter()
    text = f"{HEAD}\n{ROW}\n".replace("БИК плательщика;", "").replace(f"{BIC};", "")
    assert [one.payer_bic for one in rows(text, notes)] == [""]
    assert notes[Lenience.NO_BIC] == 1


def test_debits_and_credits_stand_in_their_columns() -> None:
    head = "№ документа;Дата;Дебет;Кредит;Счет плательщика;БИК плательщика;Назначение"
    text = f"{head}\n5;30.11.2026;;100,00;{THEIRS};{BIC};л/с 8841\n6;30.11.2026;50,00;0,00;{OURS};{BIC};Комиссия\n"
    assert [one.amount for one in rows(text)] == [rub("100.00")]
    with pytest.raises(WrongStatement, match="line 4: a row with a sum in both columns"):
        read(f"{text}7;30.11.2026;1,00;2,00;{THEIRS};{BIC};?\n")


@pytest.mark.parametrize("row", [f";;50,00;{OURS};;Комиссия", "9;30.11.2026;-50,00;;;Комиссия", f"9;;50,00;{OURS};1;"])
def test_a_row_that_went_out_may_lack_anything(row: str) -> None:
    notes: Notes = Counter()
    assert len(rows(f"{HEAD}\n{ROW}\n{row}\n", notes)) == 1


@pytest.mark.parametrize(
    ("row", "received", "spent", "documents"),
    [
        ("Итого;;500,00;;;", "500.00", None, None),
        ("ИТОГО:;;500,00", "500.00", None, None),
        ("Всего;;500,00;;;", "500.00", None, None),
        (";Итого;500,00;;;", "500.00", None, None),
        ("Итого поступлений: 1;;500,00;;;", "500.00", None, 1),
        ("Итого списаний;;50,00;;;", None, "50.00", None),
        ("Всего документов: 1;;;;;", None, None, 1),
        ("Количество операций;1;;;;", None, None, 1),
        ("Итого поступлений;;500,00;;;\nИтого списаний;;0,00;;;", "500.00", "0.00", None),
        ("Итого;;500,00;;;\nВсего документов;1;;;;", "500.00", None, 1),
    ],
)
def test_rows_of_totals_are_known_by_their_words(row: str, received: str, spent: str, documents: int) -> None:
    found = totals(f"{HEAD}\n{ROW}\n{row}\n")
    assert (found.received, found.spent, found.documents) == (_rub(received), _rub(spent), documents)


def _rub(text: str | None) -> Money | None:
    return rub(text) if text else None


@pytest.mark.parametrize(
    "row", ["Итого;;500,0О;;;", "Итого поступлений;;1,00;;;\nИтого поступлений;;2,00;;;", f"Итого;;500,00;;;\n{ROW}"]
)
def test_totals_that_cannot_be_read_are_refused(row: str) -> None:
    with pytest.raises(WrongStatement):
        read(f"{HEAD}\n{ROW}\n{row}\n")


def test_balances_and_comments_are_passed_over() -> None:
    notes: Notes = Counter()
    text = f"{HEAD}\nВходящий остаток;;1000,00;;;\n# слова\n{ROW}\nИсходящий остаток;;1500,00;;;\n"
    assert len(rows(text, notes)) == 1
    assert (notes[Lenience.BALANCES], notes[Lenience.LOOSE]) == (2, 1)


def test_a_payment_is_one_though_its_first_cell_says_total() -> None:
    head = "Назначение;Номер;Дата;Сумма;Счет плательщика;БИК плательщика"
    assert len(rows(f"{head}\nИтого за связь л/с 8841;17;30.11.2026;500,00;{THEIRS};{BIC}\n")) == 1


def test_a_table_ends_where_it_ends() -> None:
    assert read(f"{HEAD}\n{ROW}\n\n \x1a\n")[-1] == PartEnd(4, 0, frozenset({OURS}))


def test_a_count_of_too_many_digits_is_no_count() -> None:
    assert totals(f"{HEAD}\n{ROW}\nВсего документов;{'9' * 70_000};;;;\n").documents is None
