"""How often somebody did what may be done only so often: in the base, not in one worker's memory."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from k5web.domain.pace import Pace
from k5web.errors import TooOften
from k5web.storage.tables import PaceRow


def book(db: Session, scope: str, subject: str, pace: Pace, now: datetime) -> None:
    """Book one more time for this subject. Raises: TooOften (nothing was booked)."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.execute(insert(PaceRow).values(scope=scope, subject=subject, booked_until=now).on_conflict_do_nothing())
    row = db.scalars(
        select(PaceRow)
        .where(PaceRow.scope == scope, PaceRow.subject == subject)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if wait := pace.wait(row.booked_until, now):
        raise TooOften(wait_s=-(-wait // timedelta(seconds=1)))
    row.booked_until = pace.book(row.booked_until, now)
    db.flush()


def forget(db: Session, before: datetime) -> None:
    """Delete bookings that are past: they hold nobody up any more."""
    db.execute(delete(PaceRow).where(PaceRow.booked_until < before))
