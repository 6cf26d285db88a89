"""All calls as staff look through them: filtered, newest first, paged by key. Session in, domain values out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallOrder, CallState, split_call_id
from k5web.domain.calls.search import PLACING_UNKNOWN, UNSURE, CallSearch, after_prefix
from k5web.storage.calls.call_rows import CALL, order_of
from k5web.storage.sql import FactOf, NumberOfCall
from k5web.storage.tables import IncidentRow, IncidentTickRow

_KEY = (CALL.c.ordered_at, CALL.c.owner_id, CALL.c.n)
_IS_RESOLVED = (
    select(IncidentTickRow.at)
    .where(
        IncidentTickRow.owner_id == IncidentRow.owner_id,
        IncidentTickRow.kind == IncidentRow.kind,
        IncidentTickRow.reference == IncidentRow.reference,
    )
    .exists()
)
_IS_UNSURE = and_(IncidentRow.kind.in_([kind.value for kind in UNSURE]), ~_IS_RESOLVED)


def found(
    db: Session,
    search: CallSearch,
    span: tuple[datetime, datetime],
    now: datetime,
    before: CallOrder | None,
    limit: int,
) -> list[CallOrder]:
    """Return the calls ordered in a span that the search is for, newest first, those older than one of them."""
    wanted = select(CALL).where(CALL.c.ordered_at >= span[0], CALL.c.ordered_at < span[1], *_conditions(search))
    if search.is_unsure:
        wanted = wanted.where(_is_unsure(now))
    if before is not None:
        wanted = wanted.where(_is_before(before))
    return [order_of(row) for row in db.execute(wanted.order_by(*(each.desc() for each in _KEY)).limit(limit))]


def _conditions(search: CallSearch) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if search.owner_id is not None:
        conditions.append(CALL.c.owner_id == search.owner_id)
    if search.number:
        end = after_prefix(search.number)
        conditions.append(CALL.c.b_number >= search.number)
        conditions += [CALL.c.b_number < end] if end else []
    if search.direction:
        conditions.append(FactOf(CALL.c.b_rate, "destination") == search.direction)
    if search.trunk:
        tried = "," + CALL.c.trunks_a + "," + CALL.c.trunks_b + ","
        conditions.append(tried.contains(f",{search.trunk},", autoescape=True))
    if search.outcome is not None:
        conditions.append(CALL.c.outcome == search.outcome.value)
    return conditions


def _is_unsure(now: datetime) -> ColumnElement[bool]:
    """Return the condition that something about a call waits for a person, or that nobody knows whether it rings."""
    listed = select(IncidentRow.owner_id, NumberOfCall(IncidentRow.reference)).where(_IS_UNSURE)
    is_stuck = and_(CALL.c.state == CallState.PLACING.value, CALL.c.placing_at < now - PLACING_UNKNOWN)
    return or_(tuple_(CALL.c.owner_id, CALL.c.n).in_(listed), is_stuck)


def _is_before(call: CallOrder) -> ColumnElement[bool]:
    owner_id, n = split_call_id(call.id)
    is_same_moment = and_(CALL.c.ordered_at == call.ordered_at, tuple_(CALL.c.owner_id, CALL.c.n) < (owner_id, n))
    return and_(CALL.c.ordered_at <= call.ordered_at, or_(CALL.c.ordered_at < call.ordered_at, is_same_moment))


def doubts(db: Session, calls: Sequence[CallOrder]) -> dict[str, list[str]]:
    """Return which kinds of incidents about each of these calls wait for a person."""
    named = [(call.owner_id, call.id) for call in calls]
    asked = select(IncidentRow.reference, IncidentRow.kind).where(
        _IS_UNSURE, tuple_(IncidentRow.owner_id, IncidentRow.reference).in_(named)
    )
    kinds: dict[str, list[str]] = {}
    for reference, kind in db.execute(asked.order_by(IncidentRow.at)) if named else ():
        kinds.setdefault(reference, []).append(kind)
    return kinds
