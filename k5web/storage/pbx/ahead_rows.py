"""Holds ahead in the database: money kept for calls that may come while K5 is silent. Session in, values out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, insert, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallKind, CallOrder, CallState, split_call_id
from k5web.domain.pbx.switch_tables import AheadKey
from k5web.storage.calls import call_rows
from k5web.storage.calls.call_rows import CALL
from k5web.storage.sql import OneOf, count_changed, insert_or_nothing
from k5web.storage.tables import CallRow, HoldAheadRow, PbxRow

_AHEAD = cast(Table, HoldAheadRow.__table__)
_ADD_CALL = insert_or_nothing(CallRow, "owner_id", "n")


@dataclass(frozen=True, slots=True)
class Ahead:
    """A hold ahead and the answer that the switch has for it."""

    key: AheadKey
    call_n: int  # the number its call will have
    switch: str
    until: datetime
    withdrawn_at: datetime | None = None

    @property
    def call_id(self) -> str:
        """The id its call will have."""
        return f"{self.key.owner_id}-{self.call_n}"

    @property
    def ends_at(self) -> datetime:
        """The moment after which the switch gives it to no call."""
        return self.until if self.withdrawn_at is None else min(self.until, self.withdrawn_at)


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


def add(db: Session, ahead: Ahead, terms: Mapping[str, Any]) -> None:
    """Keep a hold ahead with the whole call as it will be written. The caller holds the owner's account."""
    row = {
        "owner_id": ahead.key.owner_id,
        "call_n": ahead.call_n,
        "switch": ahead.switch,
        "kind": ahead.key.kind,
        "number": ahead.key.number,
        "terms": dict(terms),
        "until": ahead.until,
    }
    db.execute(insert(HoldAheadRow).values(row))


def live(db: Session, switch: str, owner_ids: Collection[int]) -> list[Ahead]:
    """Return what these owners have at a switch that is neither spent nor given back."""
    is_one = (_AHEAD.c.switch == switch, _AHEAD.c.done_at.is_(None), OneOf(_AHEAD.c.owner_id, "owners"))
    found = select(_AHEAD).where(*is_one).order_by(_AHEAD.c.owner_id, _AHEAD.c.call_n)
    return [_ahead(row) for row in db.execute(found, {"owners": list(owner_ids)})]


def of_owner(db: Session, owner_id: int) -> list[Ahead]:
    """Return what an owner has at any switch that is neither spent nor given back."""
    found = select(_AHEAD).where(_AHEAD.c.owner_id == owner_id, _AHEAD.c.done_at.is_(None)).order_by(_AHEAD.c.call_n)
    return [_ahead(row) for row in db.execute(found)]


def unwilling(db: Session, owner_ids: Collection[int]) -> set[int]:
    """Return which of these owners want no holds ahead."""
    found = select(PbxRow.owner_id).where(~PbxRow.holds_ahead, OneOf(PbxRow.owner_id, "owners"))
    return set(db.scalars(found, {"owners": list(owner_ids)}))


def over(db: Session, before: datetime, limit: int = 500) -> list[Ahead]:
    """Return what ended, or was taken back, before that moment and is not given back yet, the oldest first."""
    is_over = or_(_AHEAD.c.until < before, _AHEAD.c.withdrawn_at < before)
    found = select(_AHEAD).where(_AHEAD.c.done_at.is_(None), is_over).order_by(_AHEAD.c.until).limit(limit)
    return [_ahead(row) for row in db.execute(found)]


def withdraw(db: Session, ahead: Ahead, at: datetime) -> None:
    """Note that the switch was told to forget it."""
    db.execute(update(_AHEAD).where(*_is(ahead), _AHEAD.c.withdrawn_at.is_(None)).values(withdrawn_at=at))


def end(db: Session, ahead: Ahead, at: datetime) -> bool:
    """Note that it is given back; False where it was spent, or given back, before. The caller holds the account."""
    ended = update(_AHEAD).where(*_is(ahead), _AHEAD.c.done_at.is_(None)).values(done_at=at, outcome="released")
    return bool(count_changed(db, ended))


def _is(ahead: Ahead) -> tuple[ColumnElement[bool], ...]:
    return _AHEAD.c.owner_id == ahead.key.owner_id, _AHEAD.c.call_n == ahead.call_n


def _ahead(row: Row[Any]) -> Ahead:
    key = AheadKey(row.owner_id, row.kind, row.number)
    return Ahead(key, row.call_n, row.switch, row.until, row.withdrawn_at)
