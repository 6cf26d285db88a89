"""Mapped classes of personal data: what subscribers told of themselves, their consent, and which staff looked."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base


class PersonalDataRow(Base):
    """What a subscriber told of themselves, one row for each time; the newest counts. Deleted only by an erasure."""

    __tablename__ = "personal_data"
    __table_args__ = (
        CheckConstraint("what IN ('person', 'organisation', 'email')", name="what"),
        Index(
            "ix_personal_data_inn",
            "inn",
            "owner_id",
            postgresql_where=text("inn <> ''"),
            sqlite_where=text("inn <> ''"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … of this owner
    what: Mapped[str]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    actor: Mapped[str]  # subscriber, staff:…
    inn: Mapped[str] = mapped_column(server_default=text("''"))  # of the facts; empty where they have none


class ConsentRow(Base):
    """One time that a subscriber gave or withdrew a consent. Appended, never changed."""

    __tablename__ = "consent"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … of this owner
    version: Mapped[int]  # of the text
    is_given: Mapped[bool]
    at: Mapped[datetime]
    way: Mapped[str]  # invitation, sms, page


class StaffAccessRow(Base):
    """One time that staff read a subscriber's personal data. Appended, never changed."""

    __tablename__ = "staff_access"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … of this owner
    at: Mapped[datetime]
    actor: Mapped[str]  # staff:…
    command: Mapped[str]
    purpose: Mapped[str]  # in the reader's words; may be empty
