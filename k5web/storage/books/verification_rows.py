"""How the ledger came out when all its invariants were asked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import VerificationRow
from k5web.storage.values import columns_of, value_of


@dataclass(frozen=True, slots=True)
class Verification:
    """One look at the whole ledger."""

    at: datetime
    actor: str
    breaches: int
    first: str = ""  # the first breach in words


def add(db: Session, verification: Verification) -> None:
    """Write down how it came out."""
    db.execute(insert_or_nothing(VerificationRow, "at", "actor").values(**columns_of(verification)))


def last(db: Session) -> Verification | None:
    """Return the last one; None where there was none."""
    row = db.scalar(select(VerificationRow).order_by(VerificationRow.at.desc()).limit(1))
    return value_of(Verification, row) if row else None
