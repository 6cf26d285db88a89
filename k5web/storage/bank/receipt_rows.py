"""Receipts that were printed: rows in, domain values out."""

from datetime import date, datetime
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from k5web.domain.bank.receipt import Printed
from k5web.domain.money import Money
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import ReceiptRow

RECEIPT = cast(Table, ReceiptRow.__table__)
_ADD = insert_or_nothing(RECEIPT, "owner_id", "day", "amount_minor")


def add(db: Session, owner_id: int, printed: Printed, now: datetime) -> None:
    """Note that it was printed; the same one again is the same."""
    minor = printed.amount.minor if printed.amount else 0
    db.execute(_ADD, {"owner_id": owner_id, "day": printed.day, "amount_minor": minor, "printed_at": now})


def newest(db: Session, owner_id: int, limit: int) -> list[Printed]:
    """Return the owner's receipts, newest first."""
    found = select(ReceiptRow).where(ReceiptRow.owner_id == owner_id)
    newest_first = found.order_by(ReceiptRow.day.desc(), ReceiptRow.printed_at.desc()).limit(limit)
    return [_printed(row.day, row.amount_minor) for row in db.scalars(newest_first)]


def of_sum(db: Session, day: date, minor: int, limit: int) -> list[int]:
    """Return whose receipts of this day and sum were printed."""
    found = select(ReceiptRow.owner_id).where(ReceiptRow.day == day, ReceiptRow.amount_minor == minor)
    return list(db.scalars(found.order_by(ReceiptRow.owner_id).limit(limit)))


def _printed(day: date, minor: int) -> Printed:
    return Printed(day, Money(minor) if minor else None)
