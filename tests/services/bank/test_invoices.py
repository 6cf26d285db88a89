"""An invoice is made out once, numbered without gaps, and paid by the payment that names it. Promises: B6, B13."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from k5web.domain.bank.invoice import Buyer, Invoice, InvoiceState
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, SumOutsideLimits, TooMany
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.bank import invoices, suspense
from k5web.services.bank.statement_import import import_statement
from tests.bank_files import OURS, Came, exchange
from tests.services.house import House

BUYER = Buyer("ООО «Ромашка»", "7708789018", "772401001")


def make(k5: House, amount: str = "500.00", key: str = "form") -> Invoice:
    return invoices.make(k5.ports, k5.caller, rub(amount), BUYER, key)


def pay(k5: House, folder: Path, *payments: Came) -> None:
    path = folder / "statement.txt"
    path.write_bytes(exchange(payments))
    import_statement(k5.ports, path, [OURS])


def state(k5: House, invoice: Invoice) -> InvoiceState:
    return invoices.find(k5.ports, invoice.owner_id, invoice.number).state


def test_an_invoice_names_contract_day_and_vat(k5: House) -> None:
    made = make(k5)
    assert (made.number, made.contract.number, made.vat) == (1, f"K5-{k5.caller.id}", "Без НДС")
    assert (made.day, made.contract.day) == (k5.ports.today(), k5.ports.today())
    assert invoices.find(k5.ports, k5.caller.id, 1) == made


def test_the_same_form_makes_one_invoice_and_a_refusal_leaves_no_gap(k5: House) -> None:
    assert make(k5, key="a").number == make(k5, key="a").number == 1
    for amount in ("0.00", "10000000.00"):
        with pytest.raises(SumOutsideLimits):
            make(k5, amount, key="b")
    assert make(k5, key="c").number == 2


def test_forms_sent_at_once_have_numbers_without_gaps(k5: House) -> None:
    keys = [f"form-{n % 6}" for n in range(12)]
    with ThreadPoolExecutor(4) as crowd:
        made = list(crowd.map(lambda key: (key, make(k5, key=key).number), keys))
    assert sorted(set(made)) == sorted(dict(made).items()), "one form, one number"
    assert sorted(dict(made).values()) == [1, 2, 3, 4, 5, 6]


def test_the_payment_that_names_it_pays_it(k5: House, tmp_path: Path) -> None:
    first, second = make(k5, key="a"), make(k5, key="b")
    pay(k5, tmp_path, Came("1", purpose=second.purpose))
    assert (state(k5, first), state(k5, second)) == (InvoiceState.OPEN, InvoiceState.PAID)
    assert k5.balance() == rub("500.00")
    [(came, _receipt)] = invoices.papers(k5.ports, k5.caller.id).payments
    assert came.invoice == second.number


def test_a_payment_that_says_nothing_but_its_number_is_known_by_payer_or_sum(k5: House, tmp_path: Path) -> None:
    made = make(k5)
    words = "Оплата по счету N 1 от 01.12.2026"
    stranger = Came("1", rub("499.00"), words, payer_inn="5433118499")
    pay(k5, tmp_path, stranger, Came("2", rub("100.00"), words, payer_inn=BUYER.inn))
    assert (k5.balance(), state(k5, made)) == (rub("100.00"), InvoiceState.OPEN)
    pay(k5, tmp_path, Came("3", rub("500.00"), words))
    assert (k5.balance(), state(k5, made)) == (rub("600.00"), InvoiceState.PAID)


def test_an_invoice_of_another_day_is_somebody_elses(k5: House, tmp_path: Path) -> None:
    made = make(k5)
    pay(k5, tmp_path, Came("1", made.amount, f"по счёту № {made.number} от 20.11.2020"))
    assert (state(k5, made), suspense.suspense(k5.ports).count) == (InvoiceState.OPEN, 1)
    pay(k5, tmp_path, Came("2", made.amount, f"по счёту № {made.number} от {made.day:%d.%m.%Y}"))
    assert state(k5, made) is InvoiceState.PAID


def test_parts_pay_it_together(k5: House, tmp_path: Path) -> None:
    made = make(k5)
    pay(k5, tmp_path, Came("1", rub("200.00"), made.purpose))
    assert state(k5, made) is InvoiceState.OPEN
    pay(k5, tmp_path, Came("2", rub("300.00"), made.purpose))
    assert state(k5, made) is InvoiceState.PAID


def test_what_a_person_gives_to_the_buyer_pays_it_too(k5: House, tmp_path: Path) -> None:
    made = make(k5)
    pay(k5, tmp_path, Came("1", rub("700.00"), "счет 1", payer_inn="5433118499"))
    assert k5.balance() == rub("0.00")
    [waiting] = suspense.suspense(k5.ports).first
    suspense.assign(k5.ports, waiting.payment.number, k5.caller.id, "staff:1")
    assert state(k5, made) is InvoiceState.PAID
    k5.assert_sound()


def test_a_number_of_somebody_elses_invoice_pays_nothing(k5: House, tmp_path: Path) -> None:
    other = add_subscriber(k5.ports, Msisdn.parse("+79160000002"), "correct horse", "Борис")
    made = make(k5)
    pay(k5, tmp_path, Came("1", purpose=f"по счету 1, договор K5-{other.id}"))
    assert (k5.balance(), state(k5, made)) == (rub("0.00"), InvoiceState.OPEN)


def test_what_is_cancelled_stays_so_and_what_is_paid_too(k5: House, tmp_path: Path) -> None:
    first, second = make(k5, key="a"), make(k5, key="b")
    invoices.cancel(k5.ports, k5.caller.id, first.number)
    pay(k5, tmp_path, Came("1", purpose=first.purpose), Came("2", purpose=second.purpose))
    invoices.cancel(k5.ports, k5.caller.id, second.number)
    assert (state(k5, first), state(k5, second)) == (InvoiceState.CANCELLED, InvoiceState.PAID)
    assert k5.balance() == rub("1000.00"), "the money came all the same"


def test_only_so_many_are_open_at_once(k5: House) -> None:
    for n in range(invoices.MOST_OPEN):
        make(k5, key=str(n))
    with pytest.raises(TooMany):
        make(k5, key="one more")
    invoices.cancel(k5.ports, k5.caller.id, 1)
    assert make(k5, key="one more").number == invoices.MOST_OPEN + 1


def test_an_account_in_som_has_no_invoices(k5: House) -> None:
    other = add_subscriber(k5.ports, Msisdn.parse("+996555123456"), "correct horse", "Бакыт", "KGS")
    with pytest.raises(NotFound):
        invoices.make(k5.ports, other, rub("500.00"), BUYER, "form")
