"""Payments of statements that may be known already: what resembles a payment, and what waits for a person's word."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, insert, select, tuple_, update
from sqlalchemy.orm import Session

from k5web.domain.bank.payment import ASSIGNED, TAKEN_BACK
from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.money import Money
from k5web.storage.allocator import allocate
from k5web.storage.bank.bank_payments import KEYS_AT_ONCE
from k5web.storage.sql import count_changed
from k5web.storage.tables import BankDoubtRow, BankPaymentRow
from k5web.storage.values import columns_of, value_of

State = Literal["open", "credited", "joined"]


@dataclass(frozen=True, slots=True)
class Resembling:
    """A known payment, booked or in doubt, by what another is compared with it. `owner_id` None: nobody's yet."""

    name: EventName
    document_no: str
    day: date
    amount: Money
    payer_hash: bytes | None
    payer_bic: str | None
    words: bytes
    owner_id: int | None
    recorded_at: datetime
    is_in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A payment that waits for a person's word. `number` is how people name it; `known` is the payment it may be."""

    name: EventName
    document_no: str
    day: date
    received_on: date
    amount: Money
    words: bytes
    payer_hash: bytes
    payer_bic: str
    payer: str
    payer_inn: str
    purpose: str
    purpose_apart: str
    differs: str
    known: EventName
    state: State = "open"
    number: int = 0


def numbered(
    db: Session, numbers: Collection[str], first: date, last: date, since: datetime | None = None
) -> list[Resembling]:
    """Return the payments with documents of these numbers and days; `since`: recorded then or later."""
    return _resembling(
        db,
        BankPaymentRow.document_no.in_(numbers) & BankPaymentRow.day.between(first, last),
        BankDoubtRow.document_no.in_(numbers) & BankDoubtRow.day.between(first, last),
        since,
    )


def of_sums(db: Session, sums: Collection[tuple[date, int]], since: datetime | None = None) -> list[Resembling]:
    """Return the payments of these days and sums (minor units)."""
    wanted = list(sums)
    return _resembling(
        db,
        tuple_(BankPaymentRow.day, BankPaymentRow.amount_minor).in_(wanted),
        tuple_(BankDoubtRow.day, BankDoubtRow.amount_minor).in_(wanted),
        since,
    )


def _resembling(
    db: Session, booked: ColumnElement[bool], doubted: ColumnElement[bool], since: datetime | None
) -> list[Resembling]:
    # Its first name is enough: not that of whom it was assigned to, nor of what staff took back
    first = (~BankPaymentRow.key.endswith(ASSIGNED), BankPaymentRow.origin != TAKEN_BACK)
    payments = select(BankPaymentRow).where(booked, *first)
    doubts = select(BankDoubtRow).where(doubted, BankDoubtRow.state != "credited")  # else its payment is found
    if since is not None:
        payments = payments.where(BankPaymentRow.recorded_at >= since)
        doubts = doubts.where(BankDoubtRow.recorded_at >= since)
    found = [
        _as_resembling(row, row.assigned_to if row.owner_id == HOUSE else row.owner_id, is_in_doubt=False)
        for row in db.scalars(payments)
    ]
    return found + [_as_resembling(row, None, is_in_doubt=True) for row in db.scalars(doubts)]


def _as_resembling(row: BankPaymentRow | BankDoubtRow, owner_id: int | None, is_in_doubt: bool) -> Resembling:
    name, amount = EventName(row.origin, row.key), Money(row.amount_minor)
    return value_of(Resembling, row, name=name, amount=amount, owner_id=owner_id, is_in_doubt=is_in_doubt)


def known(db: Session, origin: str, keys: Sequence[str]) -> dict[str, Doubt]:
    """Return the doubts, decided ones too, that have these keys."""
    found: dict[str, Doubt] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        rows = db.scalars(select(BankDoubtRow).where(BankDoubtRow.origin == origin, BankDoubtRow.key.in_(some)))
        found |= {row.key: _doubt(row) for row in rows}
    return found


def add(db: Session, doubt: Doubt, now: datetime) -> int:
    """Write a doubt down and return its number."""
    number = allocate(db, "bank_doubt")
    row = columns_of(
        doubt,
        *("name", "known", "amount"),
        number=number,
        origin=doubt.name.origin,
        key=doubt.name.key,
        known_origin=doubt.known.origin,
        known_key=doubt.known.key,
        amount_minor=doubt.amount.minor,
        state="open",
        recorded_at=now,
        decided_by="",
    )
    db.execute(insert(BankDoubtRow).values(**row))
    return number


def find(db: Session, number: int) -> Doubt | None:
    """Return the doubt of this number."""
    row = db.get(BankDoubtRow, number, populate_existing=True)
    return None if row is None else _doubt(row)


def of_document(db: Session, document_no: str, limit: int) -> list[Doubt]:
    """Return the doubts about payments whose documents have this number, the newest day first."""
    found = select(BankDoubtRow).where(BankDoubtRow.document_no == document_no)
    return [_doubt(row) for row in db.scalars(found.order_by(BankDoubtRow.day.desc()).limit(limit))]


def of_sum(db: Session, day: date, minor: int, limit: int) -> list[Doubt]:
    """Return the doubts about payments of this day and sum."""
    found = select(BankDoubtRow).where(BankDoubtRow.day == day, BankDoubtRow.amount_minor == minor)
    return [_doubt(row) for row in db.scalars(found.limit(limit))]  # an order would be found by another index


def waiting(db: Session, limit: int) -> list[Doubt]:
    """Return the doubts that nobody has decided, the oldest first."""
    found = select(BankDoubtRow).where(BankDoubtRow.state == "open").order_by(BankDoubtRow.number).limit(limit)
    return [_doubt(row) for row in db.scalars(found)]


def decide(db: Session, number: int, state: State, actor: str, now: datetime) -> bool:
    """Note what a person decided, and forget who paid and what for; False where it was decided already."""
    changed = (
        update(BankDoubtRow)
        .where(BankDoubtRow.number == number, BankDoubtRow.state == "open")
        .values(state=state, decided_at=now, decided_by=actor, payer="", payer_inn="", purpose="", purpose_apart="")
    )
    return count_changed(db, changed) == 1


def _doubt(row: BankDoubtRow) -> Doubt:
    return value_of(
        Doubt,
        row,
        name=EventName(row.origin, row.key),
        amount=Money(row.amount_minor),
        known=EventName(row.known_origin, row.known_key),
        state=_STATES[row.state],
    )


_STATES: dict[str, State] = {"open": "open", "credited": "credited", "joined": "joined"}
