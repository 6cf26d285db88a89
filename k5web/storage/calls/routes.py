"""Routes in the database: what is under way on each, who failed lately and rests. Session in, domain values out."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, delete, func, literal, select
from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallState
from k5web.domain.calls.routing import Route, RouteKind, Traffic
from k5web.domain.calls.trunk import TrunkOff
from k5web.storage.sql import among, first_of, insert_or_change, insert_or_nothing, one_at_a_time
from k5web.storage.tables import CallRow, RouteHealthRow, TrunkOffRow, TrunkPaceRow
from k5web.storage.values import columns_of

_ON_LINES = (CallState.PLACING, CallState.CALLING_A, CallState.CALLING_B, CallState.TALKING)

# Built once: these run several times a call, and building them costs more than running them
_CALL, _HEALTH = CallRow.__table__.c, cast(Table, RouteHealthRow.__table__)
_TRAFFIC = (
    select(_CALL.switch, _CALL.trunks_a, _CALL.trunks_b, func.count())
    .where(among(_CALL.state, _ON_LINES))
    .group_by(_CALL.switch, _CALL.trunks_a, _CALL.trunks_b)
)
_TROUBLES = select(_HEALTH).order_by(_HEALTH.c.kind, _HEALTH.c.name)
_PAUSING = select(TrunkPaceRow.code, literal(0)).where(TrunkPaceRow.next_at > bindparam("now"))
_CLOSED = _PAUSING.union_all(select(TrunkOffRow.code, literal(1)))  # and whether it is off
_FORGET = delete(_HEALTH).where(
    _HEALTH.c.kind == bindparam("of_kind"), _HEALTH.c.name.in_(bindparam("names", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A switch or trunk that failed lately."""

    kind: RouteKind
    name: str
    failures: int  # in a row
    rests_until: datetime
    failed_at: datetime
    reason: str
    doubts: int = 0  # in a row: refusals that may be true of the number, before anything was heard
    numbers: tuple[str, ...] = ()  # the last ones these are of: a number counts once

    @classmethod
    def none(cls, kind: RouteKind, name: str, now: datetime) -> "Trouble":
        """Return where a first trouble begins."""
        return cls(kind, name, 0, now, now, "")


def lock(db: Session) -> None:
    """Let one worker at a time count the lines and take some."""
    one_at_a_time(db, "routes")


def traffic(db: Session, now: datetime) -> Traffic:
    """Return what is under way, counted from the orders, and who rests."""
    calls: Counter[str] = Counter()
    legs: Counter[str] = Counter()
    for switch, trunks_a, trunks_b, count in db.execute(_TRAFFIC):
        calls[switch] += count
        legs[trunks_a.rpartition(",")[2]] += count
        legs[trunks_b.partition(",")[0]] += count
    closed = [(str(row[0]), bool(row[1])) for row in db.execute(_CLOSED, {"now": now})]
    resting = [trouble for trouble in troubles(db) if trouble.rests_until > now]
    return Traffic(
        calls,
        legs,
        resting_switches=frozenset(trouble.name for trouble in resting if trouble.kind == "switch"),
        resting_trunks=frozenset(trouble.name for trouble in resting if trouble.kind == "trunk"),
        pausing_trunks=frozenset(code for code, is_off in closed if not is_off),
        trunks_off=frozenset(code for code, is_off in closed if is_off),
    )


def take_turn(db: Session, route: Route, now: datetime) -> None:
    """Note when the next leg A may begin on this route's trunk; the caller holds `lock`."""
    if route.pace_a:
        news = {"next_at": now + route.pace_a}
        db.execute(insert_or_change(TrunkPaceRow, {"code": route.trunk_a} | news, ["code"], news))


def off(db: Session) -> list[TrunkOff]:
    """Return which trunks staff have switched off."""
    return [TrunkOff(row.code, row.at, row.actor, row.reason) for row in db.scalars(select(TrunkOffRow))]


def switch_off(db: Session, news: TrunkOff) -> bool:
    """Switch a trunk off; False where it is off already, and stays so with its own reason."""
    values = columns_of(news)
    return db.scalar(insert_or_nothing(TrunkOffRow, "code").values(**values).returning(TrunkOffRow.code)) is not None


def switch_on(db: Session, code: str) -> bool:
    """Switch a trunk on; False where it was on."""
    return db.scalar(delete(TrunkOffRow).where(TrunkOffRow.code == code).returning(TrunkOffRow.code)) is not None


def troubles(db: Session) -> list[Trouble]:
    """Return who failed lately; the others are well."""
    return [_trouble(row) for row in db.execute(_TROUBLES)]


def find_trouble(db: Session, kind: RouteKind, name: str) -> Trouble | None:
    """Return the failures of one switch or trunk, locked; None where it is well."""
    found = select(_HEALTH).where(_HEALTH.c.kind == kind, _HEALTH.c.name == name)
    return first_of(db.execute(found.with_for_update()), _trouble)


def write_trouble(db: Session, trouble: Trouble) -> None:
    """Remember a failure."""
    news = columns_of(trouble, "kind", "name", numbers=",".join(trouble.numbers))
    key = {"kind": trouble.kind, "name": trouble.name}
    db.execute(insert_or_change(RouteHealthRow, key | news, list(key), news))


def forget_trouble(db: Session, kind: RouteKind, names: Collection[str]) -> None:
    """Forget the failures of those that work again."""
    db.execute(_FORGET, {"of_kind": kind, "names": list(names)})


def forget_number(db: Session, name: str, number: str) -> None:
    """Let a number count against this trunk again: another one reached it."""
    known = find_trouble(db, "trunk", name)
    if known and number in known.numbers:
        write_trouble(db, replace(known, numbers=tuple(other for other in known.numbers if other != number)))


def _trouble(row: Row[Any]) -> Trouble:
    kind: RouteKind = "switch" if row.kind == "switch" else "trunk"
    numbers = tuple(row.numbers.split(",")) if row.numbers else ()
    return Trouble(kind, row.name, row.failures, row.rests_until, row.failed_at, row.reason, row.doubts, numbers)
