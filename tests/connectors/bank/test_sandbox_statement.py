"""What the simulated bank writes: one payment as a statement that the import's reader believes."""

from datetime import date

import pytest

from connectors.bank import sandbox_statement
from connectors.bank.sandbox_statement import BIC, COMPANYS, LONGEST, PERSONS, Payment
from k5web.domain.bank import requisites
from k5web.domain.bank.exchange_text import read_exchange
from k5web.domain.bank.statement import AccountTotals, BankDocument, Notes
from k5web.domain.money import Money, rub

OURS = "40702810938000017997"
DAY = date(2026, 11, 30)
PAID = Payment("17", DAY, rub("500.00"), "Иванов Иван", "", "Пополнение лицевого счета 1234567")


def read(payment: Payment, opening: Money) -> tuple[BankDocument, AccountTotals]:
    text = sandbox_statement.write(payment, OURS, opening).decode("cp1251")
    records = list(read_exchange(enumerate(text.splitlines(), start=1), frozenset({OURS}), Notes()))
    [document] = [record for record in records if isinstance(record, BankDocument)]
    [totals] = [record for record in records if isinstance(record, AccountTotals)]
    return document, totals


def test_a_payment_is_read_back_whole() -> None:
    document, totals = read(PAID, rub("100.00"))
    assert (document.number, document.day, document.amount) == ("17", DAY, rub("500.00"))
    assert (document.payer, document.purpose) == (PAID.payer, PAID.purpose)
    assert (document.payer_account, document.payer_bic, document.payee_account) == (PERSONS, BIC, OURS)
    assert (totals.opening, totals.received, totals.closing) == (rub("100.00"), rub("500.00"), rub("600.00"))


def test_a_company_pays_from_a_companys_account() -> None:
    document, _ = read(Payment("18", DAY, rub("1.00"), "ООО «Лютик»", "7708789018", "счёт"), rub("0.00"))
    assert (document.payer_account, document.payer_inn) == (COMPANYS, "7708789018")


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        (" за   связь ", "за связь"),
        ("за\r\nКонецДокумента\r\nсвязь", "за КонецДокумента связь"),
        ("a\x1b[31m\u202eb\0", "a [31m b"),
        ("", ""),
    ],
)
def test_a_text_stays_on_its_line(typed: str, clean: str) -> None:
    assert sandbox_statement.clean(typed) == clean


def test_a_text_is_as_long_as_banks_take() -> None:
    assert len(sandbox_statement.clean("ж" * 500)) == LONGEST


def test_a_letter_that_the_coding_lacks_is_a_question_mark() -> None:
    document, _ = read(Payment("19", DAY, rub("1.00"), "Өмүрбеков", "", "x"), rub("0.00"))
    assert document.payer == "?м?рбеков"


def test_its_accounts_are_such_as_a_bank_could_have() -> None:
    assert requisites.is_key_true(sandbox_statement.PERSONS, sandbox_statement.BIC[6:])
    requisites.check_account(sandbox_statement.COMPANYS, sandbox_statement.BIC)
