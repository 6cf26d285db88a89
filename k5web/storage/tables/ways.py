"""Mapped classes of the other ways to order a call: programs, and how often anybody may ask."""

from datetime import datetime

from sqlalchemy import Index
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
