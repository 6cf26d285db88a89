"""Mapped classes of the other ways to order a call: programs, missed calls, buttons of sites; and everybody's pace."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base


class ApiTokenRow(Base):
    """A token of a subscriber's own program: `k5_selector.validator`, the validator kept as SHA-256."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_owner_id", "owner_id"), STRICT)
    selector: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    validator_hash: Mapped[bytes]
    name: Mapped[str]
    may_call: Mapped[bool]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PaceRow(Base):
    """How far ahead of the clock somebody has booked what may be done only so often (domain/pace.py)."""

    __tablename__ = "pace"
    __table_args__ = (STRICT,)
    scope: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    booked_until: Mapped[datetime]


class ContactRow(Base):
    """Whom an access number rings for this subscriber, and the terms they agreed to."""

    __tablename__ = "contact"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    access: Mapped[str] = mapped_column(primary_key=True)  # E.164 digits
    number: Mapped[str]
    name: Mapped[str]
    agreed_micro: Mapped[int]  # the first minute
    currency: Mapped[str]
    agreed: Mapped[dict[str, Any] | None]  # both rates; none where only the minute's price was kept


class MissedCallRow(Base):
    """A call that the switch refused as busy; named by the switch's record, so it is called back once."""

    __tablename__ = "missed_call"
    __table_args__ = (
        Index("ix_missed_call_owner_id_at", "owner_id", "at"),
        Index(
            "ix_missed_call_new",
            "at",
            postgresql_where=text("outcome IS NULL"),
            sqlite_where=text("outcome IS NULL"),
        ),
        STRICT,
    )
    switch: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)
    caller: Mapped[str]
    access: Mapped[str]
    at: Mapped[datetime]
    owner_id: Mapped[int | None]  # once the caller is known
    outcome: Mapped[str | None]
    call_id: Mapped[str | None]


class WidgetRow(Base):
    """A button «Звонок с сайта» and how many calls it ordered today."""

    __tablename__ = "widget"
    __table_args__ = (
        Index("ix_widget_owner_id", "owner_id"),
        CheckConstraint("calls_a_day > 0 AND dearest_micro >= 0 AND today >= 0", name="limits"),
        STRICT,
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    label: Mapped[str]
    sites: Mapped[str]  # origins, a space between two
    dearest_micro: Mapped[int]
    currency: Mapped[str]
    calls_a_day: Mapped[int]
    is_on: Mapped[bool]
    created_at: Mapped[datetime]
    day: Mapped[date]
    today: Mapped[int]
