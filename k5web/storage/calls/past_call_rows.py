"""Calls as their owner looks back at them: whom they called last, what was settled in a month."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallOrder, CallState
from k5web.storage.calls.call_rows import CALL, order_of
from k5web.storage.sql import WholeSeconds, first_of


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


def talked_between(db: Session, owner_id: int, edges: Sequence[datetime]) -> list[int]:
    """Return how long both talked in the calls that were ordered between each two edges. Units: seconds, of each call
    the whole ones."""
    within = [and_(CALL.c.ordered_at >= since, CALL.c.ordered_at < until) for since, until in pairwise(edges)]
    span = case(*((condition, at) for at, condition in enumerate(within)))
    found = (
        select(span, func.sum(WholeSeconds(CALL.c.b_answered_at, CALL.c.ended_at)))
        .where(CALL.c.owner_id == owner_id, CALL.c.ordered_at >= edges[0], CALL.c.ordered_at < edges[-1])
        .where(CALL.c.ended_at > CALL.c.b_answered_at)
        .group_by(span)
    )
    talked = {at: int(seconds) for at, seconds in db.execute(found)}
    return [talked.get(at, 0) for at in range(len(within))]
