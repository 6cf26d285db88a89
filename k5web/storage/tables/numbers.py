"""Mapped classes of the stock of numbers to rent, and of what became of each of them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.accounts.stock_number import CODES, DIGITS, NumberState
from k5web.storage.tables.base import STRICT, Base, quoted


class NumberRow(Base):
    """One number of the stock and where it stands. A small list, the same on every node."""

    __tablename__ = "number"
    __table_args__ = (
        CheckConstraint(f"length(digits) = {DIGITS} AND substr(digits, 1, 4) = '7' || code", name="digits"),
        CheckConstraint(f"code IN ({quoted(CODES)})", name="code"),
        CheckConstraint(f"state IN ({quoted(NumberState)})", name="state"),
        CheckConstraint("(state IN ('reserved', 'rented')) = (owner_id IS NOT NULL)", name="owner"),
        CheckConstraint("(state = 'reserved') = (reserved_until IS NOT NULL)", name="reserved"),
        CheckConstraint("(state = 'quarantine') = (quarantine_until IS NOT NULL)", name="quarantine"),
        CheckConstraint("rings IS NULL OR state = 'rented'", name="rings"),
        Index("ix_number_code", "code", "digits"),
        Index("ix_number_owner_id", "owner_id"),
        Index(
            "uq_number_reserved",
            "owner_id",
            unique=True,
            postgresql_where=text("state = 'reserved'"),
            sqlite_where=text("state = 'reserved'"),
        ),
        STRICT,
    )
    digits: Mapped[str] = mapped_column(primary_key=True)  # E.164
    code: Mapped[str]
    is_beautiful: Mapped[bool]
    state: Mapped[str]
    owner_id: Mapped[int | None]
    since: Mapped[datetime]  # in this state
    reserved_until: Mapped[datetime | None]
    quarantine_until: Mapped[datetime | None]
    changes: Mapped[int]  # of its state; who changes it names the count that was seen, so one of two is too late
    rings: Mapped[str | None]  # E.164 digits that its callers reach; none: its subscriber


class NumberChangeRow(Base):
    """One change of a number's state, with its subscriber or the house. Appended, never changed."""

    __tablename__ = "number_change"
    __table_args__ = (
        CheckConstraint(f"state IN ({quoted(NumberState)})", name="state"),
        Index("ix_number_change_digits", "digits", "n"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digits: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0, 1, 2 … of this number
    state: Mapped[str]  # since then
    at: Mapped[datetime]
    actor: Mapped[str]
    order_key: Mapped[str]  # of the event that took the fee; empty where none was taken
