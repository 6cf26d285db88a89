"""Invoices as rows, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime

from k5web.domain.bank.invoice import Buyer, Contract, Invoice, InvoiceState
from k5web.domain.money import rub
from k5web.storage.bank import invoice_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY = date(2026, 12, 1)
INVOICE = Invoice(
    owner_id=1,
    number=7,
    day=DAY,
    amount=rub("500.00"),
    contract=Contract("K5-1", date(2026, 1, 15)),
    buyer=Buyer("ООО «Ромашка»", "7708789018", "772401001", "Москва"),
    vat="Без НДС",
    state=InvoiceState.OPEN,
)


def test_an_invoice_comes_back_as_it_was_made(sessions: Sessions) -> None:
    later = replace(INVOICE, number=8)
    with sessions.begin() as db:
        invoice_rows.add(db, INVOICE, "form-1", NOW)
        invoice_rows.add(db, later, "form-2", NOW)
    with sessions.read() as db:
        assert invoice_rows.find(db, 7) == invoice_rows.of_owner(db, 1, 7) == INVOICE
        assert invoice_rows.of_owner(db, 2, 7) is None
        assert invoice_rows.by_form_key(db, 1, "form-2") == later
        assert invoice_rows.by_form_key(db, 2, "form-2") is None
        assert invoice_rows.newest(db, 1, 10) == [later, INVOICE]


def test_an_open_invoice_ends_once_and_by_its_owner(sessions: Sessions) -> None:
    with sessions.begin() as db:
        invoice_rows.add(db, INVOICE, "form-1", NOW)
        assert not invoice_rows.end(db, 2, 7, InvoiceState.PAID, NOW)
        assert invoice_rows.end(db, 1, 7, InvoiceState.PAID, NOW)
        assert not invoice_rows.end(db, 1, 7, InvoiceState.CANCELLED, NOW)
        assert invoice_rows.find(db, 7) == replace(INVOICE, state=InvoiceState.PAID)
