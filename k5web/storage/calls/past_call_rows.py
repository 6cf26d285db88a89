"""Calls as their owner looks back at them: whom they called last, what was settled in a month."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallOrder, CallState
from k5web.storage.calls.call_rows import CALL, order_of
from k5web.storage.sql import first_of


def recent_numbers(db: Session, owner_id: int, limit: int) -> list[str]:
    """Return the numbers called last, newest first, each once."""
    found = (
        select(CALL.c.b_number)
        .where(CALL.c.owner_id == owner_id)
        .group_by(CALL.c.b_number)
        .order_by(func.max(CALL.c.n).desc())
        .limit(limit)
    )
    return list(db.scalars(found))


def last_to(db: Session, owner_id: int, b_number: str, at_once: bool) -> CallOrder | None:
    """Return the last call to a number that was ordered by the countdown, or by the button of the call page."""
    found = select(CALL).where(
        CALL.c.owner_id == owner_id,
        CALL.c.b_number == b_number,
        CALL.c.at_once == at_once,
        CALL.c.form_key.not_like("%:%"),  # widget:…, api:…, missed:…: no person typed the number
    )
    return first_of(db.execute(found.order_by(CALL.c.n.desc()).limit(1)), order_of)


def settled_between(db: Session, owner_id: int, since: datetime, until: datetime, limit: int) -> list[CallOrder]:
    """Return the owner's settled calls that were ordered in a span, the oldest first."""
    span = (CALL.c.owner_id == owner_id, CALL.c.ordered_at >= since, CALL.c.ordered_at < until)
    found = select(CALL).where(*span, CALL.c.state == CallState.SETTLED).order_by(CALL.c.n).limit(limit)
    return [order_of(row) for row in db.execute(found)]
