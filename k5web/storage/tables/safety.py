"""Mapped classes of safety: what an account may call, how much of it, what was refused."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base


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
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
    last_at: Mapped[datetime]
