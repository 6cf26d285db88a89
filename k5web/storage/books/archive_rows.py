"""What leaves for the archive: sealed days, read owner by owner; and the list of the files that were made."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from k5web.storage.books.ledger_sql import POSTING
from k5web.storage.books.seal_rows import CLOSE
from k5web.storage.sql import be_patient, insert_or_nothing
from k5web.storage.tables import ArchiveRow
from k5web.storage.values import columns_of, value_of


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """A file that was made of a month: the same month makes the same bytes again."""

    month: date  # its first day
    name: str
    digest: bytes  # SHA-256 of the file
    size_bytes: int
    postings: int
    seal: bytes  # of the month's last day
    made_at: datetime
    actor: str


def owners_closed(db: Session, since: date | None, until: date, above: int, limit: int) -> list[int]:
    """Return owners with an account that was closed after one day and until another, in order, from the one above."""
    days = (CLOSE.c.day > since if since else true(), CLOSE.c.day <= until)
    found = select(CLOSE.c.owner_id).where(*days, CLOSE.c.owner_id > above).distinct()
    return list(db.scalars(found.order_by(CLOSE.c.owner_id).limit(limit)))


def count_postings(db: Session, since: date | None, until: date) -> int:
    """Return how many postings were made after one day and until another."""
    be_patient(db)
    after = POSTING.c.day > since if since else true()
    return db.execute(select(func.count()).select_from(POSTING).where(after, POSTING.c.day <= until)).scalar_one()


def add(db: Session, made: ArchiveFile) -> None:
    """List a file; one of the same month that is listed stays."""
    db.execute(insert_or_nothing(ArchiveRow, "month").values(**columns_of(made)))


def every(db: Session) -> list[ArchiveFile]:
    """Return the files that were made, the oldest month first."""
    return [value_of(ArchiveFile, row) for row in db.scalars(select(ArchiveRow).order_by(ArchiveRow.month))]
