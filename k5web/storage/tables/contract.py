"""Mapped classes of the contract: its documents, who accepted them, how it ends, what is refunded after it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.accounts.ending import ENDED_BY
from k5web.storage.tables.base import STRICT, Base, quoted


class ContractDocumentRow(Base):
    """A version of a document of the contract, published whole and never edited."""

    __tablename__ = "contract_document"
    __table_args__ = (
        UniqueConstraint("kind", "number"),
        CheckConstraint("kind IN ('offer', 'terms')", name="kind"),
        CheckConstraint("number > 0", name="number"),
        STRICT,
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    number: Mapped[int]
    is_worse: Mapped[bool]
    effective_from: Mapped[datetime]
    content: Mapped[dict[str, Any]]  # title, sections, least payments: as Document.content has them
    digest: Mapped[bytes]  # SHA-256 of all that the document says
    published_at: Mapped[datetime]
    actor: Mapped[str]


class AcceptanceRow(Base):
    """A subscriber accepted a version of a document. Appended, never changed."""

    __tablename__ = "acceptance"
    __table_args__ = (
        CheckConstraint("way IN ('registration', 'use', 'payment')", name="way"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    way: Mapped[str]


class ContractEndRow(Base):
    """A contract that ends, or ended: by whom, and its last day. One at a time is not withdrawn."""

    __tablename__ = "contract_end"
    __table_args__ = (
        CheckConstraint(f"why IN ({quoted(ENDED_BY)})", name="why"),
        Index(
            "uq_contract_end_standing",
            "owner_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
            sqlite_where=text("withdrawn_at IS NULL"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … of this owner
    why: Mapped[str]
    applied_at: Mapped[datetime]
    last_day: Mapped[date]
    actor: Mapped[str]
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class RefundApplicationRow(Base):
    """An application for the unused advance after the contract; one at a time is open. Units: minor."""

    __tablename__ = "refund_application"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("paid_at IS NULL OR declined_at IS NULL", name="once"),
        Index(
            "uq_refund_application_open",
            "owner_id",
            unique=True,
            postgresql_where=text("paid_at IS NULL AND declined_at IS NULL"),
            sqlite_where=text("paid_at IS NULL AND declined_at IS NULL"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … of this owner
    amount_minor: Mapped[int]
    unit: Mapped[str]
    recipient: Mapped[str]
    account: Mapped[str]
    bank: Mapped[str]
    applied_at: Mapped[datetime]
    due_on: Mapped[date]
    paid_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    actor: Mapped[str | None]  # who paid or declined
    document: Mapped[str | None]  # the payment order, or why it was declined
