"""Mapped classes of acts: a month's services, whether a signed original is wanted, how far acts are issued."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.books.service import ServiceKind
from k5web.storage.tables.base import STRICT, Base, quoted


class ActRow(Base):
    """An act as it was made out. Appended, never changed: a corrected one is the next version of its month.

    Whom it names is read from the particulars of that time: an erasure of them leaves the act, without a name.
    """

    __tablename__ = "act"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "account_id"], ["account.owner_id", "account.id"]),
        Index("ix_act_year_number", "year", "number"),  # given once by the allocator
        CheckConstraint("version > 0", name="version"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 …
    year: Mapped[int]
    number: Mapped[int]  # without gaps in a year, over all owners
    day: Mapped[date]
    contract: Mapped[str]
    contract_day: Mapped[date]
    operator: Mapped[dict[str, Any]]  # its particulars of the day
    currency: Mapped[str]
    total_minor: Mapped[int]
    account_id: Mapped[int]
    upto_seq: Mapped[int]  # the posting up to which the month is counted
    issued_at: Mapped[datetime]


class ActLineRow(Base):
    """One line of an act. Appended, never changed. Units: `price_minor`, `amount_minor`."""

    __tablename__ = "act_line"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "month", "version"], ["act.owner_id", "act.month", "act.version"]),
        CheckConstraint(f"kind IN ({quoted(ServiceKind)})", name="kind"),
        CheckConstraint("quantity > 0 AND quantity * price_minor = amount_minor", name="amount"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    title: Mapped[str]
    quantity: Mapped[int]
    price_minor: Mapped[int]
    amount_minor: Mapped[int]
    pieces: Mapped[int]
    seconds: Mapped[int]


class ActOriginalRow(Base):
    """A signed original on paper that a subscriber wants, and when it was sent."""

    __tablename__ = "act_original"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "month", "version"], ["act.owner_id", "act.month", "act.version"]),
        CheckConstraint("(sent_on IS NULL) = (actor IS NULL)", name="sent"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wanted_at: Mapped[datetime]
    sent_on: Mapped[date | None]
    document: Mapped[str | None]  # the postal number, or how it was handed over
    actor: Mapped[str | None]


class ActBookRow(Base):
    """How far acts are issued: the only row."""

    __tablename__ = "act_book"
    __table_args__ = (CheckConstraint("id = 1", name="one"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_month: Mapped[date]  # for which acts were to be issued
    next_month: Mapped[date]  # the first that is not issued to everybody yet
    searched_at: Mapped[datetime | None]  # all that the ledger had left behind by then is corrected
