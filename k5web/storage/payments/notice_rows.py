"""Providers' notices in the database: what was said, masked, and what we answered."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, insert, select, text
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import NoticeRow
from k5web.storage.tables.payments import REFUSED_PAYMENT
from k5web.storage.values import columns_of, value_of

NOTICE = cast(Table, NoticeRow.__table__)
_IDS = 2**62
_ADD = insert(NOTICE)
_ADD_ONE_A_MINUTE = insert_or_nothing(NOTICE, "key", "origin", "id")


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """One row. `verdict`: ok, repeat, conflict, refused, forged, malformed."""

    name: EventName  # of the payment it speaks of; the key may be empty
    at: datetime
    kind: str
    verdict: str
    why: str
    request: str
    owner_id: int | None = None
    amount: Money | None = None
    account_hash: bytes | None = None
    receipt: str = ""


def add(db: Session, notice: KeptNotice) -> None:
    """Keep a notice."""
    db.execute(_ADD, _row(notice) | {"id": secrets.randbelow(_IDS)})


def add_forged(db: Session, notice: KeptNotice) -> None:
    """Keep a notice that is not the provider's, one a minute for each origin: whoever floods us fills no table."""
    db.execute(_ADD_ONE_A_MINUTE, _row(notice) | {"key": "", "id": int(notice.at.timestamp()) // 60})


def credited_hashes(db: Session, name: EventName) -> set[bytes]:
    """Return the hashes of what the payers typed when this payment was credited."""
    found = select(NOTICE.c.account_hash).where(
        NOTICE.c.key == name.key, NOTICE.c.origin == name.origin, NOTICE.c.kind == "paid", NOTICE.c.verdict == "ok"
    )
    return {bytes(row) for row in db.scalars(found) if row is not None}


def names_by_receipt(db: Session, receipt: str, limit: int) -> list[EventName]:
    """Return the payments that carry this second number of a provider."""
    found = select(NOTICE.c.origin, NOTICE.c.key).where(NOTICE.c.receipt == receipt, NOTICE.c.receipt != "")
    return [EventName(row.origin, row.key) for row in db.execute(found.distinct().limit(limit))]


def of_name(db: Session, name: EventName, limit: int) -> list[KeptNotice]:
    """Return what its provider said of one payment, oldest first."""
    found = select(NOTICE).where(NOTICE.c.key == name.key, NOTICE.c.origin == name.origin)
    return [_kept(row) for row in db.execute(found.order_by(NOTICE.c.at, NOTICE.c.id).limit(limit))]


def of_span(
    db: Session, span: tuple[datetime, datetime], origin: str, skip: int, limit: int, *, is_refused: bool = False
) -> list[KeptNotice]:
    """Return the notices of a time, newest first: of one origin, or of all where it is ""."""
    found = select(NOTICE).where(NOTICE.c.at >= span[0], NOTICE.c.at < span[1])
    if origin:
        found = found.where(NOTICE.c.origin == origin)
    if is_refused:
        found = found.where(NOTICE.c.verdict.not_in(["ok", "repeat"]))
    page = found.order_by(NOTICE.c.at.desc(), NOTICE.c.id).offset(skip).limit(limit)
    return [_kept(row) for row in db.execute(page)]


def names_by_key(db: Session, key: str, limit: int) -> list[EventName]:
    """Return the payments that providers spoke of under this key, credited or not; forged notices have none."""
    found = select(NOTICE.c.origin).where(NOTICE.c.key == key, NOTICE.c.key != "").distinct()
    return [EventName(origin, key) for origin in db.scalars(found.limit(limit))]


def refused(db: Session, minor: int, since: datetime, until: datetime, limit: int) -> list[KeptNotice]:
    """Return payments of this sum and time that were not credited when they came, newest first."""
    when = (NOTICE.c.amount_minor == minor, NOTICE.c.at >= since, NOTICE.c.at < until, text(REFUSED_PAYMENT))
    return [_kept(row) for row in db.execute(select(NOTICE).where(*when).order_by(NOTICE.c.at.desc()).limit(limit))]


def _kept(row: Row[Any]) -> KeptNotice:
    amount = None if row.amount_minor is None else Money(row.amount_minor, row.currency or "RUB")
    return value_of(KeptNotice, row, name=EventName(row.origin, row.key), amount=amount)


def _row(notice: KeptNotice) -> dict[str, object]:
    return columns_of(
        notice,
        *("name", "amount"),
        key=notice.name.key,
        origin=notice.name.origin,
        amount_minor=notice.amount.minor if notice.amount else None,
        currency=notice.amount.currency if notice.amount else None,
    )
