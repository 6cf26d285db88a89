"""Reading the ledger for its owner: lines, months, sums."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal_column, or_, select, true
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.books.month import CASH
from k5web.domain.books.period import Movements
from k5web.domain.books.service import SALE, corrected_name
from k5web.domain.money import CURRENCIES
from k5web.storage.books.ledger import posting_of
from k5web.storage.sql import NumberOfCall, OneOf, first_of, same_event
from k5web.storage.tables import PostingRow, TransactionRow

POSTING = PostingRow.__table__
TRANSACTION = TransactionRow.__table__
# Written out: the partial index of payments is found by it
IS_CASH: ColumnElement[bool] = literal_column("substr(posting.counter, 1, 5)") == literal_column(f"'{CASH}'")


@dataclass(frozen=True, slots=True)
class Line:
    """A posting with when it was written down and what it takes back."""

    posting: Posting
    occurred_at: datetime
    recorded_at: datetime
    reverses: EventName | None


@dataclass(frozen=True, slots=True)
class Turnover:
    """An account over a span of days. Units: minor units."""

    opening: int
    total_in: int
    total_out: int
    since: date | None = None  # the day of the account's first posting, whenever that was

    @property
    def closing(self) -> int:
        """Return the balance at the end of the span."""
        return self.opening + self.total_in + self.total_out


def lines(
    db: Session,
    owner_id: int,
    account_id: int,
    days: tuple[date, date],
    before_seq: int | None,
    limit: int,
    movements: Movements = Movements.ALL,
) -> list[Line]:
    """Return the postings of a span of days (first included, last excluded), newest first, paged by key."""
    found = _lines(owner_id, account_id).where(*_in(days, movements))
    if before_seq is not None:
        found = found.where(POSTING.c.seq < before_seq)
    # The days of an account never go back, so this is the order of `seq`, and the key's index has it
    return [_line(row) for row in db.execute(found.order_by(POSTING.c.day.desc(), POSTING.c.seq.desc()).limit(limit))]


def lines_after(
    db: Session,
    owner_id: int,
    account_id: int,
    days: tuple[date, date],
    movements: Movements,
    seqs: tuple[int, int],
    limit: int,
    calls: Collection[int] | None = None,
) -> list[Line]:
    """Return the postings of a span of days after the first of these links and up to the last, oldest first; `calls`:
    only of the calls of these numbers."""
    found = _lines(owner_id, account_id).where(*_in(days, movements), POSTING.c.seq > seqs[0], POSTING.c.seq <= seqs[1])
    whole = _of_calls(found.order_by(POSTING.c.day, POSTING.c.seq).limit(limit), calls)
    return [_line(row) for row in db.execute(whole)]


def count(
    db: Session,
    owner_id: int,
    account_id: int,
    days: tuple[date, date],
    movements: Movements,
    calls: Collection[int] | None = None,
) -> tuple[int, int]:
    """Return how many postings there are in a span of days, and the last link of the chain among them (0: none);
    `calls`: only of the calls of these numbers."""
    mine = and_(POSTING.c.owner_id == owner_id, POSTING.c.account_id == account_id)
    found = select(func.count(), func.coalesce(func.max(POSTING.c.seq), 0)).where(mine, *_in(days, movements))
    number, last = db.execute(_of_calls(found, calls)).one()
    return int(number), int(last)


def _of_calls(found: Select[Any], calls: Collection[int] | None) -> Select[Any]:
    """Return the charges of some calls alone, with what takes them back: its key names the call too."""
    if calls is None:
        return found
    return found.where(POSTING.c.counter == "sale.call", OneOf(NumberOfCall(POSTING.c.key), "ns")).params(
        ns=sorted(calls)
    )


def _in(days: tuple[date, date], movements: Movements) -> tuple[ColumnElement[bool], ...]:
    opposite = POSTING.c.counter
    kinds = [IS_CASH if one == CASH else opposite == one for one in movements.counters]
    return POSTING.c.day >= days[0], POSTING.c.day < days[1], or_(*kinds) if kinds else true()


def other_lines(db: Session, owner_id: int, account_id: int, days: tuple[date, date]) -> list[Line]:
    """Return the postings of a span of days that are not for services: payments, refunds, transfers, oldest first."""
    found = _lines(owner_id, account_id).where(*_in(days, Movements.ALL))
    other = found.where(POSTING.c.counter.not_like(f"{SALE}%")).order_by(POSTING.c.day, POSTING.c.seq)
    return [_line(row) for row in db.execute(other)]


def line(db: Session, owner_id: int, account_id: int, seq: int) -> Line | None:
    """Return one posting of this owner."""
    return first_of(db.execute(_lines(owner_id, account_id).where(POSTING.c.seq == seq)), _line)


def turnover(
    db: Session,
    owner_id: int,
    account_id: int,
    days: tuple[date, date],
    movements: Movements = Movements.ALL,
    up_to_seq: int | None = None,
    calls: Collection[int] | None = None,
) -> Turnover:
    """Return the balance before a span of days and what came and went in it, by these movements alone, in one
    statement; `calls`: only by the calls of these numbers."""
    mine = and_(POSTING.c.owner_id == owner_id, POSTING.c.account_id == account_id)
    before = (
        select(POSTING.c.balance_minor)
        .where(mine, POSTING.c.day < days[0])
        .order_by(POSTING.c.day.desc(), POSTING.c.seq.desc())
        .limit(1)
        .correlate(None)
    )
    amount = POSTING.c.amount_minor
    sums = select(
        func.coalesce(func.sum(case((amount > 0, amount), else_=0)), 0),
        func.coalesce(func.sum(case((amount < 0, amount), else_=0)), 0),
        func.coalesce(before.scalar_subquery(), 0),
        select(func.min(POSTING.c.day)).where(mine).correlate(None).scalar_subquery(),
    ).where(mine, *_in(days, movements))
    if up_to_seq is not None:
        sums = sums.where(POSTING.c.seq <= up_to_seq)
    total_in, total_out, opening, since = db.execute(_of_calls(sums, calls)).one()
    return Turnover(int(opening), int(total_in), int(total_out), since)


def first_day(db: Session, owner_id: int, account_id: int) -> date | None:
    """Return the day of the account's first posting."""
    found = select(func.min(POSTING.c.day)).where(POSTING.c.owner_id == owner_id, POSTING.c.account_id == account_id)
    day: date | None = db.scalar(found)
    return day


