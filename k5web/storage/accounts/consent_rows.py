"""Consents that subscribers gave and withdrew."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from k5web.domain.accounts.consent import Consent
from k5web.storage.sql import next_of
from k5web.storage.tables import ConsentRow


def add(db: Session, owner_id: int, consent: Consent) -> None:
    """Append one. The caller holds the account's lock, or has just made the account."""
    row = ConsentRow(
        owner_id=owner_id,
        n=next_of(db, ConsentRow, owner_id),
        version=consent.version,
        is_given=consent.is_given,
        at=consent.at,
        way=consent.way,
    )
    db.add(row)
    db.flush()


def history(db: Session, owner_id: int) -> list[Consent]:
    """Return every one, oldest first."""
    rows = db.scalars(select(ConsentRow).where(ConsentRow.owner_id == owner_id).order_by(ConsentRow.n)).all()
    return [Consent(row.version, row.is_given, row.at, row.way) for row in rows]
