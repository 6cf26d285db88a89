"""Mapped classes of the operator's desk: its people, their log-ins, what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base


class StaffRow(Base):
    """A member of the operator's staff."""

    __tablename__ = "staff"
    __table_args__ = (STRICT,)
    login: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    roles: Mapped[str]  # words, in their order, with spaces between
    password_hash: Mapped[str]
    code_secret: Mapped[bytes]  # of the one-time codes, enciphered
    code_step: Mapped[int]  # the newest half-minute whose code was used: none is good twice
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    ended_at: Mapped[datetime | None]


class StaffSessionRow(Base):
    """A log-in of the staff on one browser."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_login", "login"), STRICT)
    selector: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("staff.login"))
    validator_hash: Mapped[bytes]  # SHA-256
    browser: Mapped[str]
    place: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AuditRow(Base):
    """A deed of the staff, written down before it begins, or (with `begun`) how it ended. Appended, never changed."""

    __tablename__ = "audit"
    __table_args__ = (
        UniqueConstraint("begun"),
        Index("ix_audit_at", "at"),
        Index("ix_audit_actor_id", "actor", "id"),
        Index("ix_audit_owner_id_id", "owner_id", "id"),
        STRICT,
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    begun: Mapped[int | None]  # the row of the deed that this one ends
    at: Mapped[datetime]
    actor: Mapped[str]  # staff:…
    action: Mapped[str]
    owner_id: Mapped[int | None]  # the subscriber it is about
    reason: Mapped[str]
    facts: Mapped[dict[str, Any]]
    outcome: Mapped[str]  # "" of a beginning; done, failed, the code of a refusal


class WorkTickRow(Base):
    """Somebody has dealt with a thing of the work that waits. Appended, never changed."""

    __tablename__ = "work_tick"
    __table_args__ = (Index("ix_work_tick_kind_at", "kind", "at"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: nobody's
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    reason: Mapped[str]
