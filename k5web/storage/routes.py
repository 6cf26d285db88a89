"""Routes in the base: what is under way on each, who failed lately and rests. Session in, domain values out."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from k5web.domain.call import CallState
from k5web.domain.routing import RouteKind, Traffic
from k5web.storage.tables import CallRow, RouteHealthRow

_ON_LINES = (CallState.PLACING, CallState.CALLING_A, CallState.CALLING_B, CallState.TALKING)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A switch or trunk that failed lately."""

    kind: RouteKind
    name: str
    failures: int  # in a row
    rests_until: datetime
    failed_at: datetime
    reason: str


def lock(db: Session) -> None:
    """Let one worker at a time count the lines and take some; on SQLite the writer is alone anyway."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(hashtext('k5 routes'))"))


def traffic(db: Session, now: datetime) -> Traffic:
    """Return what is under way, counted from the orders, and who rests."""
    row = CallRow
    found = (
        select(row.switch, row.trunks_a, row.trunks_b, func.count().label("calls"))
        .where(row.state.in_(_ON_LINES))
        .group_by(row.switch, row.trunks_a, row.trunks_b)
    )
    calls: Counter[str] = Counter()
    legs: Counter[str] = Counter()
    for switch, trunks_a, trunks_b, count in db.execute(found):
        calls[switch] += count
        legs[trunks_a.rpartition(",")[2]] += count
        legs[trunks_b.partition(",")[0]] += count
    resting = [trouble for trouble in troubles(db) if trouble.rests_until > now]
    return Traffic(
        calls,
        legs,
        resting_switches=frozenset(trouble.name for trouble in resting if trouble.kind == "switch"),
        resting_trunks=frozenset(trouble.name for trouble in resting if trouble.kind == "trunk"),
    )


def troubles(db: Session) -> list[Trouble]:
    """Return who failed lately; the others are well."""
    rows = db.scalars(select(RouteHealthRow).order_by(RouteHealthRow.kind, RouteHealthRow.name))
    return [_trouble(row) for row in rows]


def find_trouble(db: Session, kind: RouteKind, name: str) -> Trouble | None:
    """Return the failures of one switch or trunk, locked; None where it is well."""
    found = select(RouteHealthRow).where(RouteHealthRow.kind == kind, RouteHealthRow.name == name)
    row = db.scalar(found.with_for_update())
    return None if row is None else _trouble(row)


def write_trouble(db: Session, trouble: Trouble) -> None:
    """Remember a failure."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    news = {
        "failures": trouble.failures,
        "rests_until": trouble.rests_until,
        "failed_at": trouble.failed_at,
        "reason": trouble.reason,
    }
    key = {"kind": trouble.kind, "name": trouble.name}
    added = dialect.insert(RouteHealthRow).values(**key, **news)
    db.execute(added.on_conflict_do_update(index_elements=list(key), set_=news))


def forget_trouble(db: Session, kind: RouteKind, names: Collection[str]) -> None:
    """Forget the failures of those that work again."""
    db.execute(delete(RouteHealthRow).where(RouteHealthRow.kind == kind, RouteHealthRow.name.in_(names)))


def _trouble(row: RouteHealthRow) -> Trouble:
    kind: RouteKind = "switch" if row.kind == "switch" else "trunk"
    return Trouble(kind, row.name, row.failures, row.rests_until, row.failed_at, row.reason)
