"""The stop-list in the database. Session in, domain values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, and_, bindparam, case, literal_column, null, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.calls.stops import Stop, StopKind
from k5web.storage.sql import first_of, insert_or_nothing
from k5web.storage.tables import CallStopRow, TrunkOffRow
from k5web.storage.values import value_of

_STOP, _TRUNK = cast(Table, CallStopRow.__table__), cast(Table, TrunkOffRow.__table__)
_NOW = bindparam("now", type_=_STOP.c.at.type)
_IS_LISTED = _STOP.c.lifted_at.is_(None)
_IS_IN_FORCE = and_(_IS_LISTED, or_(_STOP.c.until.is_(None), _STOP.c.until > _NOW))

# Built once: it runs before every call. An account's entry goes before its phone's, and that before the other number's
_STOPPING = (
    select(_STOP)
    .where(_IS_IN_FORCE)
    .where(
        or_(*(and_(_STOP.c.kind == kind, _STOP.c.what.in_(bindparam(kind.value, expanding=True))) for kind in StopKind))
    )
    .order_by(case({StopKind.SUBSCRIBER: 0, StopKind.FROM: 1}, value=_STOP.c.kind, else_=2), _STOP.c.n)
    .limit(1)
    .subquery()
)
_OFF = select(
    literal_column("0"), literal_column("'trunk'"), _TRUNK.c.code, _TRUNK.c.reason, _TRUNK.c.actor, _TRUNK.c.at
).add_columns(null(), null(), null(), null())  # in the order of an entry's columns
_CLOSED = select(_STOPPING).union_all(_OFF)


@dataclass(frozen=True, slots=True)
class Closed:
    """What the operator closed: the entry of the stop-list that stops a call, and the trunks that are switched off."""

    stop: Stop | None
    trunks_off: frozenset[str]


def closed(db: Session, meant: Mapping[StopKind, Sequence[str]], now: datetime) -> Closed:
    """Return an entry in force that is one of those meant, and which trunks are off."""
    rows = db.execute(_CLOSED, {"now": now, **{kind.value: what for kind, what in meant.items()}}).all()
    return Closed(
        stop=next((_stop(row) for row in rows if row.kind != "trunk"), None),
        trunks_off=frozenset(row.what for row in rows if row.kind == "trunk"),
    )


def add(
    db: Session, kind: StopKind, what: str, reason: str, actor: str, at: datetime, until: datetime | None
) -> Stop | None:
    """Add an entry; None where one of the same thing is listed already."""
    row = {"kind": kind, "what": what, "reason": reason, "actor": actor, "at": at, "until": until}
    return first_of(db.execute(insert_or_nothing(CallStopRow).values(row).returning(*_STOP.c)), _stop)


def listed(db: Session, kind: StopKind, what: str) -> Stop | None:
    """Return the entry of this thing that nobody has lifted, also where its time is over, locked."""
    found = select(_STOP).where(_IS_LISTED, _STOP.c.kind == kind, _STOP.c.what == what).with_for_update()
    return first_of(db.execute(found), _stop)


def lock(db: Session, n: int) -> Stop | None:
    """Return an entry, kept from changing until the transaction ends."""
    return first_of(db.execute(select(_STOP).where(_STOP.c.n == n).with_for_update()), _stop)


def lift(db: Session, n: int, at: datetime, actor: str, reason: str) -> None:
    """Note that an entry is lifted."""
    db.execute(update(_STOP).where(_STOP.c.n == n).values(lifted_at=at, lifted_by=actor, lift_reason=reason))


def page(db: Session, before_n: int | None, limit: int, in_force_at: datetime | None) -> list[Stop]:
    """Return entries, newest first, paged by number; those in force at a moment, or all that ever were."""
    found = select(_STOP).order_by(_STOP.c.n.desc()).limit(limit)
    if before_n is not None:
        found = found.where(_STOP.c.n < before_n)
    if in_force_at is not None:
        found = found.where(_IS_IN_FORCE)
    return [_stop(row) for row in db.execute(found, {} if in_force_at is None else {"now": in_force_at})]


def _stop(row: Row[Any]) -> Stop:
    return value_of(Stop, row, kind=StopKind(row.kind))
