"""How many SMS went where within an hour, and what they cost in a day: in the database, for all processes together."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import SmsCountRow, SmsDayRow


def times(db: Session, scope: str, subject: str, now: datetime) -> list[datetime]:
    """Return when this subject had SMS sent; until the transaction ends nobody else counts it."""
    new = {"scope": scope, "subject": subject, "times": {"at": []}, "last_at": now}
    db.execute(insert_or_nothing(SmsCountRow, "scope", "subject").values(**new))
    kept = db.scalars(select(SmsCountRow.times).where(*_of(scope, subject)).with_for_update()).one()
    return [datetime.fromisoformat(at) for at in kept["at"]]


def keep_times(db: Session, scope: str, subject: str, counted: Sequence[datetime], now: datetime) -> None:
    """Write down when this subject had SMS sent."""
    kept = {"at": [at.isoformat() for at in counted]}
    db.execute(update(SmsCountRow).where(*_of(scope, subject)).values(times=kept, last_at=now))


def spend(db: Session, day: date, cost_minor: int, most_minor: int) -> bool:
    """Book what a message costs; False where the day's money does not suffice, and nothing is booked."""
    db.execute(insert_or_nothing(SmsDayRow, "day").values(day=day, cost_minor=0))
    fits = (SmsDayRow.day == day, SmsDayRow.cost_minor + cost_minor <= most_minor)
    booked = update(SmsDayRow).where(*fits).values(cost_minor=SmsDayRow.cost_minor + cost_minor)
    return db.execute(booked.returning(SmsDayRow.day)).first() is not None


def spent(db: Session, day: date) -> int:
    """Return what the day's SMS cost so far."""
    return db.scalar(select(SmsDayRow.cost_minor).where(SmsDayRow.day == day)) or 0


def forget(db: Session, before: datetime) -> None:
    """Delete counts that hold nobody up any more."""
    db.execute(delete(SmsCountRow).where(SmsCountRow.last_at < before))


def _of(scope: str, subject: str) -> tuple[Any, Any]:
    return SmsCountRow.scope == scope, SmsCountRow.subject == subject
