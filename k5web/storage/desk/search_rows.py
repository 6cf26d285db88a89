"""What the desk asks of several wings' tables at once: payments of a sum and day, and what went back of a payment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.money import Money
from k5web.storage.books.ledger import posting_of
from k5web.storage.sql import same_event
from k5web.storage.tables import PostingRow, TransactionRow
from k5web.storage.tables.books import IS_PAYMENT

Place = tuple[int, int, int]  # owner, account, seq: where a list of postings stands


@dataclass(frozen=True, slots=True)
class WentBack:
    """An event that took back a payment, or a part of it. `amount` is below zero."""

    name: EventName
    at: datetime
    actor: str
    amount: Money


def payments_of(db: Session, day: date, minor: int, after: Place | None, limit: int) -> list[Posting]:
    """Return the payments of this sum that were posted on a day, those in suspense too, by owner and account."""
    key = (PostingRow.owner_id, PostingRow.account_id, PostingRow.seq)
    which = (PostingRow.day == day, PostingRow.amount_minor == minor, text(IS_PAYMENT))
    found = select(PostingRow.__table__).where(*which)
    if after is not None:
        found = found.where(tuple_(*key) > tuple_(*after))
    return [posting_of(row) for row in db.execute(found.order_by(*key).limit(limit))]


def payments_on(db: Session, day: date, after: Place | None, limit: int) -> list[Posting]:
    """Return all payments that were posted on a day, those in suspense too, by owner and account."""
    key = (PostingRow.owner_id, PostingRow.account_id, PostingRow.seq)
    found = select(PostingRow.__table__).where(PostingRow.day == day, text(IS_PAYMENT))
    if after is not None:
        found = found.where(tuple_(*key) > tuple_(*after))
    return [posting_of(row) for row in db.execute(found.order_by(*key).limit(limit))]


def went_back(db: Session, owner_id: int, name: EventName) -> list[WentBack]:
    """Return the reversal, refunds and chargebacks of a payment, oldest first."""
    rows = db.execute(_backs(owner_id, name).order_by(TransactionRow.recorded_at, TransactionRow.key))
    return list(_told(rows))


def _backs(owner_id: int, name: EventName) -> Any:
    return (
        select(TransactionRow, PostingRow.amount_minor, PostingRow.unit)
        .join(PostingRow, same_event(PostingRow, TransactionRow))
        .where(TransactionRow.owner_id == owner_id, TransactionRow.reverses_origin == name.origin)
        .where(TransactionRow.reverses_key == name.key)
    )


def _told(rows: Iterable[Any]) -> Iterable[WentBack]:
    for row, minor, unit in rows:
        yield WentBack(EventName(row.origin, row.key), row.recorded_at, row.actor, Money(minor, unit))
