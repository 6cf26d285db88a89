"""Saved cards: masks and the provider's ids, never a number; rows in, domain values out."""

from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from k5web.domain.payments.auto_top_up import KeptCard
from k5web.domain.payments.top_up import SavedCard
from k5web.storage.sql import next_of
from k5web.storage.tables import SavedCardRow
from k5web.storage.values import columns_of, value_of


def keep(db: Session, owner_id: int, origin: str, card: SavedCard, now: datetime) -> None:
    """Write down a card that the provider keeps now; one that is known gets its newest expiry.

    A card that was removed stays removed until the payer saves it anew, which gives it another id.
    """
    known = _rows(db, SavedCardRow.owner_id == owner_id, SavedCardRow.origin == origin, SavedCardRow.card_id == card.id)
    if known:
        known[0].mask, known[0].expires = card.mask or known[0].mask, card.expires or known[0].expires
        return
    n = next_of(db, SavedCardRow, owner_id)
    row = columns_of(card, "id", owner_id=owner_id, n=n, origin=origin, card_id=card.id, added_at=now)
    db.execute(insert(SavedCardRow).values(**row))


def live(db: Session, owner_id: int) -> list[KeptCard]:
    """Return the owner's cards, oldest first."""
    return [_card(row) for row in _rows(db, SavedCardRow.owner_id == owner_id, SavedCardRow.removed_at.is_(None))]


def find(db: Session, owner_id: int, n: int) -> KeptCard | None:
    """Return one card of the owner's that may be charged."""
    which = (SavedCardRow.owner_id == owner_id, SavedCardRow.n == n, SavedCardRow.removed_at.is_(None))
    return next((_card(row) for row in _rows(db, *which)), None)


def find_by_id(db: Session, owner_id: int, origin: str, card_id: str) -> KeptCard | None:
    """Return the owner's card that the provider knows by this id, where it may be charged."""
    which = (SavedCardRow.owner_id == owner_id, SavedCardRow.origin == origin, SavedCardRow.card_id == card_id)
    return next((_card(row) for row in _rows(db, *which, SavedCardRow.removed_at.is_(None))), None)


def remove(db: Session, card: KeptCard, now: datetime, *, is_told: bool) -> None:
    """Never charge this card again; `is_told`: the provider knows."""
    told_at = now if is_told else None
    where = (SavedCardRow.owner_id == card.owner_id, SavedCardRow.n == card.n)
    db.execute(update(SavedCardRow).where(*where).values(removed_at=now, told_at=told_at))


def untold(db: Session, limit: int = 50) -> list[KeptCard]:
    """Return removed cards that the provider does not know of yet."""
    rows = _rows(db, SavedCardRow.removed_at.is_not(None), SavedCardRow.told_at.is_(None))
    return [_card(row) for row in rows[:limit]]


def _rows(db: Session, *which: ColumnElement[bool]) -> list[SavedCardRow]:
    return list(db.scalars(select(SavedCardRow).where(*which).order_by(SavedCardRow.owner_id, SavedCardRow.n)))


def _card(row: SavedCardRow) -> KeptCard:
    return value_of(KeptCard, row, id=row.card_id)
