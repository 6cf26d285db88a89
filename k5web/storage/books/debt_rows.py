"""Accounts below zero: rows in, owners and days out."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from k5web.storage.tables import AccountRow, PostingRow, SubscriberRow

_FELL = (
    select(func.max(PostingRow.day))
    .where(
        PostingRow.owner_id == AccountRow.owner_id,
        PostingRow.account_id == AccountRow.id,
        PostingRow.balance_minor < 0,
        PostingRow.balance_minor - PostingRow.amount_minor >= 0,
    )
    .scalar_subquery()
)
_BELOW = (
    select(AccountRow.owner_id, _FELL)
    .join(SubscriberRow, SubscriberRow.id == AccountRow.owner_id)
    .where(AccountRow.purpose == "main", AccountRow.balance_minor < 0, SubscriberRow.ended_at.is_(None))
)


def below_since(db: Session, owner_id: int) -> date | None:
    """Return the day since which an owner's main account is below zero, None where it is not."""
    return next((day for _, day in db.execute(_BELOW.where(AccountRow.owner_id == owner_id))), None)


def below_zero(db: Session) -> list[tuple[int, date]]:
    """Return whose main account is below zero while the contract goes on, and the day since which it is."""
    return [(owner_id, day) for owner_id, day in db.execute(_BELOW.order_by(AccountRow.owner_id)) if day is not None]
