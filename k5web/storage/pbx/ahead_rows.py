"""Holds ahead in the database: money kept for calls that may come while K5 is silent. Session in, values out."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallKind, CallOrder, CallState, split_call_id
from k5web.storage.calls import call_rows
from k5web.storage.calls.call_rows import CALL
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import CallRow, HoldAheadRow

_AHEAD = cast(Table, HoldAheadRow.__table__)
_ADD_CALL = insert_or_nothing(CallRow, "owner_id", "n")


def spend(db: Session, call_id: str, switch: str, asked_by: str, at: datetime) -> CallOrder | None:
    """Write down the call that a hold ahead was kept for, once, and note that it is spent; None where no hold ahead has
    this number. One that was given back already is charged all the same: somebody talked."""
    owner_id, n = split_call_id(call_id)
    is_it = (_AHEAD.c.owner_id == owner_id, _AHEAD.c.call_n == n)
    spent = update(_AHEAD).where(*is_it).values(done_at=at, outcome="spent")
    found = db.execute(spent.returning(_AHEAD.c.kind, _AHEAD.c.terms)).first()
    if found is None:
        return None
    terms: dict[str, Any] = found.terms
    row = terms | {
        "owner_id": owner_id,
        "n": n,
        "form_key": f"ahead:{n}",
        "kind": CallKind(found.kind),
        "switch": switch,
        "asked_by": asked_by,
        "at_once": False,
        "state": CallState.CALLING_B,
        "ordered_at": at,
        "changed_at": at,
        "placing_at": at,
    }
    db.execute(_ADD_CALL.values(row))
    return call_rows.order_of(db.execute(select(CALL).where(CALL.c.owner_id == owner_id, CALL.c.n == n)).one())
