"""What an account may call and how much of it was used: limits, opened directions, sums of orders, refusals."""

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from k5web.domain.calls.call import LIVE_STATES, OVER_STATES, UNANSWERED, CallKind
from k5web.domain.calls.risk import Risk, SafetyLimits
from k5web.storage.sql import insert_or_change, insert_or_nothing, same_event
from k5web.storage.tables import CallLimitRow, CallRow, OpenedDirectionRow, PostingRow, RefusalRow, TransactionRow

_RUNG = (CallKind.CALLBACK, CallKind.OUTGOING)  # what the subscriber's own people dial
LONGEST_CALL = timedelta(days=1)  # no call lives longer: what began before and is not over began within it

# Built once: these run before every call, and building them costs more than running them
_LIMITS = tuple(SafetyLimits.__dataclass_fields__)
_CALL, _LIMIT, _OPENED = CallRow.__table__.c, CallLimitRow.__table__.c, OpenedDirectionRow.__table__.c
_POSTING, _TRANSACTION = PostingRow.__table__.c, TransactionRow.__table__.c
_OWNER = bindparam("owner", type_=_CALL.owner_id.type)
_SINCE = bindparam("since", type_=_CALL.ordered_at.type)
_EARLIER = bindparam("earlier", type_=_CALL.ordered_at.type)

FIND_LIMITS = select(*(_LIMIT[name] for name in _LIMITS)).where(_LIMIT.owner_id == _OWNER)
FIND_OPENED = select(_OPENED.direction).where(_OPENED.owner_id == _OWNER)
SUM_ORDERED = (
    select(_CALL.risk, func.sum(func.coalesce(_CALL.cost_minor, _CALL.hold_minor)))
    .where(_CALL.owner_id == _OWNER, _CALL.ordered_at >= _EARLIER)
    .where(or_(_CALL.ordered_at >= _SINCE, _CALL.state.not_in(OVER_STATES)))
    .group_by(_CALL.risk)
)
SUM_BY_NUMBER = (
    select(_CALL.b_number, func.sum(func.coalesce(_CALL.cost_minor, _CALL.hold_minor)))
    .where(_CALL.owner_id == _OWNER, _CALL.ordered_at >= _EARLIER, _CALL.kind != CallKind.INCOMING)
    .where(or_(_CALL.ordered_at >= _SINCE, _CALL.state.not_in(OVER_STATES)))
    .group_by(_CALL.b_number)
)
FIND_UNANSWERED = (
    select(_CALL.ordered_at)
    .where(_CALL.owner_id == _OWNER, _CALL.ordered_at > _SINCE, _CALL.b_number == bindparam("b_number"))
    .where(
        _CALL.b_answered_at.is_(None),
        or_(
            and_(_CALL.state.in_(LIVE_STATES), _CALL.kind.in_(_RUNG)),
            and_(_CALL.a_answered_at.is_not(None), _CALL.outcome.in_(UNANSWERED)),
            and_(_CALL.kind == CallKind.OUTGOING, _CALL.outcome.in_(UNANSWERED)),
        ),
    )
    .order_by(_CALL.ordered_at)
)
FIND_FIRST_MONEY = (
    select(_TRANSACTION.recorded_at)
    .where(_POSTING.owner_id == _OWNER, _POSTING.account_id == bindparam("account"))
    .where(same_event(_TRANSACTION, _POSTING))
    .order_by(_POSTING.day, _POSTING.seq)
    .limit(1)
)


def limits(db: Session, owner_id: int) -> SafetyLimits:
    """Return the account's limits: what everybody has, but for what was set for this one."""
    row = db.execute(FIND_LIMITS, {"owner": owner_id}).first()
    own = {} if row is None else dict(zip(_LIMITS, row, strict=True))
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


def ordered_since(db: Session, owner_id: int, since: datetime) -> dict[Risk, int]:
    """Return what the calls ordered since then cost, or hold while they are not over, by kind of direction.

    A call that was under way at that moment counts too, as long as it is. Units: minor.
    """
    asked = {"owner": owner_id, "since": since, "earlier": since - LONGEST_CALL}
    return {Risk(row[0]): int(row[1]) for row in db.execute(SUM_ORDERED, asked)}


def ordered_to_since(db: Session, owner_id: int, since: datetime) -> dict[str, int]:
    """Return the same by the number that was called."""
    asked = {"owner": owner_id, "since": since, "earlier": since - LONGEST_CALL}
    return {row[0]: int(row[1]) for row in db.execute(SUM_BY_NUMBER, asked)}


def unanswered(db: Session, owner_id: int, b_number: str, since: datetime) -> list[datetime]:
    """Return when the calls to a number were ordered whose other phone may have rung and was not answered, oldest
    first; one that still rings counts."""
    asked = {"owner": owner_id, "b_number": b_number, "since": since}
    return list(db.scalars(FIND_UNANSWERED, asked))


def first_money_at(db: Session, owner_id: int, account_id: int) -> datetime | None:
    """Return when the account's first movement was written down."""
    asked = {"owner": owner_id, "account": account_id}
    found: datetime | None = db.scalar(FIND_FIRST_MONEY, asked)
    return found


def count_refusal(db: Session, owner_id: int, kind: str, now: datetime) -> None:
    """Count one more refused order of this kind."""
    first = {"owner_id": owner_id, "kind": kind, "times": 1, "last_at": now}
    again = {"times": RefusalRow.times + 1, "last_at": now}
    db.execute(insert_or_change(RefusalRow, first, ["owner_id", "kind"], again))


def refusals(db: Session, owner_id: int) -> dict[str, int]:
    """Return how often the account's orders were refused, by the code of the refusal."""
    found = select(RefusalRow.kind, RefusalRow.times).where(RefusalRow.owner_id == owner_id).order_by(RefusalRow.kind)
    return {row.kind: row.times for row in db.execute(found)}
