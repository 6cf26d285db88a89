"""What an account may call: limits, opened directions, and how often an order was refused."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from k5web.domain.calls.risk import SafetyLimits
from k5web.storage.sql import insert_or_change, insert_or_nothing
from k5web.storage.tables import CallLimitRow, OpenedDirectionRow, RefusalRow

# Built once: these run before every call, and building them costs more than running them
LIMITS = tuple(SafetyLimits.__dataclass_fields__)
_LIMIT, _OPENED = CallLimitRow.__table__.c, OpenedDirectionRow.__table__.c
_OWNER = bindparam("owner", type_=_LIMIT.owner_id.type)

FIND_LIMITS = select(*(_LIMIT[name] for name in LIMITS)).where(_LIMIT.owner_id == _OWNER)
FIND_OPENED = select(_OPENED.direction).where(_OPENED.owner_id == _OWNER)


def limits(db: Session, owner_id: int) -> SafetyLimits:
    """Return the account's limits: what everybody has, but for what was set for this one."""
    return limits_of(db.execute(FIND_LIMITS, {"owner": owner_id}).first())


def limits_of(columns: Sequence[int | None] | None) -> SafetyLimits:
    """Return the limits of a row, in the order of `LIMITS`; None where there is none."""
    own = {} if columns is None else dict(zip(LIMITS, columns, strict=True))
    return SafetyLimits(**{name: value for name, value in own.items() if value is not None})


def set_limits(db: Session, owner_id: int, changes: dict[str, int | None]) -> None:
    """Set some of the account's limits; None gives it back what everybody has."""
    db.execute(insert_or_change(CallLimitRow, {"owner_id": owner_id, **changes}, ["owner_id"], changes))


def opened(db: Session, owner_id: int) -> frozenset[str]:
    """Return the kinds and prefixes that are open for the account."""
    return frozenset(db.scalars(FIND_OPENED, {"owner": owner_id}))


def open_direction(db: Session, owner_id: int, direction: str, now: datetime) -> None:
    """Open a kind or a prefix for the account."""
    row = {"owner_id": owner_id, "direction": direction, "opened_at": now}
    db.execute(insert_or_nothing(OpenedDirectionRow).values(**row))


def close_direction(db: Session, owner_id: int, direction: str) -> None:
    """Take back what was opened."""
    which = (OpenedDirectionRow.owner_id == owner_id, OpenedDirectionRow.direction == direction)
    db.execute(delete(OpenedDirectionRow).where(*which))


def count_refusal(db: Session, owner_id: int, kind: str, now: datetime) -> None:
    """Count one more refused order of this kind."""
    first = {"owner_id": owner_id, "kind": kind, "times": 1, "last_at": now}
    again = {"times": RefusalRow.times + 1, "last_at": now}
    db.execute(insert_or_change(RefusalRow, first, ["owner_id", "kind"], again))


def refusals(db: Session, owner_id: int) -> dict[str, int]:
    """Return how often the account's orders were refused, by the code of the refusal."""
    found = select(RefusalRow.kind, RefusalRow.times).where(RefusalRow.owner_id == owner_id).order_by(RefusalRow.kind)
    return {row.kind: row.times for row in db.execute(found)}
