"""Mapped classes of price lists and plans."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.prices.objection import SUBJECTS
from k5web.storage.tables.base import STRICT, Base, quoted


class DeckRow(Base):
    """A version of a price list, published whole and never edited; the newest due one is in force."""

    __tablename__ = "deck"
    __table_args__ = (Index("ix_deck_name_effective_from", "name", "effective_from"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str]
    effective_from: Mapped[datetime]
    imported_at: Mapped[datetime]
    row_count: Mapped[int]
    source: Mapped[str]  # the file's name
    digest: Mapped[bytes]  # SHA-256 of the file


class RateRow(Base):
    """A published price of a prefix. Units: millionths of the major unit; `_s` seconds."""

    __tablename__ = "rate"
    __table_args__ = (
        ForeignKeyConstraint(["deck_id"], ["deck.id"]),
        CheckConstraint("price_micro >= 0 AND connect_fee_micro >= 0", name="prices"),
        CheckConstraint("increment_s > 0 AND minimum_s >= 0 AND free_below_s >= 0", name="steps"),
        STRICT,
    )
    deck_id: Mapped[int] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    destination: Mapped[str]
    price_micro: Mapped[int]
    currency: Mapped[str]
    increment_s: Mapped[int]
    minimum_s: Mapped[int]
    free_below_s: Mapped[int]
    connect_fee_micro: Mapped[int]
    is_blocked: Mapped[bool] = mapped_column(server_default=false())


class PlanVersionRow(Base):
    """A version of a plan, published whole and never edited; the latest that has begun is in force."""

    __tablename__ = "plan_version"
    __table_args__ = (UniqueConstraint("code", "effective_from"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    code: Mapped[str]
    effective_from: Mapped[datetime]
    plan_text: Mapped[str]  # the plan's file
    groups_text: Mapped[str]  # the file of its direction groups
    digest: Mapped[bytes]  # SHA-256 of both
    published_at: Mapped[datetime]
    actor: Mapped[str]


class ObjectionRow(Base):
    """A subscriber does not take a dearer or worse version; the contract ends unless something is agreed."""

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint(f"subject IN ({quoted(SUBJECTS)})", name="subject"),
        Index("ix_objection_ends_on", "ends_on"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(primary_key=True)  # of what: a plan, a price list
    version_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str]  # of the plan, or the name of the list
    objected_at: Mapped[datetime]
    actor: Mapped[str]
    ends_on: Mapped[date]  # the first day without a contract
