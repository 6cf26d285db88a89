"""Invoices: rows in, domain values out. Numbers are given inside the transaction that writes the invoice."""

from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from k5web.domain.bank.invoice import Buyer, Contract, Invoice, InvoiceState
from k5web.domain.money import Money
from k5web.storage.sql import count_changed
from k5web.storage.tables import InvoiceRow


def add(db: Session, invoice: Invoice, form_key: str, now: datetime) -> None:
    """Write a new invoice."""
    db.execute(
        insert(InvoiceRow).values(
            owner_id=invoice.owner_id,
            number=invoice.number,
            form_key=form_key,
            day=invoice.day,
            amount_minor=invoice.amount.minor,
            currency=invoice.amount.currency,
            contract=invoice.contract.number,
            contract_day=invoice.contract.day,
            buyer=invoice.buyer.name,
            buyer_inn=invoice.buyer.inn,
            buyer_kpp=invoice.buyer.kpp,
            buyer_address=invoice.buyer.address,
            vat=invoice.vat,
            state=invoice.state,
            created_at=now,
            changed_at=now,
        )
    )


def find(db: Session, number: int) -> Invoice | None:
    """Return the invoice of this number, whoever's it is."""
    return _one(db, InvoiceRow.number == number)


def of_owner(db: Session, owner_id: int, number: int) -> Invoice | None:
    """Return the owner's invoice of this number."""
    return _one(db, InvoiceRow.owner_id == owner_id, InvoiceRow.number == number)


def by_form_key(db: Session, owner_id: int, form_key: str) -> Invoice | None:
    """Return the invoice this form made already."""
    return _one(db, InvoiceRow.owner_id == owner_id, InvoiceRow.form_key == form_key)


def newest(db: Session, owner_id: int, limit: int) -> list[Invoice]:
    """Return the owner's invoices, newest first."""
    found = select(InvoiceRow).where(InvoiceRow.owner_id == owner_id)
    return [_invoice(row) for row in db.scalars(found.order_by(InvoiceRow.number.desc()).limit(limit))]


def owners_of_inn(db: Session, inn: str, limit: int) -> list[int]:
    """Return to whom invoices were made out as a company with this tax number."""
    found = select(InvoiceRow.owner_id).where(InvoiceRow.buyer_inn == inn).distinct().limit(limit)
    return list(db.scalars(found))


def end(db: Session, owner_id: int, number: int, state: InvoiceState, now: datetime) -> bool:
    """Mark an open invoice as paid or cancelled; False where it is not open."""
    changed = (
        update(InvoiceRow)
        .where(InvoiceRow.owner_id == owner_id, InvoiceRow.number == number, InvoiceRow.state == InvoiceState.OPEN)
        .values(state=state, changed_at=now)
    )
    return count_changed(db, changed) == 1


def _one(db: Session, *which: ColumnElement[bool]) -> Invoice | None:
    row = db.scalars(select(InvoiceRow).where(*which).execution_options(populate_existing=True)).one_or_none()
    return None if row is None else _invoice(row)


def _invoice(row: InvoiceRow) -> Invoice:
    return Invoice(
        owner_id=row.owner_id,
        number=row.number,
        day=row.day,
        amount=Money(row.amount_minor, row.currency),
        contract=Contract(row.contract, row.contract_day),
        buyer=Buyer(row.buyer, row.buyer_inn, row.buyer_kpp, row.buyer_address),
        vat=row.vat,
        state=InvoiceState(row.state),
    )
