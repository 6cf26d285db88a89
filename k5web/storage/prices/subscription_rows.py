"""Subscriptions and their periods: rows in, domain values out. Written under the lock of the owner's account."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any, Literal, cast

from sqlalchemy import Table, and_, func, insert, select, update
from sqlalchemy.orm import Session

from k5web.domain.prices.subscription import Sort, Subscription, SubscriptionState
from k5web.storage.sql import OneOf, first_of, insert_all, insert_or_excluded, next_of, update_all
from k5web.storage.tables import AccountRow, SubscriptionPeriodRow, SubscriptionRow
from k5web.storage.values import columns_of, value_of

_AVAILABLE = AccountRow.balance_minor - AccountRow.held_minor - AccountRow.floor_minor
_SUBSCRIPTION = cast(Table, SubscriptionRow.__table__)
_PERIODS = cast(Table, SubscriptionPeriodRow.__table__)

_LIVE = SubscriptionRow.state != SubscriptionState.ENDED
_LIVE_OF = select(_SUBSCRIPTION).where(OneOf(_SUBSCRIPTION.c.owner_id, "owners"), _LIVE)
_KEY = ("owner_id", "n")
_SAVED = ("state", "next_due", "ends_on", "ended_on", "pieces", "next_pieces")
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


_PERIOD = tuple(Period.__dataclass_fields__)
_NOTE_PERIODS = insert_or_excluded(
    _PERIODS, ["owner_id", "n", "began_on"], ["state", "fee_minor", "plan_version", "noted_at"]
).returning(_PERIODS.c.n)


def add(db: Session, subscription: Subscription, form_key: str, now: datetime) -> Subscription:
    """Write a new subscription under the owner's next number and return it with that."""
    added = replace(subscription, n=next_of(db, SubscriptionRow, subscription.owner_id))
    row = columns_of(added, form_key=form_key, ordered_at=now)
    db.execute(insert(_SUBSCRIPTION).values(**row))
    return added


def find(db: Session, owner_id: int, n: int) -> Subscription | None:
    """Return a subscription by its number, also an ended one; None where there is none."""
    row = db.execute(select(_SUBSCRIPTION).where(SubscriptionRow.owner_id == owner_id, SubscriptionRow.n == n)).first()
    return None if row is None else _subscription(row)


def several(db: Session, owner_id: int, ns: Collection[int]) -> dict[int, Subscription]:
    """Return an owner's subscriptions of these numbers, also ended ones, by number."""
    found = select(_SUBSCRIPTION).where(SubscriptionRow.owner_id == owner_id, SubscriptionRow.n.in_(ns))
    return {subscription.n: subscription for subscription in map(_subscription, db.execute(found))}


def find_by_form_key(db: Session, owner_id: int, form_key: str) -> Subscription | None:
    """Return what a form ordered, if it did."""
    found = select(_SUBSCRIPTION).where(SubscriptionRow.owner_id == owner_id, SubscriptionRow.form_key == form_key)
    return first_of(db.execute(found), _subscription)


def live(db: Session, owner_id: int) -> list[Subscription]:
    """Return what has not ended: plans first, then options, then services, each in the order of their numbers."""
    return live_of(db, [owner_id])[owner_id]


def live_of(db: Session, owner_ids: Collection[int]) -> dict[int, list[Subscription]]:
    """Return the same of several owners, by owner; none is left out."""
    rows = db.execute(_LIVE_OF, {"owners": list(owner_ids)})
    found: dict[int, list[Subscription]] = {owner_id: [] for owner_id in owner_ids}
    for subscription in sorted(map(_subscription, rows), key=lambda each: (_FIRST_PLANS.index(each.sort), each.n)):
        found[subscription.owner_id].append(subscription)
    return found


def last_plan(db: Session, owner_id: int) -> Subscription | None:
    """Return the plan that was taken last, also an ended one."""
    found = select(_SUBSCRIPTION).where(SubscriptionRow.owner_id == owner_id, SubscriptionRow.sort == "plan")
    return first_of(db.execute(found.order_by(SubscriptionRow.n.desc()).limit(1)), _subscription)


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


