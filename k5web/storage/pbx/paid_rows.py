"""Calls that a switch asked about: found by their ids and by the leg that asked. Session in, domain values out."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallKind, CallOrder, split_call_id
from k5web.storage.calls.call_rows import CALL, IS_LIVE, order_of
from k5web.storage.tables import ConversationLegRow

_IS_PAID = CALL.c.kind != CallKind.CALLBACK


def several(db: Session, call_ids: Collection[str]) -> dict[str, CallOrder]:
    """Return those of these calls that are there, by their ids."""
    is_one = tuple_(CALL.c.owner_id, CALL.c.n).in_([split_call_id(call_id) for call_id in call_ids])
    found = [order_of(row) for row in db.execute(select(CALL).where(is_one, _IS_PAID))] if call_ids else []
    return {call.id: call for call in found}


def asked_by(db: Session, switch: str, legs: Collection[str]) -> dict[str, list[CallOrder]]:
    """Return the calls that live, by the leg that asked for them."""
    found: dict[str, list[CallOrder]] = {}
    is_one = (CALL.c.switch == switch, CALL.c.asked_by.in_(sorted(legs)))
    for row in db.execute(select(CALL).where(IS_LIVE, _IS_PAID, *is_one).order_by(CALL.c.owner_id, CALL.c.n)):
        found.setdefault(row.asked_by, []).append(order_of(row))
    return found


def quiet(db: Session, before: datetime, limit: int = 5000) -> list[CallOrder]:
    """Return the calls that live and had no news since before that moment, the oldest first."""
    found = select(CALL).where(IS_LIVE, _IS_PAID, CALL.c.changed_at < before)
    return [order_of(row) for row in db.execute(found.order_by(CALL.c.changed_at, CALL.c.owner_id).limit(limit))]


def leg_times(
    db: Session, owner_id: int, switch: str, legs: Collection[str]
) -> dict[str, tuple[datetime, datetime | None]]:
    """Return when each of these legs began and when it ended, as far as the records tell."""
    row = ConversationLegRow
    found = select(row.leg_uuid, row.started_at, row.ended_at).where(
        row.owner_id == owner_id, row.switch == switch, row.leg_uuid.in_(sorted(legs))
    )
    return {uuid: (started_at, ended_at) for uuid, started_at, ended_at in db.execute(found)}
