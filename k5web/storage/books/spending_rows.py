"""What services cost their owner, net of what was taken back: by the day of the charge, by whom was called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, Subquery, and_, case, func, select, union_all
from sqlalchemy.orm import Session, aliased

from k5web.domain.books.ledger import EventName
from k5web.domain.books.service import REVERSAL, SALE
from k5web.storage.sql import NumberOfCall
from k5web.storage.tables import CallRow, PostingRow, TransactionRow

HEAD = 7  # first digits of a number: they decide on its country, also where countries share a code


@dataclass(frozen=True, slots=True)
class Spent:
    """What charges of one sort cost together. Units: minor."""

    counter: str
    name: EventName  # of one of them
    number: str | None  # of one that was called, E.164 digits; those with the same first digits stand together
    minor: int


def by_day(db: Session, owner_id: int, account_id: int, days: tuple[date, date]) -> Sequence[tuple[date, int]]:
    """Return what the charges of each day cost, less what was taken back of them, whenever that was. Units: minor."""
    charge = _charges(owner_id, account_id, days).c
    total = func.sum(-charge.minor)
    found = select(charge.day, total).group_by(charge.day).having(total != 0).order_by(charge.day)
    return [(day, int(minor)) for day, minor in db.execute(found)]


def by_sort(db: Session, owner_id: int, account_id: int, days: tuple[date, date]) -> Sequence[Spent]:
    """Return the same of a span of days by whom was called; of what is no call, each charge by itself."""
    charges = _charges(owner_id, account_id, days)
    charge = charges.c
    called = and_(charge.origin == "call", CallRow.owner_id == owner_id, CallRow.n == NumberOfCall(charge.key))
    sort = case((CallRow.n.is_(None), charge.key), else_=func.substr(CallRow.b_number, 1, HEAD))
    total = func.sum(-charge.minor)
    found = (
        select(charge.counter, charge.origin, func.min(charge.key), func.min(CallRow.b_number), total)
        .join_from(charges, CallRow, called, isouter=True)
        .group_by(charge.counter, charge.origin, CallRow.n.is_(None), sort)
        .having(total != 0)
    )
    return [
        Spent(counter, EventName(origin, key), number, int(minor))
        for counter, origin, key, number, minor in db.execute(found)
    ]


def by_posting(
    db: Session, owner_id: int, account_id: int, days: tuple[date, date]
) -> Sequence[tuple[date, date, int]]:
    """Return what services moved the account by on each day of a span, by the days of the charges that it is about.

    What was charged is below zero, what takes back such a charge above it. Units: minor.
    """
    move, charge, undone = aliased(PostingRow), aliased(PostingRow), _undone(owner_id)
    of_span = (*_of_services(move, owner_id, account_id), move.day >= days[0], move.day < days[1])
    total = func.sum(move.amount_minor)
    charged = select(move.day, move.day.label("of"), total).where(*of_span, move.origin != REVERSAL).group_by(move.day)
    back = (
        select(move.day, charge.day.label("of"), total)
        .join_from(undone, move, and_(move.origin == REVERSAL, move.key == undone.c.key))
        .join(charge, and_(charge.origin == undone.c.of_origin, charge.key == undone.c.of_key))
        .where(*of_span, *_of_services(charge, owner_id, account_id), charge.origin != REVERSAL)
        .where(charge.counter == move.counter)
        .group_by(move.day, charge.day)
    )
    return [(day, of, int(minor)) for found in (charged, back) for day, of, minor in db.execute(found)]


def _charges(owner_id: int, account_id: int, days: tuple[date, date]) -> Subquery:
    """Return the charges of these days and, under the same names and days, what took them back."""
    charge, back, undone = aliased(PostingRow), aliased(PostingRow), _undone(owner_id)
    names = (charge.origin, charge.key, charge.counter, charge.day)
    of_span = (charge.origin != REVERSAL, charge.day >= days[0], charge.day < days[1])
    made = select(*names, charge.amount_minor.label("minor")).where(
        *_of_services(charge, owner_id, account_id), *of_span
    )
    taken_back = (
        select(*names, back.amount_minor.label("minor"))
        .join_from(undone, back, and_(back.origin == REVERSAL, back.key == undone.c.key))
        .join(charge, and_(charge.origin == undone.c.of_origin, charge.key == undone.c.of_key))
        .where(*_of_services(charge, owner_id, account_id), *of_span)
        .where(*_of_services(back, owner_id, account_id), back.counter == charge.counter)
    )
    return union_all(made, taken_back).subquery("charge")


def _of_services(posting: Any, owner_id: int, account_id: int) -> tuple[ColumnElement[bool], ...]:
    return posting.owner_id == owner_id, posting.account_id == account_id, posting.counter.startswith(SALE)


def _undone(owner_id: int) -> CTE:
    """Return the key of each reversal of the owner's and which charge it is about, also by way of other reversals."""
    first, further = aliased(TransactionRow), aliased(TransactionRow)
    undone = (
        select(first.key, first.reverses_origin.label("of_origin"), first.reverses_key.label("of_key"))
        .where(first.owner_id == owner_id, first.origin == REVERSAL)
        .cte("undone", recursive=True)
    )
    deeper = (
        select(undone.c.key, further.reverses_origin, further.reverses_key)
        .join_from(undone, further, and_(further.origin == undone.c.of_origin, further.key == undone.c.of_key))
        .where(further.owner_id == owner_id, undone.c.of_origin == REVERSAL)
    )
    return undone.union_all(deeper)