def save(db: Session, subscriptions: Iterable[Subscription]) -> None:
    """Write what became of subscriptions: their state, their next period, their end."""
    rows = [{name: getattr(each, name) for name in (*_KEY, *_SAVED)} for each in subscriptions]
    if rows:
        update_all(db, _SUBSCRIPTION, _KEY, rows)


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


def note_no_money(db: Session, owner_ids: Collection[int]) -> None:
    """Note what the main accounts could spend when they could not pay for what is suspended."""
    theirs = (AccountRow.owner_id == SubscriptionRow.owner_id, AccountRow.purpose == "main")
    seen = select(func.min(_AVAILABLE)).where(*theirs).scalar_subquery()
    suspended = (SubscriptionRow.owner_id.in_(owner_ids), SubscriptionRow.state == SubscriptionState.SUSPENDED)
    db.execute(update(_SUBSCRIPTION).where(*suspended).values(seen_minor=seen))


def look_again(db: Session, owner_id: int) -> None:
    """Have the next run look at what is suspended, as if other money were there: it costs less now."""
    suspended = (SubscriptionRow.owner_id == owner_id, SubscriptionRow.state == SubscriptionState.SUSPENDED)
    db.execute(update(_SUBSCRIPTION).where(*suspended).values(seen_minor=SubscriptionRow.seen_minor - 1))


def owners_on(db: Session, plan_codes: Sequence[str], after: int, limit: int) -> list[int]:
    """Return owners whose live plan is one of these, above `after`, in order."""
    of_plan = (SubscriptionRow.sort == "plan", SubscriptionRow.code.in_(plan_codes))
    return list(db.scalars(_page(select(SubscriptionRow.owner_id).where(_LIVE, *of_plan), after, limit)))


def note_periods(db: Session, periods: Iterable[Period], now: datetime) -> None:
    """Write periods, or that those which were suspended are paid."""
    rows = [columns_of(each, noted_at=now) for each in periods]
    if rows:
        insert_all(db, _NOTE_PERIODS, rows)


def periods(db: Session, owner_id: int, n: int) -> list[Period]:
    """Return the periods of a subscription, the oldest first."""
    found = select(_PERIODS).where(_PERIODS.c.owner_id == owner_id, _PERIODS.c.n == n)
    return [_period(row) for row in db.execute(found.order_by(_PERIODS.c.began_on))]


def period(db: Session, owner_id: int, n: int, began_on: date) -> Period | None:
    """Return the period of a subscription that began on a day."""
    key = (_PERIODS.c.owner_id == owner_id, _PERIODS.c.n == n, _PERIODS.c.began_on == began_on)
    return first_of(db.execute(select(_PERIODS).where(*key)), _period)


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
    key = (_SUBSCRIPTION.c.owner_id, _SUBSCRIPTION.c.n)
    both = select(_SUBSCRIPTION, *(_PERIODS.c[name].label(f"period_{name}") for name in _PERIOD))
    both = both.outerjoin(_PERIODS, and_(_PERIODS.c.owner_id == key[0], _PERIODS.c.n == key[1]))
    rows = db.execute(both.order_by(*key, _PERIODS.c.began_on).execution_options(yield_per=1000))
    for _, theirs in groupby(rows, lambda row: (row.owner_id, row.n)):
        first, *more = theirs
        yield _subscription(first), [_period(row, "period_") for row in (first, *more) if row.period_n is not None]


def _page(found: Any, after: int, limit: int) -> Any:
    return found.where(SubscriptionRow.owner_id > after).distinct().order_by(SubscriptionRow.owner_id).limit(limit)


def _subscription(row: Any) -> Subscription:
    return value_of(Subscription, row, state=SubscriptionState(row.state))


def _period(row: Any, prefix: str = "") -> Period:
    return Period(**{name: getattr(row, prefix + name) for name in _PERIOD})
