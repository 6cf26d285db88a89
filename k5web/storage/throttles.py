"""How often somebody did what may be done only so often: in the database, not in one worker's memory."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from k5web.domain.throttle import Throttle
from k5web.errors import TooOften
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import ThrottleRow


def book(db: Session, scope: str, subject: str, throttle: Throttle, now: datetime) -> None:
    """Book one more time for this subject. Raises: TooOften (nothing was booked)."""
    db.execute(insert_or_nothing(ThrottleRow).values(scope=scope, subject=subject, booked_until=now))
    row = db.scalars(
        select(ThrottleRow)
        .where(ThrottleRow.scope == scope, ThrottleRow.subject == subject)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if wait := throttle.wait(row.booked_until, now):
        raise TooOften(wait_s=-(-wait // timedelta(seconds=1)))
    row.booked_until = throttle.book(row.booked_until, now)
    db.flush()


def forget(db: Session, before: datetime) -> None:
    """Delete bookings that are past: they hold nobody up any more."""
    db.execute(delete(ThrottleRow).where(ThrottleRow.booked_until < before))
