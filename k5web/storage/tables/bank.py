"""Mapped classes of what is paid at a bank: payments of its statements, invoices to organisations, receipts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base


class BankPaymentRow(Base):
    """A payment of a bank's statement, beside its event of the same name; owner 0 is the house: nobody's yet.

    Who paid and what for is kept only of payments that a person must give to somebody.
    """

    __tablename__ = "bank_payment"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("(assigned_to IS NULL) = (assigned_at IS NULL)", name="assigned"),
        CheckConstraint("(owner_id = 0) = (why <> '')", name="why"),
        Index(
            "ix_bank_payment_waiting",
            "received_on",
            postgresql_where=text("owner_id = 0 AND assigned_to IS NULL"),
            sqlite_where=text("owner_id = 0 AND assigned_to IS NULL"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(primary_key=True)  # bank:<our account>
    key: Mapped[str] = mapped_column(primary_key=True)
    document_no: Mapped[str]
    day: Mapped[date]  # of the document
    received_on: Mapped[date]
    amount_minor: Mapped[int]
    words: Mapped[bytes]  # digest of the purpose: tells payments apart that are equal otherwise
    invoice: Mapped[int | None]  # that it names, of the same owner
    why: Mapped[str]  # nobody, several, unknown, inactive, currency; empty: it reached its subscriber
    payer: Mapped[str]
    purpose: Mapped[str]
    recorded_at: Mapped[datetime]
    assigned_to: Mapped[int | None]
    assigned_at: Mapped[datetime | None]


class InvoiceRow(Base):
    """An invoice to an organisation, as it was made out. Numbers run without gaps over all owners."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("owner_id", "form_key"),
        Index("ix_invoice_number", "number"),  # given once by the allocator
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("state IN ('open', 'paid', 'cancelled')", name="state"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    form_key: Mapped[str]
    day: Mapped[date]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    contract: Mapped[str]
    contract_day: Mapped[date]
    buyer: Mapped[str]
    buyer_inn: Mapped[str]
    buyer_kpp: Mapped[str]
    buyer_address: Mapped[str]
    vat: Mapped[str]  # the phrase of the day: «Без НДС»
    state: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ReceiptRow(Base):
    """A receipt that was printed; the same sum printed again on the same day is the same receipt."""

    __tablename__ = "receipt"
    __table_args__ = (CheckConstraint("amount_minor >= 0", name="amount"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    amount_minor: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: left to the pen
    printed_at: Mapped[datetime]
