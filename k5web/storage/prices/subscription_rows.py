"""Subscriptions and their periods: rows in, domain values out. Written under the lock of the owner's account."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from k5web.domain.prices.subscription import Sort, Subscription, SubscriptionState
from k5web.storage.sql import insert_or_change
from k5web.storage.tables import AccountRow, SubscriptionPeriodRow, SubscriptionRow

_AVAILABLE = AccountRow.balance_minor - AccountRow.held_minor - AccountRow.floor_minor
_LIVE = SubscriptionRow.state != SubscriptionState.ENDED
_FIRST_PLANS = ("plan", "option", "service")  # who pays first where money is short


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a subscription. Units: `fee_minor` what was taken."""

    owner_id: int
    n: int
    began_on: date
    state: Literal["paid", "suspended"]
    fee_minor: int
    fee_key: str
    plan_version: int


def add(db: Session, subscription: Subscription, form_key: str, now: datetime) -> Subscription:
    """Write a new subscription under the owner's next number and return it with that."""
    last = db.scalar(select(func.max(SubscriptionRow.n)).where(SubscriptionRow.owner_id == subscription.owner_id))
    row = SubscriptionRow(
        owner_id=subscription.owner_id,
        n=(last or 0) + 1,
        sort=subscription.sort,
        code=subscription.code,
        plan_code=subscription.plan_code,
        pieces=subscription.pieces,
        state=subscription.state,
        began_on=subscription.began_on,
        next_due=subscription.next_due,
        ends_on=subscription.ends_on,
        ended_on=subscription.ended_on,
        form_key=form_key,
        ordered_at=now,
    )
    db.add(row)
    db.flush()
    return _subscription(row)


def find_by_form_key(db: Session, owner_id: int, form_key: str) -> Subscription | None:
    """Return what a form ordered, if it did."""
    found = select(SubscriptionRow).where(SubscriptionRow.owner_id == owner_id, SubscriptionRow.form_key == form_key)
    row = db.scalar(found)
    return None if row is None else _subscription(row)


def live(db: Session, owner_id: int) -> list[Subscription]:
    """Return what has not ended: plans first, then options, then services, each in the order of their numbers."""
    rows = db.scalars(select(SubscriptionRow).where(SubscriptionRow.owner_id == owner_id, _LIVE))
    return sorted(map(_subscription, rows), key=lambda found: (_FIRST_PLANS.index(found.sort), found.n))


def last_plan(db: Session, owner_id: int) -> Subscription | None:
    """Return the plan that was taken last, also an ended one."""
    found = select(SubscriptionRow).where(SubscriptionRow.owner_id == owner_id, SubscriptionRow.sort == "plan")
    row = db.scalars(found.order_by(SubscriptionRow.n.desc()).limit(1)).first()
    return None if row is None else _subscription(row)


def last_paid_in(db: Session, owner_id: int, sort: Sort, code: str, month: date) -> int | None:
    """Return the number of the last one of this code that has ended and was paid for a period from this month's first
    day on, None where there is none."""
    theirs = (SubscriptionRow.owner_id == owner_id, SubscriptionRow.sort == sort, SubscriptionRow.code == code)
    same = and_(
        SubscriptionPeriodRow.owner_id == SubscriptionRow.owner_id, SubscriptionPeriodRow.n == SubscriptionRow.n
    )
    paid = (SubscriptionPeriodRow.state == "paid", SubscriptionPeriodRow.began_on >= month)
    found = select(SubscriptionRow.n).join(SubscriptionPeriodRow, same)
    ended = found.where(*theirs, *paid, SubscriptionRow.state == SubscriptionState.ENDED)
    return db.scalar(ended.order_by(SubscriptionRow.n.desc()).limit(1))


def change(
    db: Session,
    subscription: Subscription,
    *,
    state: SubscriptionState | None = None,
    next_due: date | None = None,
    ended_on: date | None = None,
) -> None:
    """Move a subscription on: its state, its next period, its end. Raises: ValueError for a state it cannot take."""
    if state is not None and state is not subscription.state and not subscription.state.may_become(state):
        raise ValueError(f"subscription {subscription.n} is {subscription.state}: it cannot be {state}")
    values: dict[str, Any] = {"state": state, "next_due": next_due, "ended_on": ended_on}
    _update(db, subscription, {name: value for name, value in values.items() if value is not None})


def set_end(db: Session, subscription: Subscription, ends_on: date | None) -> None:
    """Note the day on which it is to end, or that it is to go on."""
    _update(db, subscription, {"ends_on": ends_on})


