"""Mapped classes of the contract: its documents, and who accepted them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base


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
