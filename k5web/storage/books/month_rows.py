"""The whole house's month summed by the database: one statement, so that both ends and all lines are of one moment."""

from datetime import date
from typing import Any

from sqlalchemy import Row, Subquery, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.books.month import ADVANCE, CASH, CLAIM, Column, DayMoved, Moved, Standing
from k5web.domain.books.service import CORRECTED, REVERSAL
from k5web.domain.money import CURRENCIES
from k5web.storage.books.ledger_sql import ACCOUNT, POSTING
from k5web.storage.sql import FirstWord, be_patient, of_account

Days = tuple[date, date]  # the first and the last, both included
_BEFORE, _IN, _AFTER, _NOW = "before", "in", "after", "now"
# As `column_of` has it
_COLUMN = case(
    (and_(ACCOUNT.c.owner_id == HOUSE, ACCOUNT.c.purpose == "suspense"), Column.SUSPENSE.value),
    (ACCOUNT.c.owner_id == HOUSE, Column.BANK.value),
    (ACCOUNT.c.purpose == "main", Column.MAIN.value),
    else_=Column.GIFTS.value,
)
# Parts what `kind_of` and `what_of` tell apart by the keys, so that one key stands for all of its group
_SHAPE = case(
    (and_(POSTING.c.counter == "sale.fee", POSTING.c.key.like("%:____-__-__")), "day"),
    (and_(POSTING.c.counter == "sale.order", POSTING.c.key.like("%number %")), "number"),
    (and_(POSTING.c.counter == "refund", POSTING.c.key.like(f"%{ADVANCE}%")), "advance"),
    (and_(POSTING.c.counter == "refund", POSTING.c.key.like(f"{CLAIM}%")), "claim"),
    (and_(POSTING.c.counter == "refund", POSTING.c.key.like(f"%refund {CLAIM}%")), "claim"),
    else_="",
)
# The origin of the event that a reversal, one of a reversal, or the right charge of a claim is about; "" of all others
_FIRST_KEY = func.replace(func.replace(POSTING.c.key, f"{REVERSAL} ", ""), f"{CORRECTED} ", "")
_ABOUT = case((POSTING.c.origin.in_([REVERSAL, CORRECTED]), FirstWord(_FIRST_KEY)), else_="")


def sums(db: Session, days: Days) -> tuple[list[Standing], list[Moved]]:
    """Return what each column had at both ends of these days, by the balances that accounts show and the postings
    around, and what moved it in them, by the postings of these days."""
    be_patient(db)
    moved = _postings(days)
    group = [
        moved.c.span,
        moved.c.column,
        moved.c.unit,
        moved.c.counter,
        moved.c.origin,
        moved.c.about,
        moved.c.shape,
    ]
    posted: Any = select(*group, func.min(moved.c.key).label("key"), func.sum(moved.c.minor).label("minor")).group_by(
        *group
    )
    kept = (
        select(_COLUMN.label("column"), ACCOUNT.c.unit, ACCOUNT.c.balance_minor.label("minor"))
        .where(ACCOUNT.c.unit.in_(sorted(CURRENCIES)))
        .subquery()
    )
    empty = [literal("").label(name) for name in ("counter", "origin", "about", "shape", "key")]
    total = func.sum(kept.c.minor).label("minor")
    now: Any = select(literal(_NOW).label("span"), kept.c.column, kept.c.unit, *empty, total)
    rows = db.execute(union_all(posted, now.group_by(kept.c.column, kept.c.unit))).all()
    found = {(row.column, row.unit): {_BEFORE: 0, _AFTER: 0, _NOW: 0} for row in rows}
    for row in rows:
        found[row.column, row.unit][row.span] = int(row.minor)
    standing = [
        Standing(Column(column), unit, spans[_BEFORE], spans[_NOW] - spans[_AFTER])
        for (column, unit), spans in found.items()
    ]
    return standing, [_moved(row) for row in rows if row.span == _IN]


def cash(db: Session, days: Days) -> list[DayMoved]:
    """Return what came in and went back on each of these days: postings against cash, refunds and losses."""
    be_patient(db)
    moved = (
        select(
            POSTING.c.day,
            _COLUMN.label("column"),
            POSTING.c.unit,
            POSTING.c.counter,
            POSTING.c.origin,
            _ABOUT.label("about"),
            _SHAPE.label("shape"),
            POSTING.c.key,
            POSTING.c.amount_minor.label("minor"),
        )
        .join_from(POSTING, ACCOUNT, of_account(POSTING.c, ACCOUNT.c))
        .where(POSTING.c.day >= days[0], POSTING.c.day <= days[1], POSTING.c.unit.in_(sorted(CURRENCIES)))
        .where(or_(POSTING.c.counter.like(f"{CASH}%"), POSTING.c.counter.in_(["refund", "loss"])))
        .subquery()
    )
    group = [moved.c[name] for name in ("day", "column", "unit", "counter", "origin", "about", "shape")]
    summed = [func.min(moved.c.key).label("key"), func.sum(moved.c.minor).label("minor")]
    shown: list[Any] = [*group, *summed, func.count().label("times")]
    rows = db.execute(select(*shown).group_by(*group).order_by(moved.c.day))
    return [DayMoved(row.day, _moved(row), row.times) for row in rows]


def _moved(row: Row[Any]) -> Moved:
    return Moved(Column(row.column), row.unit, row.counter, EventName(row.origin, row.key), int(row.minor))


def _postings(days: Days) -> Subquery:
    """Return the postings of money, each with what it is summed by; of those around these days only the side."""
    before, after = POSTING.c.day < days[0], POSTING.c.day > days[1]
    span = case((before, _BEFORE), (after, _AFTER), else_=_IN)

    def told(value: Any) -> Any:
        return case((before | after, ""), else_=value)

    return (
        select(
            span.label("span"),
            _COLUMN.label("column"),
            POSTING.c.unit,
            told(POSTING.c.counter).label("counter"),
            told(POSTING.c.origin).label("origin"),
            told(_ABOUT).label("about"),
            told(_SHAPE).label("shape"),
            told(POSTING.c.key).label("key"),
            POSTING.c.amount_minor.label("minor"),
        )
        .join_from(POSTING, ACCOUNT, of_account(POSTING.c, ACCOUNT.c))
        .where(POSTING.c.unit.in_(sorted(CURRENCIES)))
        .subquery()
    )