def by_event(db: Session, owner_id: int, account_id: int, name: EventName) -> Line | None:
    """Return the posting an event made on this account."""
    found = _lines(owner_id, account_id).where(POSTING.c.origin == name.origin, POSTING.c.key == name.key)
    return first_of(db.execute(found), _line)


def follow_ups(db: Session, owner_id: int, account_id: int, name: EventName) -> list[Line]:
    """Return what came of an event later on its account: what took it back, and the right charge in its place."""
    corrected = corrected_name(name)
    back = and_(TRANSACTION.c.reverses_origin == name.origin, TRANSACTION.c.reverses_key == name.key)
    again = and_(TRANSACTION.c.origin == corrected.origin, TRANSACTION.c.key == corrected.key)
    found = _lines(owner_id, account_id).where(TRANSACTION.c.owner_id == owner_id, or_(back, again))
    return [_line(row) for row in db.execute(found.order_by(POSTING.c.day, POSTING.c.seq))]


def actor_of(db: Session, owner_id: int, name: EventName) -> str:
    """Return who made an event that was posted; nothing where it never was."""
    named = (TransactionRow.owner_id == owner_id, TransactionRow.origin == name.origin, TransactionRow.key == name.key)
    return db.scalar(select(TransactionRow.actor).where(*named)) or ""


def _lines(owner_id: int, account_id: int) -> Select[Any]:
    joined = POSTING.join(TRANSACTION, same_event(TRANSACTION.c, POSTING.c))
    return (
        select(
            *POSTING.c,
            TRANSACTION.c.occurred_at,
            TRANSACTION.c.recorded_at,
            TRANSACTION.c.reverses_origin,
            TRANSACTION.c.reverses_key,
        )
        .select_from(joined)
        .where(POSTING.c.owner_id == owner_id, POSTING.c.account_id == account_id)
    )


def _line(row: Row[Any]) -> Line:
    reverses = EventName(row.reverses_origin, row.reverses_key) if row.reverses_origin else None
    return Line(posting_of(row), row.occurred_at, row.recorded_at, reverses)


def last_day_of(db: Session, owner_id: int, origins: Sequence[str]) -> date | None:
    """Return the last day on which events of these origins took money from the owner; a corrected charge is no use."""
    theirs = (PostingRow.owner_id == owner_id, PostingRow.origin.in_(origins), PostingRow.amount_minor < 0)
    is_corrected = PostingRow.key.like("%#%")
    return db.scalar(select(func.max(PostingRow.day)).where(*theirs, PostingRow.unit.in_(CURRENCIES), ~is_corrected))


def is_moved_since(db: Session, owner_id: int, account_id: int, origins: Sequence[str], since: datetime) -> bool:
    """Return whether events of these origins moved an account after a moment."""
    moved = (
        select(PostingRow.seq)
        .join(TransactionRow, same_event(TransactionRow, PostingRow))
        .where(PostingRow.owner_id == owner_id, PostingRow.account_id == account_id, PostingRow.origin.in_(origins))
        .where(TransactionRow.recorded_at > since)
    )
    return db.execute(moved.limit(1)).first() is not None
