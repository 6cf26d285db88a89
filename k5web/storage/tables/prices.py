"""Mapped classes of price lists and plans."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.prices.objection import SUBJECTS
from k5web.domain.prices.price_draft import PRICED, DraftState
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
    """A version of a plan, published whole and never edited; the latest that has begun is in force.

    `edition` tells versions of one day apart: the earlier ones were withdrawn.
    """

    __tablename__ = "plan_version"
    __table_args__ = (UniqueConstraint("code", "effective_from", "edition"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    code: Mapped[str]
    effective_from: Mapped[datetime]
    plan_text: Mapped[str]  # the plan's file
    groups_text: Mapped[str]  # the file of its direction groups
    digest: Mapped[bytes]  # SHA-256 of both
    published_at: Mapped[datetime]
    actor: Mapped[str]
    edition: Mapped[int] = mapped_column(server_default=text("1"))


class PriceWithdrawalRow(Base):
    """A version was taken back before it took force: it stays as it was published, and never counts."""

    __tablename__ = "price_withdrawal"
    __table_args__ = (CheckConstraint(f"subject IN ({quoted(PRICED)})", name="subject"), STRICT)
    subject: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]  # of the price list, or the code of the plan
    withdrawn_at: Mapped[datetime]
    actor: Mapped[str]
    reason: Mapped[str]


class PriceDraftRow(Base):
    """A file of prices that somebody uploaded and nobody has published yet, with what was shown of it."""

    __tablename__ = "price_draft"
    __table_args__ = (
        CheckConstraint(f"subject IN ({quoted(PRICED)})", name="subject"),
        CheckConstraint(f"state IN ({quoted(DraftState)})", name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(state = 'published') = (version_id IS NOT NULL)", name="version"),
        Index(
            "uq_price_draft_open",
            "subject",
            "name",
            "effective",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        STRICT,
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject: Mapped[str]
    name: Mapped[str]
    effective: Mapped[date]
    file: Mapped[str]
    content: Mapped[bytes]
    options: Mapped[dict[str, Any]]
    shown: Mapped[dict[str, Any]]  # what the check found: the difference, its effect, what it was compared with
    state: Mapped[str]
    drafted_by: Mapped[str]
    drafted_at: Mapped[datetime]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    version_id: Mapped[int | None]


class MarginDayRow(Base):
    """A day whose calls are summed by direction: all of them are over."""

    __tablename__ = "margin_day"
    __table_args__ = (STRICT,)
    day: Mapped[date] = mapped_column(primary_key=True)
    summed_at: Mapped[datetime]


class MarginLineRow(Base):
    """What the settled calls of a day brought and cost by the direction of leg B. `known_`: of those whose cost is."""

    __tablename__ = "margin_line"
    __table_args__ = (ForeignKeyConstraint(["day"], ["margin_day.day"]), STRICT)
    day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)  # where leg B's price stands: "deck k5 3", "plan go 2"
    destination: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int]
    seconds: Mapped[int]  # of talk, of each call the whole ones
    revenue_minor: Mapped[int]
    known_calls: Mapped[int]
    known_seconds: Mapped[int]
    known_minor: Mapped[int]
    cost_minor: Mapped[int]  # of the calls whose cost is known


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
