"""When staff read a subscriber's personal data."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from k5web.storage.sql import next_of
from k5web.storage.tables import StaffAccessRow


@dataclass(frozen=True, slots=True)
class StaffAccess:
    """Who read the data of one subscriber, when, by which command and what for."""

    at: datetime
    actor: str
    command: str
    purpose: str


def add(db: Session, owner_id: int, access: StaffAccess) -> None:
    """Append one. The caller holds the account's lock."""
    row = StaffAccessRow(
        owner_id=owner_id,
        n=next_of(db, StaffAccessRow, owner_id),
        at=access.at,
        actor=access.actor,
        command=access.command,
        purpose=access.purpose,
    )
    db.add(row)
    db.flush()


def history(db: Session, owner_id: int) -> list[StaffAccess]:
    """Return every one, oldest first."""
    rows = db.scalars(select(StaffAccessRow).where(StaffAccessRow.owner_id == owner_id).order_by(StaffAccessRow.n))
    return [_access(row) for row in rows]


def newest(db: Session, owner_id: int, before_n: int | None, limit: int) -> list[tuple[int, StaffAccess]]:
    """Return the same with their numbers, newest first, paged by key."""
    found = select(StaffAccessRow).where(StaffAccessRow.owner_id == owner_id)
    if before_n is not None:
        found = found.where(StaffAccessRow.n < before_n)
    rows = db.scalars(found.order_by(StaffAccessRow.n.desc()).limit(limit))
    return [(row.n, _access(row)) for row in rows]


def _access(row: StaffAccessRow) -> StaffAccess:
    return StaffAccess(row.at, row.actor, row.command, row.purpose)