def owners_due(db: Session, until: date, after: int, limit: int) -> list[int]:
    """Return owners with something due by a day, above `after`, in order, unlocked: each is looked at again."""
    found = select(SubscriptionRow.owner_id).where(_LIVE, SubscriptionRow.next_due <= until)
    return list(db.scalars(_page(found, after, limit)))


def owners_suspended(db: Session, after: int, limit: int) -> list[int]:
    """Return owners with something suspended who may spend another sum than when it could not be paid, above `after`:
    money came, a hold ended, a payment was promised."""
    main = (AccountRow.owner_id == SubscriptionRow.owner_id, AccountRow.purpose == "main")
    found = select(SubscriptionRow.owner_id).join(AccountRow, and_(*main))
    moved = (SubscriptionRow.state == SubscriptionState.SUSPENDED, SubscriptionRow.seen_minor != _AVAILABLE)
    return list(db.scalars(_page(found.where(*moved), after, limit)))


def note_no_money(db: Session, owner_id: int) -> None:
    """Note what the main account could spend when it could not pay for what is suspended."""
    theirs = (AccountRow.owner_id == owner_id, AccountRow.purpose == "main")
    seen = select(_AVAILABLE).where(*theirs).scalar_subquery()
    suspended = (SubscriptionRow.owner_id == owner_id, SubscriptionRow.state == SubscriptionState.SUSPENDED)
    db.execute(update(SubscriptionRow).where(*suspended).values(seen_minor=seen))


def owners_on(db: Session, plan_codes: Sequence[str], after: int, limit: int) -> list[int]:
    """Return owners whose live plan is one of these, above `after`, in order."""
    of_plan = (SubscriptionRow.sort == "plan", SubscriptionRow.code.in_(plan_codes))
    return list(db.scalars(_page(select(SubscriptionRow.owner_id).where(_LIVE, *of_plan), after, limit)))


def note_period(db: Session, period: Period, now: datetime) -> None:
    """Write a period, or that one which was suspended is paid."""
    row = {name: getattr(period, name) for name in Period.__dataclass_fields__} | {"noted_at": now}
    changes = {name: row[name] for name in ("state", "fee_minor", "plan_version", "noted_at")}
    db.execute(insert_or_change(SubscriptionPeriodRow, row, ["owner_id", "n", "began_on"], changes))


def periods(db: Session, owner_id: int, n: int) -> list[Period]:
    """Return the periods of a subscription, the oldest first."""
    found = select(SubscriptionPeriodRow).where(
        SubscriptionPeriodRow.owner_id == owner_id, SubscriptionPeriodRow.n == n
    )
    return [_period(row) for row in db.scalars(found.order_by(SubscriptionPeriodRow.began_on))]


def fees_between(db: Session, owner_id: int, sorts: Sequence[Sort], since: date, until: date) -> int:
    """Return what was taken for an owner's periods of these sorts that began in a span. Units: minor."""
    theirs = select(SubscriptionRow.n).where(SubscriptionRow.owner_id == owner_id, SubscriptionRow.sort.in_(sorts))
    found = select(func.coalesce(func.sum(SubscriptionPeriodRow.fee_minor), 0)).where(
        SubscriptionPeriodRow.owner_id == owner_id,
        SubscriptionPeriodRow.n.in_(theirs),
        SubscriptionPeriodRow.began_on >= since,
        SubscriptionPeriodRow.began_on < until,
    )
    return int(db.scalar(found) or 0)


def all_with_periods(db: Session) -> Iterator[tuple[Subscription, list[Period]]]:
    """Yield every subscription with its periods, for verification."""
    for row in db.scalars(select(SubscriptionRow).order_by(SubscriptionRow.owner_id, SubscriptionRow.n)):
        yield _subscription(row), periods(db, row.owner_id, row.n)


def _page(found: Any, after: int, limit: int) -> Any:
    return found.where(SubscriptionRow.owner_id > after).distinct().order_by(SubscriptionRow.owner_id).limit(limit)


def _update(db: Session, subscription: Subscription, values: dict[str, Any]) -> None:
    the_row = (SubscriptionRow.owner_id == subscription.owner_id, SubscriptionRow.n == subscription.n)
    db.execute(update(SubscriptionRow).where(*the_row).values(**values))


def _subscription(row: SubscriptionRow) -> Subscription:
    return Subscription(
        owner_id=row.owner_id,
        n=row.n,
        sort=cast(Sort, row.sort),
        code=row.code,
        plan_code=row.plan_code,
        pieces=row.pieces,
        state=SubscriptionState(row.state),
        began_on=row.began_on,
        next_due=row.next_due,
        ends_on=row.ends_on,
        ended_on=row.ended_on,
    )


def _period(row: SubscriptionPeriodRow) -> Period:
    values = {name: getattr(row, name) for name in Period.__dataclass_fields__}
    return Period(**values)
