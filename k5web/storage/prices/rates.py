"""Price lists in the database: versions appended whole, tables read back as they were in force at a moment."""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from k5web.domain.money import Price
from k5web.domain.prices.deck import DeckVersion
from k5web.domain.prices.rating import Rate, RateTable
from k5web.errors import NotFound
from k5web.storage.prices import withdrawal_rows
from k5web.storage.sql import one_at_a_time
from k5web.storage.tables import DeckRow, RateRow
from k5web.storage.values import value_of

BATCH = 5_000  # rows of one INSERT

PublishedRate = tuple[Rate, datetime]  # and the moment it takes force
State = tuple[
    int, int
]  # of a list: the number of the version that was imported last, 0 for none; how many were taken back

_STANDS = withdrawal_rows.stands("deck", DeckRow.id)


@dataclass(frozen=True, slots=True)
class Due:
    """The version due at a moment and when the next one follows."""

    version_id: int | None
    effective_from: datetime | None  # of that version
    next_effective: datetime | None


def add_version(
    db: Session,
    name: str,
    effective_from: datetime,
    imported_at: datetime,
    source: str,
    digest: bytes,
    rates: Sequence[PublishedRate],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DeckVersion:
    """Publish a version whole and return it."""
    row = {"name": name, "effective_from": effective_from, "imported_at": imported_at, "row_count": len(rates)}
    version_id = db.execute(
        insert(DeckRow).values(**row, source=source, digest=digest).returning(DeckRow.id)
    ).scalar_one()
    for start in range(0, len(rates), BATCH):
        db.execute(insert(RateRow), [_row(version_id, *rate) for rate in rates[start : start + BATCH]])
        progress(min(start + BATCH, len(rates)), len(rates))
    return DeckVersion(version_id, name, effective_from, imported_at, len(rates), source, digest)


def lock(db: Session) -> None:
    """Let one importer at a time compare with what is published and add to it."""
    one_at_a_time(db, "price lists")


def state(db: Session, name: str) -> State:
    """Return what changes whenever a version of a list is published or taken back."""
    last = db.scalar(select(func.max(DeckRow.id)).where(DeckRow.name == name)) or 0
    return last, withdrawal_rows.count(db, "deck", name)


def due(db: Session, name: str, moment: datetime) -> Due:
    """Return which version is due: the latest to take force by then, of several the last one imported."""
    latest = db.execute(
        select(DeckRow.id, DeckRow.effective_from)
        .where(DeckRow.name == name, DeckRow.effective_from <= moment, _STANDS)
        .order_by(DeckRow.effective_from.desc(), DeckRow.id.desc())
        .limit(1)
    ).one_or_none()
    following = db.scalar(
        select(func.min(DeckRow.effective_from)).where(DeckRow.name == name, DeckRow.effective_from > moment, _STANDS)
    )
    version_id, effective_from = latest or (None, None)
    return Due(version_id, effective_from, following)


def price_moments(db: Session, version_id: int) -> tuple[datetime, ...]:
    """Return the moments at which prices of a version take force, earliest first."""
    found = select(RateRow.valid_from).where(RateRow.deck_id == version_id).distinct().order_by(RateRow.valid_from)
    return tuple(db.scalars(found))


def load_table(db: Session, name: str, version_id: int, moment: datetime) -> RateTable:
    """Return a version's table as in force at the moment: of several prices of a prefix the last that began."""
    rows = db.execute(
        select(*_COLUMNS)
        .where(RateRow.deck_id == version_id, RateRow.valid_from <= moment)
        .order_by(RateRow.valid_from)  # a later price of a prefix replaces the earlier one
    )
    return RateTable(name, version_id, _rates(rows))


def load_rates_of(db: Session, name: str, version_id: int, moment: datetime, numbers: Collection[str]) -> RateTable:
    """Return a version's table as in force at the moment with no more than what these E.164 digits stand under."""
    prefixes = {number[:end] for number in numbers for end in range(1, len(number) + 1)}
    rows = db.execute(
        select(*_COLUMNS)
        .where(RateRow.deck_id == version_id, RateRow.prefix.in_(prefixes), RateRow.valid_from <= moment)
        .order_by(RateRow.valid_from)  # as of the whole table
    )
    return RateTable(name, version_id, _rates(rows))


def published(db: Session, version_id: int) -> Iterator[PublishedRate]:
    """Yield all rates of a version with their moments, by prefix."""
    rows = db.execute(
        select(*_COLUMNS, RateRow.valid_from)
        .where(RateRow.deck_id == version_id)
        .order_by(RateRow.prefix, RateRow.valid_from)
    ).all()
    moments = [row[-1] for row in rows]
    return zip(_rates(row[:-1] for row in rows), moments, strict=True)


def versions(db: Session) -> list[DeckVersion]:
    """Return all versions of all lists that were not taken back, by name and by when they take force."""
    rows = db.scalars(select(DeckRow).where(_STANDS).order_by(DeckRow.name, DeckRow.effective_from, DeckRow.id))
    return [_version(row) for row in rows]


def withdrawn(db: Session) -> list[DeckVersion]:
    """Return the versions that were taken back before they took force, the newest first."""
    return [_version(row) for row in db.scalars(select(DeckRow).where(~_STANDS).order_by(DeckRow.id.desc()))]


def version(db: Session, version_id: int) -> DeckVersion:
    """Return one version, also one that was taken back. Raises: NotFound."""
    row = NotFound.unless(db.get(DeckRow, version_id), f"version {version_id} of a price list")
    return _version(row)


def newest_for(db: Session, name: str, effective_from: datetime) -> DeckVersion | None:
    """Return the last version imported for exactly this moment."""
    row = db.scalar(
        select(DeckRow)
        .where(DeckRow.name == name, DeckRow.effective_from == effective_from, _STANDS)
        .order_by(DeckRow.id.desc())
        .limit(1)
    )
    return None if row is None else _version(row)


def next_after(db: Session, name: str, moment: datetime) -> DeckVersion | None:
    """Return the version that takes the place of what is in force at a moment, None where none is known."""
    later = [version for version in versions(db) if version.name == name and version.effective_from > moment]
    first = min((version.effective_from for version in later), default=None)
    return next((version for version in reversed(later) if version.effective_from == first), None)


_COLUMNS = (
    RateRow.prefix,
    RateRow.destination,
    RateRow.price_micro,
    RateRow.currency,
    RateRow.increment_s,
    RateRow.minimum_s,
    RateRow.free_below_s,
    RateRow.connect_fee_micro,
    RateRow.is_blocked,
)


def _row(version_id: int, rate: Rate, valid_from: datetime) -> dict[str, object]:
    return {
        "deck_id": version_id,
        "prefix": rate.prefix,
        "valid_from": valid_from,
        "destination": rate.destination,
        "price_micro": rate.per_minute.micro,
        "currency": rate.per_minute.currency,
        "increment_s": rate.increment_s,
        "minimum_s": rate.minimum_s,
        "free_below_s": rate.free_below_s,
        "connect_fee_micro": rate.connect_fee.micro if rate.connect_fee else 0,
        "is_blocked": rate.is_blocked,
    }


def _rates(rows: Iterable[Sequence[Any]]) -> Iterator[Rate]:
    """Yield rates; equal names and prices are one object, tens of thousands of rows share a few hundred."""
    prices: dict[tuple[int, str], Price] = {}
    for prefix, destination, micro, currency, increment_s, minimum_s, free_below_s, fee_micro, is_blocked in rows:
        price = prices.get((micro, currency))
        if price is None:
            price = prices[micro, currency] = Price(micro, currency)
        fee = Price(fee_micro, currency) if fee_micro else None
        yield Rate(prefix, sys.intern(destination), price, increment_s, minimum_s, free_below_s, fee, bool(is_blocked))


def _version(row: DeckRow) -> DeckVersion:
    return value_of(DeckVersion, row, digest=bytes(row.digest))
