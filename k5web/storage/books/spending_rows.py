"""What services cost their owner, net of what was taken back: by the day of the charge, by whom was called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    select,
    union_all,
)
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
    found = db.execute(_BY_DAY, _asked(owner_id, account_id, days))
    return [(day, int(minor)) for day, minor in found]


def by_sort(db: Session, owner_id: int, account_id: int, days: tuple[date, date]) -> Sequence[Spent]:
    """Return the same of a span of days by whom was called; of what is no call, each charge by itself."""
    return [
        Spent(counter, EventName(origin, key), number, int(minor))
        for counter, origin, key, number, minor in db.execute(_BY_SORT, _asked(owner_id, account_id, days))
    ]


def by_posting(
    db: Session, owner_id: int, account_id: int, days: tuple[date, date]
) -> Sequence[tuple[date, date, int]]:
    """Return what services moved the account by on each day of a span, by the days of the charges that it is about.

    What was charged is below zero, what takes back such a charge above it. Units: minor.
    """
    asked = _asked(owner_id, account_id, days)
    return [(day, of, int(minor)) for statement in _BY_POSTING for day, of, minor in db.execute(statement, asked)]


def _asked(owner_id: int, account_id: int, days: tuple[date, date]) -> dict[str, Any]:
    return {"owner": owner_id, "account": account_id, "since": days[0], "until": days[1]}


# The statements are made once: to put one together costs as much Python as the whole page that shows its answer
_OWNER: BindParameter[int] = bindparam("owner")
_ACCOUNT: BindParameter[int] = bindparam("account")
_SINCE: BindParameter[date] = bindparam("since")
_UNTIL: BindParameter[date] = bindparam("until")


def _make_by_day() -> Select[Any]:
    charge = _charges().c
    total = func.sum(-charge.minor)
    return select(charge.day, total).group_by(charge.day).having(total != 0).order_by(charge.day)


def _make_by_sort() -> Select[Any]:
    charges = _charges()
    charge = charges.c
    called = and_(charge.origin == "call", CallRow.owner_id == _OWNER, CallRow.n == NumberOfCall(charge.key))
    sort = case((CallRow.n.is_(None), charge.key), else_=func.substr(CallRow.b_number, 1, HEAD))
    total = func.sum(-charge.minor)
    return (
        select(charge.counter, charge.origin, func.min(charge.key), func.min(CallRow.b_number), total)
        .join_from(charges, CallRow, called, isouter=True)
        .group_by(charge.counter, charge.origin, CallRow.n.is_(None), sort)
        .having(total != 0)
    )


def _make_by_posting() -> tuple[Select[date, date, int], Select[date, date, int]]:
    move, charge, undone = aliased(PostingRow), aliased(PostingRow), _undone()
    of_span = (*_of_services(move), move.day >= _SINCE, move.day < _UNTIL)
    total = func.sum(move.amount_minor)
    charged = select(move.day, move.day.label("of"), total).where(*of_span, move.origin != REVERSAL).group_by(move.day)
    back = (
        select(move.day, charge.day.label("of"), total)
        .join_from(undone, move, and_(move.origin == REVERSAL, move.key == undone.c.key))
        .join(charge, and_(charge.origin == undone.c.of_origin, charge.key == undone.c.of_key))
        .where(*of_span, *_of_services(charge), charge.origin != REVERSAL)
        .where(charge.counter == move.counter)
        .group_by(move.day, charge.day)
    )
    return charged, back


def _charges() -> Subquery:
    """Return the charges of these days and, under the same names and days, what took them back."""
    charge, back, undone = aliased(PostingRow), aliased(PostingRow), _undone()
    names = (charge.origin, charge.key, charge.counter, charge.day)
    of_span = (charge.origin != REVERSAL, charge.day >= _SINCE, charge.day < _UNTIL)
    made = select(*names, charge.amount_minor.label("minor")).where(*_of_services(charge), *of_span)
    taken_back = (
        select(*names, back.amount_minor.label("minor"))
        .join_from(undone, back, and_(back.origin == REVERSAL, back.key == undone.c.key))
        .join(charge, and_(charge.origin == undone.c.of_origin, charge.key == undone.c.of_key))
        .where(*_of_services(charge), *of_span)
        .where(*_of_services(back), back.counter == charge.counter)
    )
    return union_all(made, taken_back).subquery("charge")


def _of_services(posting: Any) -> tuple[ColumnElement[bool], ...]:
    return posting.owner_id == _OWNER, posting.account_id == _ACCOUNT, posting.counter.startswith(SALE)


def _undone() -> CTE:
    """Return the key of each reversal of the owner's and which charge it is about, also by way of other reversals."""
    first, further = aliased(TransactionRow), aliased(TransactionRow)
    undone = (
        select(first.key, first.reverses_origin.label("of_origin"), first.reverses_key.label("of_key"))
        .where(first.owner_id == _OWNER, first.origin == REVERSAL)
        .cte("undone", recursive=True)
    )
    deeper = (
        select(undone.c.key, further.reverses_origin, further.reverses_key)
        .join_from(undone, further, and_(further.origin == undone.c.of_origin, further.key == undone.c.of_key))
        .where(further.owner_id == _OWNER, undone.c.of_origin == REVERSAL)
    )
    return undone.union_all(deeper)


_BY_DAY, _BY_SORT, _BY_POSTING = _make_by_day(), _make_by_sort(), _make_by_posting()
