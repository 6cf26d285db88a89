"""Versions of price lists and plans that were taken back before they took force."""

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from k5web.domain.prices.price_draft import Priced, Withdrawal
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import PriceWithdrawalRow
from k5web.storage.values import columns_of, value_of


def stands(subject: Priced, version_id: Any) -> ColumnElement[bool]:
    """Return the condition that a version was not taken back."""
    row = PriceWithdrawalRow
    return ~exists().where(row.subject == subject, row.version_id == version_id)


def add(db: Session, withdrawal: Withdrawal) -> bool:
    """Note that a version is taken back; False where it was before."""
    adding = insert_or_nothing(PriceWithdrawalRow, "subject", "version_id").values(**columns_of(withdrawal))
    return db.execute(adding.returning(PriceWithdrawalRow.version_id)).first() is not None


def of(db: Session, subject: Priced) -> dict[int, Withdrawal]:
    """Return what was taken back of price lists, or of plans, by the number of the version."""
    found = db.scalars(select(PriceWithdrawalRow).where(PriceWithdrawalRow.subject == subject))
    return {row.version_id: value_of(Withdrawal, row, subject=subject) for row in found}


def is_withdrawn(db: Session, subject: Priced, version_id: int) -> bool:
    """Return whether a version was taken back."""
    return db.get(PriceWithdrawalRow, (subject, version_id)) is not None


def count(db: Session, subject: Priced, name: str) -> int:
    """Return how many versions of a list or a plan were taken back."""
    row = PriceWithdrawalRow
    return db.scalar(select(func.count()).select_from(row).where(row.subject == subject, row.name == name)) or 0
