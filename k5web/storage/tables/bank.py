"""Mapped classes of what is paid at a bank: payments of its statements, invoices to organisations, receipts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.bank.invoice import InvoiceState
from k5web.storage.tables.base import STRICT, Base, quoted


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
        Index("ix_bank_payment_number_day", "document_no", "day"),
        Index("ix_bank_payment_day_amount", "day", "amount_minor"),
        Index(
            "ix_bank_payment_payer_inn",
            "payer_inn",
            "day",
            postgresql_where=text("payer_inn <> ''"),
            sqlite_where=text("payer_inn <> ''"),
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
    payer_inn: Mapped[str] = mapped_column(server_default=text("''"))
    purpose: Mapped[str]
    payer_hash: Mapped[bytes | None]  # keyed, of the account; empty: the bank did not tell it; none: an old row
    payer_bic: Mapped[str | None]
    recorded_at: Mapped[datetime]
    assigned_to: Mapped[int | None]
    assigned_at: Mapped[datetime | None]


class BankClosingRow(Base):
    """Money in suspense that is no subscriber's: why it left, beside its event `close <event>` of the house. Appended.

    A closing is undone by the reversal of its event; what was closed, undone and closed again has two rows.
    """

    __tablename__ = "bank_closing"
    __table_args__ = (Index("ix_bank_closing_payment", "owner_id", "origin", "key"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the house
    event: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]  # of the payment
    key: Mapped[str]
    counter: Mapped[str]  # the house account it went to
    reason: Mapped[str]
    actor: Mapped[str]
    rule_id: Mapped[int | None]
    closed_at: Mapped[datetime]


class BankRuleRow(Base):
    """Which payments of suspense are closed without a person: by who pays, and by words of the purpose."""

    __tablename__ = "bank_rule"
    __table_args__ = (CheckConstraint("payer <> '' OR words <> ''", name="asks"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    payer: Mapped[str]  # a tax number, or words of the name
    words: Mapped[str]  # of the purpose
    counter: Mapped[str]
    reason: Mapped[str]
    actor: Mapped[str]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class BankDoubtRow(Base):
    """A payment of a statement that differs from a known one in one part: not credited until a person says what it is.

    Who paid and what for is kept until then.
    """

    __tablename__ = "bank_doubt"
    __table_args__ = (
        UniqueConstraint("origin", "key"),
        Index("ix_bank_doubt_number_day", "document_no", "day"),
        Index("ix_bank_doubt_day_amount", "day", "amount_minor"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("state IN ('open', 'credited', 'joined')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        STRICT,
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str]  # the name that it would be credited by
    key: Mapped[str]
    document_no: Mapped[str]
    day: Mapped[date]
    received_on: Mapped[date]
    amount_minor: Mapped[int]
    words: Mapped[bytes]
    payer_hash: Mapped[bytes]
    payer_bic: Mapped[str]
    payer: Mapped[str]
    payer_inn: Mapped[str]
    purpose: Mapped[str]
    purpose_apart: Mapped[str]
    differs: Mapped[str]  # the part that differs
    known_origin: Mapped[str]  # the name of the payment that it may be
    known_key: Mapped[str]
    state: Mapped[str]
    recorded_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str]


class InvoiceRow(Base):
    """An invoice to an organisation, as it was made out. Numbers run without gaps over all owners."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("owner_id", "form_key"),
        Index("ix_invoice_number", "number"),  # given once by the allocator
        Index("ix_invoice_buyer_inn", "buyer_inn", "owner_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(f"state IN ({quoted(InvoiceState)})", name="state"),
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
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount"),
        Index("ix_receipt_day_amount", "day", "amount_minor", "owner_id"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    amount_minor: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: left to the pen
    printed_at: Mapped[datetime]
