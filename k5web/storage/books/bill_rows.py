"""The calls of a day, by the ledger and by themselves, and what was counted of each day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, func, select, tuple_
from sqlalchemy.orm import Session

from k5web.domain.books.bill_check import BillDay
from k5web.domain.calls.call import CallOrder, CallState, Cdr
from k5web.domain.money import CURRENCIES, Money
from k5web.storage.calls.call_rows import CALL, cdr_of, order_of
from k5web.storage.sql import be_patient, insert_or_excluded
from k5web.storage.tables import AccountRow, BillDayRow, CdrRow, DayCloseRow, PostingRow, SealRow

DAY = cast(Table, BillDayRow.__table__)
CallKey = tuple[int, int]  # owner, number
_MONEY = ("cdr", "bill", "ledger", "corrected")


@dataclass(frozen=True, slots=True)
class LedgerCharge:
    """What the events of one call took from the main account. Units: minor."""

    owner_id: int
    key: str
    currency: str
    minor: int


def charges_on(db: Session, day: date) -> list[LedgerCharge]:
    """Return what was taken for calls on an accounting day; corrected charges have "#" in their keys."""
    be_patient(db)
    moved = _accounts_moved(db, day).subquery()
    taken = func.sum(-PostingRow.amount_minor)
    found = (
        select(PostingRow.owner_id, PostingRow.key, PostingRow.unit, taken.label("minor"))
        .join_from(moved, PostingRow, (PostingRow.owner_id == moved.c.owner_id) & (PostingRow.account_id == moved.c.id))
        .where(PostingRow.day == day, PostingRow.origin == "call")
        .group_by(PostingRow.owner_id, PostingRow.key, PostingRow.unit)
    )
    return [LedgerCharge(row.owner_id, row.key, row.unit, int(row.minor)) for row in db.execute(found)]


def _accounts_moved(db: Session, day: date) -> Any:
    """Return the query of main accounts that moved on a day: by its closings where it is sealed, else by their own."""
    main = select(AccountRow.owner_id, AccountRow.id)
    main = main.where(AccountRow.purpose == "main", AccountRow.unit.in_(sorted(CURRENCIES)))
    if db.scalar(select(SealRow.day).where(SealRow.day == day)) is None:
        return main.where(AccountRow.last_day >= day)
    closed = (DayCloseRow.owner_id == AccountRow.owner_id) & (DayCloseRow.account_id == AccountRow.id)
    return main.join(DayCloseRow, closed).where(DayCloseRow.day == day)


def settled_between(db: Session, since: datetime, until: datetime) -> list[CallKey]:
    """Return the settled calls that ended in a span."""
    found = select(CALL.c.owner_id, CALL.c.n).where(CALL.c.state == CallState.SETTLED)
    found = found.where(CALL.c.ended_at >= since, CALL.c.ended_at < until)
    return [(row.owner_id, row.n) for row in db.execute(found)]


def first_end(db: Session) -> datetime | None:
    """Return when the first settled call ended."""
    first: datetime | None = db.scalar(select(func.min(CALL.c.ended_at)).where(CALL.c.state == CallState.SETTLED))
    return first


def booked(db: Session, calls: Collection[CallKey]) -> set[CallKey]:
    """Return which of these calls have an event in the ledger, on whatever day."""
    names = {(owner_id, f"{owner_id}-{n}"): (owner_id, n) for owner_id, n in calls}
    wanted = tuple_(PostingRow.owner_id, PostingRow.key).in_(list(names))
    found = select(PostingRow.owner_id, PostingRow.key).where(PostingRow.origin == "call", wanted).distinct()
    return {names[(row.owner_id, row.key)] for row in db.execute(found)}


def orders(db: Session, calls: Collection[CallKey]) -> dict[CallKey, CallOrder]:
    """Return these calls."""
    found = select(CALL).where(tuple_(CALL.c.owner_id, CALL.c.n).in_(list(calls)))
    return {(row.owner_id, row.n): order_of(row) for row in db.execute(found)}


def legs(db: Session, calls: Collection[CallKey]) -> dict[CallKey, list[Cdr]]:
    """Return the finished legs of these calls, leg A first."""
    found = select(CdrRow).where(tuple_(CdrRow.owner_id, CdrRow.n).in_(list(calls)))
    by_call: defaultdict[CallKey, list[Cdr]] = defaultdict(list)
    for row in db.scalars(found.order_by(CdrRow.owner_id, CdrRow.n, CdrRow.leg, CdrRow.started_at)):
        by_call[(row.owner_id, row.n)].append(cdr_of(row))
    return dict(by_call)


def save(db: Session, days: Iterable[BillDay]) -> None:
    """Write down what was counted of a day, in place of what was counted before."""
    rows = [
        {"day": one.day, "currency": one.currency, "calls": one.calls, "differing": one.differing}
        | {"counted_at": one.counted_at}
        | {f"{name}_minor": getattr(one, name).minor for name in _MONEY}
        for one in days
    ]
    if rows:
        changed = [name for name in rows[0] if name not in ("day", "currency")]
        db.execute(insert_or_excluded(DAY, ("day", "currency"), changed), rows)


def counted(db: Session, first: date, last: date) -> Sequence[BillDay]:
    """Return what was counted of these days, the newest first."""
    found = select(DAY).where(DAY.c.day >= first, DAY.c.day <= last).order_by(DAY.c.day.desc(), DAY.c.currency)
    return [_day(row) for row in db.execute(found)]


def _day(row: Any) -> BillDay:
    sums = {name: Money(getattr(row, f"{name}_minor"), row.currency) for name in _MONEY}
    return BillDay(row.day, row.currency, row.calls, differing=row.differing, counted_at=row.counted_at, **sums)
