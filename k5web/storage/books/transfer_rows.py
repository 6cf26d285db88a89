"""Reading transfers between subscribers: what was sent today, what cards brought, who received."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Purse
from k5web.domain.books.transfer import RECEIVED, SENT, received_name
from k5web.domain.money import Money
from k5web.storage.sql import same_event
from k5web.storage.tables import PostingRow, TransactionRow


def sent_since(db: Session, purse: Purse, day: date) -> Money:
    """Return what the account sent to others on this day and later, taken back or not."""
    total = select(func.coalesce(func.sum(-PostingRow.amount_minor), 0)).where(
        PostingRow.owner_id == purse.owner_id,
        PostingRow.account_id == purse.account_id,
        PostingRow.day >= day,
        PostingRow.origin == SENT,
    )
    return Money(int(db.scalar(total) or 0), purse.balance.currency)


def brought_since(db: Session, purse: Purse, origins: Collection[str], since: datetime) -> Money:
    """Return what payments of these origins brought to the account since then."""
    total = (
        select(func.coalesce(func.sum(PostingRow.amount_minor), 0))
        .join(TransactionRow, same_event(TransactionRow, PostingRow))
        .where(PostingRow.owner_id == purse.owner_id, PostingRow.account_id == purse.account_id)
        .where(TransactionRow.origin.in_(origins), TransactionRow.recorded_at > since)
    )
    return Money(int(db.scalar(total) or 0), purse.balance.currency)


def receiver_of(db: Session, sender_id: int, sent: EventName) -> int | None:
    """Return who received what was sent under this name."""
    name = received_name(sender_id, sent)
    found = select(TransactionRow.owner_id).where(TransactionRow.origin == RECEIVED, TransactionRow.key == name.key)
    return db.scalar(found.limit(1))
