"""Mapped classes of safety: what an account may call, how much of it, what was refused, what is stopped."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.calls.fraud import AlarmKind, Decision
from k5web.domain.calls.stops import StopKind
from k5web.storage.tables.base import STRICT, Base, quoted

IS_LISTED = text("lifted_at IS NULL")
WAITS = text("decided_at IS NULL")


class CallLimitRow(Base):
    """How much an account may call, where it is not what everybody may. Units: minor units of its account."""

    __tablename__ = "call_limit"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    daily_minor: Mapped[int | None]
    costly_minor: Mapped[int | None]
    first_day_minor: Mapped[int | None]
    unanswered_an_hour: Mapped[int | None]


class OwnLimitRow(Base):
    """A limit that the subscriber set, by its key (`domain/calls/own_limit.py`); None is no limit."""

    __tablename__ = "own_limit"
    __table_args__ = (CheckConstraint("amount >= 0 AND next_amount >= 0", name="amounts"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int | None]
    next_amount: Mapped[int | None]  # counts from then on
    next_from: Mapped[datetime | None]


class OpenedDirectionRow(Base):
    """A direction that staff opened for an account: a kind (satellite …) or a prefix."""

    __tablename__ = "opened_direction"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    direction: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime]


class RefusalRow(Base):
    """How often an account's orders were refused for safety, by the code of the refusal."""

    __tablename__ = "refusal"
    __table_args__ = (Index("ix_refusal_last_at", "last_at"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
    last_at: Mapped[datetime]


class CallStopRow(Base):
    """An entry of the operator's stop-list. It is lifted, never deleted: who set it and who lifted it stays."""

    __tablename__ = "call_stop"
    __table_args__ = (
        Index("uq_call_stop_listed", "kind", "what", unique=True, postgresql_where=IS_LISTED, sqlite_where=IS_LISTED),
        CheckConstraint(f"kind IN ({quoted(StopKind)})", name="kind"),
        CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL)", name="lifted"
        ),
        STRICT,
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    what: Mapped[str]  # digits of a number or prefix, or a subscriber's id
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    lift_reason: Mapped[str | None]


class FraudAlarmRow(Base):
    """A sign that somebody else uses an account, with the numbers that made it and what staff made of it."""

    __tablename__ = "fraud_alarm"
    __table_args__ = (
        Index("uq_fraud_alarm_waiting", "owner_id", "kind", unique=True, postgresql_where=WAITS, sqlite_where=WAITS),
        Index("ix_fraud_alarm_waiting", "raised_at", postgresql_where=WAITS, sqlite_where=WAITS),
        Index("ix_fraud_alarm_raised_at", "raised_at", "owner_id", "n"),
        CheckConstraint(f"kind IN ({quoted(AlarmKind)})", name="kind"),
        CheckConstraint(f"decision IN ({quoted(Decision)})", name="decision"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (decision IS NULL)", name="decided"
        ),
        CheckConstraint("(stop_n IS NOT NULL) = (decision IS NOT NULL AND decision = 'stopped')", name="stop"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    raised_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision: Mapped[str | None]
    reason: Mapped[str | None]
    stop_n: Mapped[int | None]  # the entry of the stop-list that was made
    undone_at: Mapped[datetime | None]  # that entry was lifted again
    undone_by: Mapped[str | None]
