"""Counts of wrong passwords, by account, device and address."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from k5web.domain.accounts.login import Scope, Tally
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import LoginCountRow


def lock(db: Session, scope: Scope, subject: str, today: date) -> Tally:
    """Return today's count, kept from changing until the transaction ends; a new day starts from nothing."""
    fresh = {"day": today, "in_a_row": 0, "in_a_day": 0, "blocked_until": None}
    db.execute(insert_or_nothing(LoginCountRow).values(scope=scope, subject=subject, **fresh))
    row = db.scalars(
        select(LoginCountRow)
        .where(LoginCountRow.scope == scope, LoginCountRow.subject == subject)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.day != today:
        row.day, row.in_a_day = today, 0
    return Tally(scope, subject, row.in_a_row, row.in_a_day, row.blocked_until)


def write(db: Session, tally: Tally) -> None:
    """Keep the count; the row must be locked."""
    row = db.get_one(LoginCountRow, (tally.scope, tally.subject))
    row.in_a_row, row.in_a_day, row.blocked_until = tally.in_a_row, tally.in_a_day, tally.blocked_until
    db.flush()
