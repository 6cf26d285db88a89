"""Providers' registers in the database, and what the ledger has under their names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, and_, func, literal, literal_column, or_, select, text
from sqlalchemy.orm import Session, aliased

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.domain.payments.register import RegisterVerdict
from k5web.storage.sql import be_patient, insert_or_nothing, same_event
from k5web.storage.tables import NameClaimRow, PostingRow, RegisterLineRow, TransactionRow
from k5web.storage.values import value_of

LINE = cast(Table, RegisterLineRow.__table__)
_ADD = insert_or_nothing(LINE, "file_sha256", "line_no")


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One line of a register as it was judged when its file was first read. `amount` below zero: taken back."""

    name: EventName
    line_no: int
    at: datetime | None
    amount: Money
    verdict: RegisterVerdict


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment as the ledger has it."""

    key: str
    owner_id: int
    amount: Money
    occurred_at: datetime
    recorded_at: datetime


def add_lines(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep a register's lines; those that are there stay as they are."""
    if rows:
        db.execute(_ADD, rows)


def lines_before(
    db: Session, file_sha256: str, line_no: int, origin: str, keys: Collection[str]
) -> dict[str, tuple[int, int]]:
    """Return for each payment how many lines of the file above this one credit it, and what the others took back."""
    found = (
        select(
            LINE.c.key,
            func.count().filter(LINE.c.amount_minor > 0),
            func.coalesce(func.sum(LINE.c.amount_minor).filter(LINE.c.amount_minor < 0), 0),
        )
        .where(LINE.c.file_sha256 == file_sha256, LINE.c.line_no < line_no)
        .where(LINE.c.origin == origin, LINE.c.key.in_(keys))
        .group_by(LINE.c.key)
    )
    return {str(row[0]): (int(row[1]), int(row[2])) for row in db.execute(found)}


def names_by_key(db: Session, key: str, limit: int) -> list[EventName]:
    """Return the payments that registers have under this key."""
    found = select(LINE.c.origin).where(LINE.c.key == key).distinct().limit(limit)
    return [EventName(origin, key) for origin in db.scalars(found)]


def lines_of(db: Session, name: EventName, limit: int) -> list[KeptLine]:
    """Return the lines of all registers about one payment, as they came."""
    found = select(LINE).where(LINE.c.key == name.key, LINE.c.origin == name.origin)
    return [_line(row) for row in db.execute(found.order_by(LINE.c.at, LINE.c.line_no).limit(limit))]


def missing(db: Session, minor: int, since: datetime, until: datetime, limit: int) -> list[KeptLine]:
    """Return lines of this sum and time whose payment had not come here when the register did, newest first."""
    which = (LINE.c.amount_minor == minor, LINE.c.at >= since, LINE.c.at < until, text("verdict = 'missing_here'"))
    return [_line(row) for row in db.execute(select(LINE).where(*which).order_by(LINE.c.at.desc()).limit(limit))]


def _line(row: Any) -> KeptLine:
    name, amount = EventName(row.origin, row.key), Money(row.amount_minor, row.currency)
    return value_of(KeptLine, row, name=name, amount=amount, verdict=RegisterVerdict(row.verdict))


def booked(db: Session, origin: str, keys: Collection[str]) -> dict[str, Booked]:
    """Return what the ledger has under these names."""
    found = (
        _payments()
        .join(NameClaimRow, same_event(NameClaimRow, TransactionRow))
        .where(NameClaimRow.origin == origin, NameClaimRow.key.in_(keys))
    )
    return {row.key: _booked(row) for row in db.execute(found)}


def gone_back(db: Session, origin: str, keys: Collection[str]) -> dict[str, Money]:
    """Return what went back of these payments in all, reversed or refunded, below zero."""
    found = (
        select(TransactionRow.reverses_key, func.sum(PostingRow.amount_minor).label("minor"), PostingRow.unit)
        .join(PostingRow, same_event(PostingRow, TransactionRow))
        .join(
            NameClaimRow,
            and_(
                NameClaimRow.owner_id == TransactionRow.owner_id,
                NameClaimRow.origin == TransactionRow.reverses_origin,
                NameClaimRow.key == TransactionRow.reverses_key,
            ),
        )
        .where(NameClaimRow.origin == origin, NameClaimRow.key.in_(keys))
        .group_by(TransactionRow.reverses_key, PostingRow.unit)
    )
    return {row.reverses_key: Money(int(row.minor), row.unit) for row in db.execute(found)}


