"""Calls as their owner looks back at them: whom they called last, what was settled in a month."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, literal_column, or_, select, true
from sqlalchemy.orm import Session

from k5web.domain.calls.call import OVER_STATES, CallKind, CallOrder, CallState, Cdr, split_call_id
from k5web.storage.calls.call_rows import CALL, IS_LIVE, cdr_of, order_of
from k5web.storage.sql import OneOf, first_of, whole_seconds, word
from k5web.storage.tables import CdrRow, ConversationLegRow

LOOKED_BACK: Final = 500  # calls of which the pages of the own list and of the last numbers know
# Written out: the partial index of such calls is found by it
_IS_TYPED = CALL.c.form_key.not_like(literal_column("'%:%'"))
_IS_ALONE = or_(
    CALL.c.kind == CallKind.CALLBACK,
    ~exists().where(
        ConversationLegRow.owner_id == CALL.c.owner_id,
        ConversationLegRow.switch == CALL.c.switch,
        ConversationLegRow.leg_uuid == CALL.c.asked_by,
    ),
)

# Built once: the page of each call asks it
_OWNED = CALL.c.owner_id == bindparam("of_owner", type_=CALL.c.owner_id.type)
_LAST_TALK = (
    select(CALL)
    .where(_OWNED, CALL.c.b_number == bindparam("of_b_number"), CALL.c.kind == word(CallKind.CALLBACK))
    .where(CALL.c.state == word(CallState.SETTLED), CALL.c.b_answered_at.is_not(None))
    .order_by(CALL.c.n.desc())
    .limit(1)
    .subquery()
)
_LIVE_AND_LAST = select(CALL).where(_OWNED, IS_LIVE).union_all(select(_LAST_TALK))


def newest(db: Session, owner_id: int) -> list[tuple[str, datetime]]:
    """Return whom an owner rang and when, newest first: those of the last `LOOKED_BACK` calls of any kind, so that a
    page of somebody with a hundred thousand costs no more."""
    last = (
        select(CALL.c.n, CALL.c.b_number, CALL.c.kind, CALL.c.ordered_at)
        .where(CALL.c.owner_id == owner_id)
        .order_by(CALL.c.n.desc())
        .limit(LOOKED_BACK)
        .subquery()
    )
    rang = last.c.kind.in_((CallKind.CALLBACK, CallKind.OUTGOING))
    found = select(last.c.b_number, last.c.ordered_at).where(rang).order_by(last.c.n.desc())
    return [(row[0], row[1]) for row in db.execute(found)]


def live_and_last_talk(db: Session, owner_id: int, b_number: str) -> tuple[list[CallOrder], CallOrder | None]:
    """Return this owner's calls that ring or may ring, oldest first, and the last settled callback to a number in which
    both talked, None where there is none."""
    found = [order_of(row) for row in db.execute(_LIVE_AND_LAST, {"of_owner": owner_id, "of_b_number": b_number})]
    live = sorted((call for call in found if call.state.is_live), key=lambda call: split_call_id(call.id))
    return live, next((call for call in found if not call.state.is_live), None)


def last_to(db: Session, owner_id: int, b_number: str, at_once: bool) -> CallOrder | None:
    """Return the last call to a number that was ordered by the countdown, or by the button of the call page."""
    found = select(CALL).where(
        CALL.c.owner_id == owner_id,
        CALL.c.b_number == b_number,
        CALL.c.at_once == at_once,
        _IS_TYPED,
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
        select(span, func.sum(whole_seconds(CALL.c.b_answered_at, CALL.c.ended_at)))
        .where(CALL.c.owner_id == owner_id, CALL.c.ordered_at >= edges[0], CALL.c.ordered_at < edges[-1])
        .where(CALL.c.ended_at > CALL.c.b_answered_at)
        .group_by(span)
    )
    talked = {at: int(seconds) for at, seconds in db.execute(found)}
    return [talked.get(at, 0) for at in range(len(within))]


def several(db: Session, owner_id: int, ns: Collection[int]) -> dict[int, CallOrder]:
    """Return the calls of these numbers, by number."""
    found = select(CALL).where(CALL.c.owner_id == owner_id, OneOf(CALL.c.n, "ns"))
    return {row.n: order_of(row) for row in db.execute(found, {"ns": sorted(ns)})}


def cdrs_of(db: Session, owner_id: int, ns: Collection[int]) -> dict[int, list[Cdr]]:
    """Return the finished legs of the calls of these numbers, by number, leg A first."""
    found = select(CdrRow.__table__).where(CdrRow.owner_id == owner_id, OneOf(CdrRow.n, "ns"))
    legs: dict[int, list[Cdr]] = {}
    for row in db.execute(found.order_by(CdrRow.n, CdrRow.leg, CdrRow.started_at), {"ns": sorted(ns)}):
        legs.setdefault(row.n, []).append(cdr_of(row))
    return legs


def alone(
    db: Session,
    owner_id: int,
    before_n: int | None,
    limit: int,
    span: tuple[datetime, datetime] | None,
    b_number: str = "",
) -> list[CallOrder]:
    """Return this owner's calls that are no leg of a conversation of the PBX, newest first, paged by key; those to a
    number, where one is given."""
    found = select(CALL).where(CALL.c.owner_id == owner_id, _IS_ALONE).order_by(CALL.c.n.desc()).limit(limit)
    if b_number:
        found = found.where(CALL.c.b_number == b_number)
    if span is not None:
        found = found.where(CALL.c.ordered_at >= span[0], CALL.c.ordered_at < span[1])
    if before_n is not None:
        found = found.where(CALL.c.n < before_n)
    return [order_of(row) for row in db.execute(found)]


def alone_with(db: Session, owner_id: int, b_number: str) -> list[int]:
    """Return the numbers of all such calls to a number."""
    return list(db.scalars(select(CALL.c.n).where(CALL.c.owner_id == owner_id, CALL.c.b_number == b_number, _IS_ALONE)))


def free(
    db: Session,
    owner_id: int,
    span: tuple[datetime, datetime],
    after: tuple[datetime, int] | None,
    limit: int,
    b_number: str = "",
) -> list[CallOrder]:
    """Return the calls ordered in a span that are over and took no money, oldest first, paged by order and number.

    Those that are a leg of a conversation are left out: it is told of by itself."""
    found = select(CALL).where(*_free(owner_id, span, b_number))
    if after is not None:
        ordered_at, n = CALL.c.ordered_at, CALL.c.n
        found = found.where(or_(ordered_at > after[0], (ordered_at == after[0]) & (n > after[1])))
    return [order_of(row) for row in db.execute(found.order_by(CALL.c.ordered_at, CALL.c.n).limit(limit))]


def count_free(db: Session, owner_id: int, span: tuple[datetime, datetime], b_number: str = "") -> int:
    """Return how many such calls there are."""
    return db.scalar(select(func.count()).select_from(CALL).where(*_free(owner_id, span, b_number))) or 0


def _free(owner_id: int, span: tuple[datetime, datetime], b_number: str) -> tuple[ColumnElement[bool], ...]:
    since, until = span
    is_in = (CALL.c.owner_id == owner_id, CALL.c.ordered_at >= since, CALL.c.ordered_at < until)
    is_to = CALL.c.b_number == b_number if b_number else true()
    return (*is_in, is_to, CALL.c.state.in_(OVER_STATES), func.coalesce(CALL.c.cost_minor, 0) == 0, _IS_ALONE)
