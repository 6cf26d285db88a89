"""Closed days, what accounts stood at, and seals. Closing is not done for one owner: it walks over all, in pages."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, and_, func, insert, select, text, true, union
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.books.sealing import DayClose, HouseDay, Seal, SealedPosting
from k5web.storage.books.ledger import posting_of
from k5web.storage.books.ledger_sql import ACCOUNT, POSTING, TRANSACTION
from k5web.storage.sql import OneOf, insert_or_nothing, of_account, same_event
from k5web.storage.tables import AccountRow, ClosedDayRow, DayCloseRow, HouseDayRow, OutboxRow, SealRow
from k5web.storage.values import value_of


@dataclass(frozen=True, slots=True)
class SealLetter:
    """A letter with a day's seal: to whom, when it was sent, and what became of it."""

    day: date
    address: str
    sent_at: datetime | None
    state: str


CLOSE = cast(Table, DayCloseRow.__table__)
AT_ONCE = 1000  # rows fetched from the database at a time


def last_closed(db: Session) -> date | None:
    """Return the last day into which nothing is booked any more."""
    return db.scalar(select(func.max(ClosedDayRow.day)))


def note_closed(db: Session, day: date, now: datetime) -> None:
    """Have the database refuse what is booked into this day from now on; a repeat changes nothing."""
    row = {"day": day, "next_day": day + timedelta(days=1), "began_at": now}
    db.execute(insert_or_nothing(ClosedDayRow, "day").values(**row))


def unsealed(db: Session) -> list[date]:
    """Return the days that were closed and have no seal yet, the oldest first."""
    sealed = select(SealRow.day).where(SealRow.day == ClosedDayRow.day).exists()
    return list(db.scalars(select(ClosedDayRow.day).where(~sealed).order_by(ClosedDayRow.day)))


def day_before(db: Session, day: date) -> date | None:
    """Return the closed day before this one."""
    return db.scalar(select(func.max(ClosedDayRow.day)).where(ClosedDayRow.day < day))


def writers_until_now(db: Session) -> int | None:
    """Return a mark of who may be writing at this moment; None on SQLite, where the writer is alone."""
    if db.get_bind().dialect.name != "postgresql":
        return None
    mark: int = db.execute(
        text("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)")
    ).scalar_one()
    return mark


def are_gone(db: Session, mark: int) -> bool:
    """Return whether everybody who was writing at that mark has ended."""
    oldest = db.execute(
        text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")
    ).scalar_one()
    return bool(oldest >= mark)


def clock_of(db: Session) -> datetime | None:
    """Return the database's own clock; None on SQLite, which has none but this machine's."""
    if db.get_bind().dialect.name != "postgresql":
        return None
    moment: datetime = db.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment


def owners_moved(db: Session, since: date | None, above: int, limit: int) -> list[int]:
    """Return owners of whom an account moved after a day, in their order, from the one above."""
    moved = AccountRow.last_day > since if since else AccountRow.last_seq > 0
    found = select(AccountRow.owner_id).where(moved, AccountRow.owner_id > above).distinct()
    return list(db.scalars(found.order_by(AccountRow.owner_id).limit(limit)))


def last_sealed(db: Session) -> date | None:
    """Return the last day that has a seal."""
    return db.scalar(select(func.max(SealRow.day)))


def owners_sealed(db: Session, above: int, last: int, limit: int) -> list[int]:
    """Return owners who have a posting or a closing, in their order, after the one above and up to the last: also those
    whose account says that it never moved, for it may have been made to say so."""
    ids = (POSTING.c.owner_id, CLOSE.c.owner_id)
    some = [
        select(each).where(each > above, each <= last).distinct().order_by(each).limit(limit).subquery() for each in ids
    ]
    found = union(*(select(each.c.owner_id) for each in some)).subquery()
    return list(db.scalars(select(found.c.owner_id).order_by(found.c.owner_id).limit(limit)))


def count_moved(db: Session, since: date | None) -> int:
    """Return how many accounts moved after a day."""
    moved = AccountRow.last_day > since if since else AccountRow.last_seq > 0
    return db.scalar(select(func.count()).select_from(AccountRow).where(moved)) or 0


def postings(db: Session, owners: Collection[int], since: date | None, until: date) -> Iterator[SealedPosting]:
    """Yield what these owners' accounts moved after one day and until another, account by account, in order."""
    found = (
        select(POSTING, *(TRANSACTION.c[name] for name in _EVENT))
        .join_from(POSTING, TRANSACTION, same_event(TRANSACTION.c, POSTING.c))
        .where(OneOf(POSTING.c.owner_id, "owners"), POSTING.c.day <= until)
        .where(POSTING.c.day > since if since else true())
        .order_by(POSTING.c.owner_id, POSTING.c.account_id, POSTING.c.day, POSTING.c.seq)
        .execution_options(yield_per=AT_ONCE)
    )
    return map(_sealed, db.execute(found, {"owners": list(owners)}))


