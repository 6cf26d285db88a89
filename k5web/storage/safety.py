"""What an account may call and how much of it was used: limits, opened directions, sums of orders, refusals."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from k5web.domain.call import LIVE_STATES, UNANSWERED, CallState
from k5web.domain.risk import Risk, SafetyLimits
from k5web.storage.tables import CallLimitRow, CallRow, OpenedDirectionRow, PostingRow, RefusalRow, TransactionRow

LONGEST_CALL = timedelta(days=1)  # no call lives longer: what began before and is not over began within it


def limits(db: Session, owner_id: int) -> SafetyLimits:
    """Return the account's limits: what everybody has, but for what was set for this one."""
    row = db.scalar(select(CallLimitRow).where(CallLimitRow.owner_id == owner_id))
    if row is None:
        return SafetyLimits()
    own = {name: getattr(row, name) for name in SafetyLimits.__dataclass_fields__}
    return SafetyLimits(**{name: value for name, value in own.items() if value is not None})


def set_limits(db: Session, owner_id: int, changes: dict[str, int | None]) -> None:
    """Set some of the account's limits; None gives it back what everybody has."""
    insert = _insert(db, CallLimitRow).values(owner_id=owner_id, **changes)
    db.execute(insert.on_conflict_do_update(index_elements=["owner_id"], set_=changes))


def opened(db: Session, owner_id: int) -> frozenset[str]:
    """Return the kinds and prefixes that are open for the account."""
    return frozenset(db.scalars(select(OpenedDirectionRow.direction).where(OpenedDirectionRow.owner_id == owner_id)))


def open_direction(db: Session, owner_id: int, direction: str, now: datetime) -> None:
    """Open a kind or a prefix for the account."""
    row = {"owner_id": owner_id, "direction": direction, "opened_at": now}
    db.execute(_insert(db, OpenedDirectionRow).values(**row).on_conflict_do_nothing())


def close_direction(db: Session, owner_id: int, direction: str) -> None:
    """Take back what was opened."""
    which = (OpenedDirectionRow.owner_id == owner_id, OpenedDirectionRow.direction == direction)
    db.execute(delete(OpenedDirectionRow).where(*which))


def ordered_since(db: Session, owner_id: int, since: datetime) -> dict[Risk, int]:
    """Return what the calls ordered since then cost, or hold while they are not over, by kind of direction.

    A call that was under way at that moment counts too, as long as it is. Units: minor.
    """
    is_over = CallRow.state.in_((CallState.SETTLED, CallState.NOT_PLACED))
    found = (
        select(CallRow.risk, func.sum(func.coalesce(CallRow.cost_minor, CallRow.hold_minor)))
        .where(CallRow.owner_id == owner_id, CallRow.ordered_at >= since - LONGEST_CALL)
        .where(or_(CallRow.ordered_at >= since, ~is_over))
        .group_by(CallRow.risk)
    )
    return {Risk(row[0]): int(row[1]) for row in db.execute(found)}


def unanswered(db: Session, owner_id: int, b_number: str, since: datetime) -> list[datetime]:
    """Return when the calls to a number were ordered whose other phone may have rung and was not answered, oldest
    first; one that still rings counts."""
    rang_in_vain = and_(CallRow.a_answered_at.is_not(None), CallRow.outcome.in_(UNANSWERED))
    found = (
        select(CallRow.ordered_at)
        .where(CallRow.owner_id == owner_id, CallRow.ordered_at > since, CallRow.b_number == b_number)
        .where(CallRow.b_answered_at.is_(None), or_(CallRow.state.in_(LIVE_STATES), rang_in_vain))
        .order_by(CallRow.ordered_at)
    )
    return list(db.scalars(found))


def first_money_at(db: Session, owner_id: int, account_id: int) -> datetime | None:
    """Return when the account's first movement was written down."""
    mine = and_(
        TransactionRow.owner_id == PostingRow.owner_id,
        TransactionRow.origin == PostingRow.origin,
        TransactionRow.key == PostingRow.key,
    )
    found = select(TransactionRow.recorded_at).join(PostingRow, mine)
    first = found.where(PostingRow.owner_id == owner_id, PostingRow.account_id == account_id)
    return db.scalar(first.order_by(PostingRow.day, PostingRow.seq).limit(1))


def count_refusal(db: Session, owner_id: int, kind: str, now: datetime) -> None:
    """Count one more refused order of this kind."""
    insert = _insert(db, RefusalRow).values(owner_id=owner_id, kind=kind, times=1, last_at=now)
    again = {"times": RefusalRow.times + 1, "last_at": now}
    db.execute(insert.on_conflict_do_update(index_elements=["owner_id", "kind"], set_=again))


def refusals(db: Session, owner_id: int) -> dict[str, int]:
    """Return how often the account's orders were refused, by the code of the refusal."""
    found = select(RefusalRow.kind, RefusalRow.times).where(RefusalRow.owner_id == owner_id).order_by(RefusalRow.kind)
    return {row.kind: row.times for row in db.execute(found)}


def _insert(db: Session, table: Any) -> Any:
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