def unlisted(
    db: Session, origin: str, since: datetime, until: datetime, after: Booked | None, limit: int
) -> list[Booked]:
    """Return payments of a time that stand in no register kept here, oldest first; what was taken back need not."""
    be_patient(db)
    moment, key = TransactionRow.occurred_at, TransactionRow.key
    reversal = aliased(TransactionRow)
    listed = select(literal(1)).where(LINE.c.origin == TransactionRow.origin, LINE.c.key == key)
    undone = select(literal(1)).where(
        reversal.owner_id == TransactionRow.owner_id,
        reversal.reverses_origin == TransactionRow.origin,
        reversal.reverses_key == key,
        reversal.origin == "reversal",
    )
    found = (
        _payments()
        .where(TransactionRow.origin == origin, moment >= since, moment < until, ~listed.exists(), ~undone.exists())
        .where(TransactionRow.origin.like(literal_column("'%:%'")))  # as the index of payments says it
        .order_by(moment, key)
        .limit(limit)
    )
    if after is not None:
        found = found.where(or_(moment > after.occurred_at, and_(moment == after.occurred_at, key > after.key)))
    return [_booked(row) for row in db.execute(found)]


def went_back(
    db: Session, origin: str, since: datetime, until: datetime, after: Booked | None, limit: int
) -> list[Booked]:
    """Return what went back by the provider's word at that time, one row a payment, oldest payment's key first.

    The sum is all that went back of the payment so far, below zero; a payment that was taken back whole before any
    register named it is left out, for it need not stand there either.
    """
    be_patient(db)
    back, named = _went_back(origin).subquery(), aliased(LINE)
    listed = select(literal(1)).where(named.c.origin == origin, named.c.key == back.c.key, named.c.amount_minor > 0)
    found = select(back).where(back.c.last >= since, back.c.last < until, or_(~back.c.is_whole, listed.exists()))
    if after is not None:
        found = found.where(back.c.key > after.key)
    return [
        Booked(row.key, row.owner_id, Money(int(row.minor), row.unit), row.last, row.last)
        for row in db.execute(found.order_by(back.c.key).limit(limit))
    ]


def told_back(db: Session, origin: str, keys: Collection[str]) -> dict[str, int]:
    """Return what all registers kept here say went back of these payments. The same line in two files counts once."""
    line = (
        select(LINE.c.key, LINE.c.at, LINE.c.amount_minor)
        .where(LINE.c.origin == origin, LINE.c.key.in_(keys), LINE.c.amount_minor < 0)
        .distinct()
        .subquery()
    )
    found = select(line.c.key, func.sum(line.c.amount_minor)).group_by(line.c.key)
    return {str(row[0]): int(row[1]) for row in db.execute(found)}


def _went_back(origin: str) -> Any:
    """Return the query of what went back of each payment through its provider: not what staff put right here."""
    return (
        select(
            TransactionRow.owner_id,
            TransactionRow.reverses_key.label("key"),
            func.sum(PostingRow.amount_minor).label("minor"),
            PostingRow.unit,
            func.max(TransactionRow.occurred_at).label("last"),
            (func.max(TransactionRow.origin) == "reversal").label("is_whole"),
        )
        .join(PostingRow, same_event(PostingRow, TransactionRow))
        .where(TransactionRow.reverses_origin == origin, TransactionRow.origin.in_(("reversal", "refund")))
        .where(TransactionRow.actor.like("connector:%"))
        .group_by(TransactionRow.owner_id, TransactionRow.reverses_key, PostingRow.unit)
    )


def _payments() -> Any:
    columns = (TransactionRow.key, TransactionRow.owner_id, TransactionRow.occurred_at, TransactionRow.recorded_at)
    found = select(*columns, PostingRow.amount_minor, PostingRow.unit)
    return found.join(PostingRow, same_event(PostingRow, TransactionRow))


def _booked(row: Any) -> Booked:
    return Booked(row.key, row.owner_id, Money(row.amount_minor, row.unit), row.occurred_at, row.recorded_at)