def last_closes(db: Session, owners: Collection[int], before: date) -> dict[int, DayClose]:
    """Return what these owners' accounts stood at when they were closed last, by account."""
    older = CLOSE.alias("older")
    # One look into the key for each account: the closings of years are not read to find the last of them
    last = select(func.max(older.c.day)).where(of_account(older.c, ACCOUNT.c), older.c.day < before).scalar_subquery()
    found = (
        select(CLOSE)
        .join(ACCOUNT, of_account(CLOSE.c, ACCOUNT.c))
        .where(OneOf(ACCOUNT.c.owner_id, "owners"), CLOSE.c.day == last)
    )
    return {row.account_id: _close(row) for row in db.execute(found, {"owners": list(owners)})}


def add_closes(db: Session, closes: Iterable[DayClose]) -> None:
    """Write down what accounts stood at; those that are there already stay."""
    rows = [_row(close) for close in closes]
    if rows:
        db.execute(insert_or_nothing(CLOSE, "owner_id", "account_id", "day"), rows)


def closes_on(db: Session, day: date) -> Iterator[DayClose]:
    """Yield the accounts that were closed on a day, in the order of owners and accounts."""
    return _closes(db, CLOSE.c.day == day, CLOSE.c.owner_id, CLOSE.c.account_id)


def closes_of(db: Session, owners: Collection[int], until: date, since: date | None = None) -> Iterator[DayClose]:
    """Yield the closings of these owners' accounts after one day and until another, account by account, the oldest
    first."""
    theirs = and_(OneOf(CLOSE.c.owner_id, "owners"), CLOSE.c.day <= until, CLOSE.c.day > since if since else true())
    return _closes(db, theirs, CLOSE.c.owner_id, CLOSE.c.account_id, CLOSE.c.day, owners=list(owners))


def add_seal(db: Session, seal: Seal, house: Iterable[HouseDay]) -> bool:
    """Seal a day; False where somebody has sealed it meanwhile."""
    row = {"day": seal.day, "previous": seal.previous, "digest": seal.digest, "sealed_at": seal.sealed_at}
    added = db.execute(insert_or_nothing(SealRow, "day").values(**row).returning(SealRow.day)).first()
    rows = [
        {"day": seal.day, "counter": each.counter, "unit": each.unit}
        | {"debit_minor": each.debit, "credit_minor": each.credit}
        for each in house
    ]
    if added is not None and rows:
        db.execute(insert(HouseDayRow), rows)
    return added is not None


def seals(db: Session) -> list[Seal]:
    """Return all seals, the oldest first."""
    return [value_of(Seal, row) for row in db.scalars(select(SealRow).order_by(SealRow.day))]


def newest(db: Session, before: date | None, limit: int) -> list[Seal]:
    """Return the last seals, below a day where one is given, the newest first."""
    found = select(SealRow).where(SealRow.day < before if before else true()).order_by(SealRow.day.desc()).limit(limit)
    return [value_of(Seal, row) for row in db.scalars(found)]


def letters(db: Session, names: Collection[str]) -> list[SealLetter]:
    """Return the letters with seals that have one of these names."""
    found = select(OutboxRow).where(OutboxRow.owner_id == HOUSE, OutboxRow.id.in_(names)).order_by(OutboxRow.id)
    return [
        SealLetter(date.fromisoformat(row.facts["day"]), row.address or "", row.done_at, row.state)
        for row in db.scalars(found)
    ]


def seal_before(db: Session, day: date) -> Seal | None:
    """Return the last seal before a day."""
    found = select(SealRow).where(SealRow.day < day).order_by(SealRow.day.desc()).limit(1)
    row = db.scalar(found)
    return value_of(Seal, row) if row else None


_EVENT = ("fingerprint", "actor", "occurred_at", "recorded_at", "reverses_origin", "reverses_key")


def _sealed(row: Row[Any]) -> SealedPosting:
    reverses = EventName(row.reverses_origin, row.reverses_key) if row.reverses_origin else None
    return SealedPosting(posting_of(row), row.fingerprint, row.actor, row.occurred_at, row.recorded_at, reverses)


def _closes(db: Session, which: ColumnElement[bool], *order: ColumnElement[Any], **values: Any) -> Iterator[DayClose]:
    found = select(CLOSE).where(which).order_by(*order).execution_options(yield_per=AT_ONCE)
    return map(_close, db.execute(found, values))


def _close(row: Row[Any]) -> DayClose:
    return DayClose(row.owner_id, row.account_id, row.day, row.last_seq, row.balance_minor, row.digest)


def _row(close: DayClose) -> dict[str, Any]:
    row = {"owner_id": close.owner_id, "account_id": close.account_id, "day": close.day}
    return row | {"last_seq": close.last_seq, "balance_minor": close.balance, "digest": close.digest}
