"""Reading the whole house's journal, a page at a time: what was posted on days that are over never changes, so pages
need no common moment."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, select, tuple_
from sqlalchemy.orm import Session

from k5web.domain.books.journal import JournalLine, Opening
from k5web.domain.books.ledger import EventName
from k5web.domain.money import CURRENCIES, Money
from k5web.storage.books.ledger import posting_of
from k5web.storage.books.ledger_sql import ACCOUNT, POSTING, TRANSACTION
from k5web.storage.sql import be_patient, of_account, same_event

Key = tuple[int, int, date, int]  # of a posting
Days = tuple[date, date]  # the first and the last, both included
_ITS_ACCOUNT = of_account(POSTING.c, ACCOUNT.c)
_KEY = tuple_(POSTING.c.owner_id, POSTING.c.account_id, POSTING.c.day, POSTING.c.seq)
_IS_MONEY = POSTING.c.unit.in_(sorted(CURRENCIES))


def count(db: Session, days: Days, only_money: bool = False) -> int:
    """Return how many postings these days have."""
    be_patient(db)
    found = select(func.count()).select_from(POSTING).where(*_of(days, only_money))
    return db.execute(found).scalar_one()


def page(db: Session, days: Days, after: Key | None, limit: int, only_money: bool = False) -> list[JournalLine]:
    """Return the next postings of these days: account by account, each as its chain has it."""
    event = TRANSACTION.c.actor, TRANSACTION.c.reverses_origin, TRANSACTION.c.reverses_key
    shown: list[Any] = [*POSTING.c, ACCOUNT.c.purpose, *event]
    found = (
        select(*shown)
        .join_from(POSTING, TRANSACTION, same_event(TRANSACTION.c, POSTING.c))
        .join(ACCOUNT, _ITS_ACCOUNT)
        .where(*_of(days, only_money))
    )
    if after is not None:
        types = [column.type for column in _KEY.clauses]
        found = found.where(tuple_(*after, types=types) < _KEY)
    return [_line(row) for row in db.execute(found.order_by(*_KEY.clauses).limit(limit))]


def openings(db: Session, days: Days, after: tuple[int, int] | None, limit: int) -> list[Opening]:
    """Return the next accounts of money that moved before the end of a period, each with what it began with."""
    before = (
        select(POSTING.c.balance_minor)
        .where(_ITS_ACCOUNT, POSTING.c.day < days[0])
        .order_by(POSTING.c.day.desc(), POSTING.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    moved = select(POSTING.c.seq).where(_ITS_ACCOUNT, POSTING.c.day <= days[1]).limit(1)
    key = tuple_(ACCOUNT.c.owner_id, ACCOUNT.c.id)
    found = select(
        ACCOUNT.c.owner_id, ACCOUNT.c.id, ACCOUNT.c.purpose, ACCOUNT.c.unit, func.coalesce(before, 0).label("minor")
    ).where(ACCOUNT.c.unit.in_(sorted(CURRENCIES)), moved.exists())
    if after is not None:
        found = found.where(key > tuple_(*after))
    rows = db.execute(found.order_by(*key.clauses).limit(limit))
    return [Opening(row.owner_id, row.id, row.purpose, Money(int(row.minor), row.unit)) for row in rows]


def against(db: Session, days: Days) -> list[tuple[str, Money]]:
    """Return the house accounts that were moved until the end of a period, a line for each currency, with the sum that
    was posted against each before it."""
    be_patient(db)
    before = func.sum(case((POSTING.c.day < days[0], POSTING.c.amount_minor), else_=0))
    found = (
        select(POSTING.c.counter, POSTING.c.unit, before.label("minor"))
        .where(POSTING.c.day <= days[1], _IS_MONEY)
        .group_by(POSTING.c.counter, POSTING.c.unit)
        .order_by(POSTING.c.counter, POSTING.c.unit)
    )
    return [(row.counter, Money(int(row.minor), row.unit)) for row in db.execute(found)]


def _of(days: Days, only_money: bool) -> list[ColumnElement[bool]]:
    found = [POSTING.c.day >= days[0], POSTING.c.day <= days[1]]
    return [*found, _IS_MONEY] if only_money else found


def _line(row: Row[Any]) -> JournalLine:
    reverses = EventName(row.reverses_origin, row.reverses_key) if row.reverses_origin else None
    return JournalLine(posting_of(row), row.purpose, row.actor, reverses)
