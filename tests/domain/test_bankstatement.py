"""The bank's exchange text and tables: read exactly, or refused with the line. Promises: B13."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from k5web.domain.bankcsv import read_table
from k5web.domain.bankstatement import BankDocument, Line, Record, Totals, read_exchange
from k5web.domain.money import rub
from k5web.errors import WrongStatement
from tests.bank_files import OURS, Came, exchange, table


def numbered(text: str) -> Iterator[Line]:
    return enumerate(text.splitlines(), start=1)


def text(*payments: Came) -> str:
    return exchange(payments).decode("cp1251")


def test_a_document_keeps_what_the_bank_said() -> None:
    records = list(read_exchange(numbered(text(Came("17", payer_inn="7708789018", purpose="л/с 1 = 2")))))
    [found] = [record for record in records if isinstance(record, BankDocument)]
    assert (found.number, found.amount, found.payer_inn, found.purpose) == (
        "17",
        rub("500.00"),
        "7708789018",
        "л/с 1 = 2",
    )
    assert (found.received_on, found.spent_on, found.payee_account) == (found.day, None, OURS)


def test_a_purpose_in_pieces_is_put_together() -> None:
    pieces = text(Came(purpose="X")).replace("Платежа=X", "Платежа1=лицевой\nНазначениеПлатежа2=счет 8841")
    [found] = [record for record in read_exchange(numbered(pieces)) if isinstance(record, BankDocument)]
    assert found.purpose == "лицевой счет 8841"


@pytest.mark.parametrize(
    ("was", "became", "line", "said"),
    [
        ("1CClientBankExchange", "1CClientBank", 1, "begins with"),
        ("Кодировка=Windows", "Кодировка=KOI8", 3, "Кодировка"),
        ("Сумма=500.00", "Сумма=5e2", 19, "Сумма is not a sum"),
        ("Сумма=500.00", "Сумма=٥٠٠.00", 19, "Сумма is not a sum"),
        ("Сумма=500.00", "Сумма=0.00", 16, "sum above zero"),
        ("Сумма=500.00", "Сумма=-1.00", 16, "sum above zero"),
        ("Дата=30.11.2026", "Дата=31.11.2026", 18, "Дата is not a day"),
        ("Номер=1", "Номер=", 16, "without a number"),
        (f"ПолучательСчет={OURS}", "ПолучательСчет=4070", 16, "20 digits"),
        ("КонецДокумента", "", 29, "not ended before"),
        ("СекцияДокумент=Платежное поручение", "", 28, "ends nothing"),
        ("КонецФайла", "", 29, "no КонецФайла"),
        ("КонецФайла", "КонецФайла\nНомер=2", 30, "after КонецФайла"),
        ("Номер=1", "Номер=1\nНомер=2", 18, "twice"),
        ("Номер=1", "Номер 1", 17, "not ended before"),
    ],
)
def test_damage_is_refused_with_its_line(was: str, became: str, line: int, said: str) -> None:
    damaged = text(Came()).replace(was, became, 1).rstrip("\n")
    with pytest.raises(WrongStatement, match=f"line {line}: .*{said}"):
        list(read_exchange(numbered(damaged)))


def test_a_balance_that_does_not_come_out_is_refused() -> None:
    wrong = text(Came()).replace("КонечныйОстаток=1500.00", "КонечныйОстаток=1500.01")
    with pytest.raises(WrongStatement, match=r"line 15: .*closing balance"):
        check(read_exchange(numbered(wrong)))


def test_what_was_spent_is_compared_too() -> None:
    wrong = text(Came(), Came("2").outgoing())
    check(read_exchange(numbered(wrong)))
    with pytest.raises(WrongStatement, match=r"500\.00 spent by .* 499\.00 by the documents"):
        check(read_exchange(numbered(wrong.replace("Сумма=500.00", "Сумма=499.00").replace("499", "500", 1))))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.replace('"Номер"', '"Что"'), "line 1: there is no column «номер»"),
        (lambda rows: rows.replace('"Плательщик"', '"Номер"'), "line 1: the column «номер» is there twice"),
        (lambda rows: rows.replace('"500,00"', '"500,001"'), "line 2: сумма is not a sum"),
        (lambda rows: rows.replace('"1";', '"1";;'), "line 2: 10 cells, 9 are wanted"),
        (lambda rows: rows.replace('"1"', '"1'), "line 2: "),
        (lambda rows: rows.replace('"30.11.2026"', '"30.11.26"'), "line 2: дата is not a day"),
        (lambda rows: rows.replace('"1"', '""'), "line 2: a row without a number"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(change: Callable[[str], str], said: str) -> None:
    with pytest.raises(WrongStatement, match=said):
        list(read_table(numbered(change(table([Came()]).decode()))))


def test_a_table_with_a_minus_goes_out() -> None:
    [found] = read_table(numbered(table([Came().outgoing()]).decode()))
    assert isinstance(found, BankDocument)
    assert (found.received_on, found.spent_on, found.amount) == (None, found.day, rub("500.00"))


def check(records: Iterable[Record]) -> None:
    totals = Totals(frozenset({OURS}))
    for record in records:
        totals.add(record)
    totals.check()
