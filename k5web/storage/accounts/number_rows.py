"""The stock of numbers: rows in, domain values out. A number's state changes by comparing: one of two is too late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, func, insert, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from k5web.domain.accounts.stock_number import NumberChange, NumberSearch, NumberState, StockNumber, check_move
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, NumberTaken
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import NumberChangeRow, NumberRow

HOUSE = 0  # whose change it is where no subscriber has the number


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of a number, and by whom. `owner_id`: whose change it is; also who has the number afterwards,
    where it is reserved or rented then."""

    state: NumberState
    owner_id: int
    at: datetime
    actor: str
    until: datetime | None = None
    order: str = ""


_NUMBER = cast(Table, NumberRow.__table__)
_ADD = insert_or_nothing(_NUMBER, "digits").returning(_NUMBER.c.digits)


def add(db: Session, numbers: Mapping[Msisdn, bool], now: datetime, actor: str) -> list[Msisdn]:
    """Put free numbers into the stock, each beautiful or not; return those that were not there already."""
    born = {"state": NumberState.FREE, "since": now, "changes": 0}
    rows = [
        {"digits": number.digits, "code": number.digits[1:4], "is_beautiful": is_beautiful, **born}
        for number, is_beautiful in numbers.items()
    ]
    added = list(db.scalars(_ADD, rows))
    if added:
        change = Move(NumberState.FREE, HOUSE, now, actor)
        db.execute(insert(NumberChangeRow), [_change_values(digits, 0, change) for digits in added])
    return [Msisdn(digits) for digits in added]


def get(db: Session, digits: str) -> StockNumber:
    """Return a number of the stock. Raises: NotFound."""
    row = NotFound.unless(db.get(NumberRow, digits, populate_existing=True), f"number {digits} in the stock")
    return _number(row)


def is_ours(db: Session, digits: str) -> bool:
    """Return whether the stock has a number, whatever its state."""
    return db.scalar(select(func.count()).where(NumberRow.digits == digits)) == 1


def move(db: Session, number: StockNumber, to: Move) -> StockNumber:
    """Change a number's state as it was seen, and write it into the history.

    Raises: NumberTaken (it changed meanwhile, or no such way leads there).
    """
    check_move(number, to.state)
    has_owner = to.state in (NumberState.RESERVED, NumberState.RENTED)
    values = {
        "state": to.state,
        "owner_id": to.owner_id if has_owner else None,
        "since": to.at,
        "reserved_until": to.until if to.state is NumberState.RESERVED else None,
        "quarantine_until": to.until if to.state is NumberState.QUARANTINE else None,
        "changes": number.changes + 1,
        "rings": None,
    }
    digits = number.msisdn.digits
    seen = (NumberRow.digits == digits, NumberRow.changes == number.changes)
    moved = db.execute(update(NumberRow).where(*seen).values(**values).execution_options(synchronize_session=False))
    assert isinstance(moved, CursorResult)
    if moved.rowcount != 1:
        raise NumberTaken(number=number.msisdn)
    db.execute(insert(NumberChangeRow).values(**_change_values(digits, number.changes + 1, to)))
    return get(db, digits)


def of_owner(db: Session, owner_id: int) -> list[StockNumber]:
    """Return what a subscriber has rented or reserved, oldest first."""
    rows = select(NumberRow).where(NumberRow.owner_id == owner_id).order_by(NumberRow.since, NumberRow.digits)
    return [_number(row) for row in db.scalars(rows.execution_options(populate_existing=True))]


def reserved_since(db: Session, owner_id: int, since: datetime) -> int:
    """Return how many numbers a subscriber reserved since then."""
    counted = select(func.count()).where(
        NumberChangeRow.owner_id == owner_id,
        NumberChangeRow.state == NumberState.RESERVED,
        NumberChangeRow.at >= since,
    )
    return db.scalar(counted) or 0


def find_free(db: Session, wanted: NumberSearch, after: str, limit: int, now: datetime) -> list[StockNumber]:
    """Return free numbers that fit, in the order of their digits, those behind `after`."""
    pattern = f"%{wanted.digits}%" if wanted.is_anywhere else f"%{wanted.digits}"
    fits: list[ColumnElement[bool]] = [_is_free(now), NumberRow.digits > after]
    if wanted.code:
        fits.append(NumberRow.code == wanted.code)
    if wanted.digits:
        fits.append(func.substr(NumberRow.digits, 2).like(pattern))
    rows = db.scalars(select(NumberRow).where(*fits).order_by(NumberRow.digits).limit(limit))
    return [_number(row) for row in rows]


def count_free(db: Session, now: datetime) -> dict[str, int]:
    """Return how many numbers of each code are free; codes that have none are left out."""
    counted = select(NumberRow.code, func.count().label("free")).where(_is_free(now)).group_by(NumberRow.code)
    return {row.code: int(row.free) for row in db.execute(counted.order_by(NumberRow.code))}


def listed(db: Session, code: str | None, state: NumberState | None, now: datetime) -> Iterable[StockNumber]:
    """Yield the stock in the order of digits; of one code, of one state, or all."""
    rows = select(NumberRow).order_by(NumberRow.digits)
    if code is not None:
        rows = rows.where(NumberRow.code == code)
    if state is not None:
        is_free = _is_free(now)
        rows = rows.where(is_free if state is NumberState.FREE else and_(NumberRow.state == state, ~is_free))
    return (_number(row) for row in db.scalars(rows.execution_options(yield_per=1000)))


def overdue(db: Session, now: datetime, limit: int) -> list[str]:
    """Return numbers whose reservation or rest has ended, unlocked: whoever frees one looks again."""
    return list(db.scalars(select(NumberRow.digits).where(_is_over(now)).order_by(NumberRow.digits).limit(limit)))


def history(db: Session, digits: str) -> list[NumberChange]:
    """Return every change of a number's state, oldest first."""
    rows = db.scalars(select(NumberChangeRow).where(NumberChangeRow.digits == digits).order_by(NumberChangeRow.n))
    return [
        NumberChange(
            msisdn=Msisdn(row.digits),
            state=NumberState(row.state),
            owner_id=row.owner_id or None,
            at=row.at,
            actor=row.actor,
            order=row.order_key,
        )
        for row in rows
    ]


def _is_over(now: datetime) -> ColumnElement[bool]:
    return or_(NumberRow.reserved_until <= now, NumberRow.quarantine_until <= now)


def _is_free(now: datetime) -> ColumnElement[bool]:
    """The condition of `StockNumber.is_free`; a comparison with NULL would leave free numbers out when negated."""
    over = func.coalesce(NumberRow.reserved_until, NumberRow.quarantine_until)
    return or_(NumberRow.state == NumberState.FREE, and_(over.is_not(None), over <= now))


def _change_values(digits: str, n: int, change: Move) -> dict[str, Any]:
    return {
        "owner_id": change.owner_id,
        "digits": digits,
        "n": n,
        "state": change.state,
        "at": change.at,
        "actor": change.actor,
        "order_key": change.order,
    }


def _number(row: NumberRow) -> StockNumber:
    return StockNumber(
        msisdn=Msisdn(row.digits),
        is_beautiful=row.is_beautiful,
        state=NumberState(row.state),
        owner_id=row.owner_id,
        since=row.since,
        until=row.reserved_until or row.quarantine_until,
        changes=row.changes,
        rings=Msisdn(row.rings) if row.rings else None,
    )
