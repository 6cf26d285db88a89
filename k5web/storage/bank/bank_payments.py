"""Payments of a bank's statements: which are known, which wait for a person to say whose they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, and_, func, insert, select, text, update
from sqlalchemy.orm import Session

from k5web.domain.bank.suspense import Closing, Traits
from k5web.domain.books.ledger import HOUSE, SEQ_PER_ACCOUNT, EventName
from k5web.domain.money import Money
from k5web.storage.bank import closings
from k5web.storage.sql import count_changed, same_event
from k5web.storage.tables import BankClosingRow, BankPaymentRow, NameClaimRow, PostingRow
from k5web.storage.values import columns_of, value_of

KEYS_AT_ONCE = 500
ROWS_AT_ONCE = 1000
_ADD = insert(cast(Table, BankPaymentRow.__table__))  # built once: statements have many payments


@dataclass(frozen=True, slots=True)
class KeptPayment:
    """A payment of a statement as K5 keeps it. `number`: of its posting, which people know it by."""

    owner_id: int  # HOUSE: nobody's yet
    name: EventName
    document_no: str
    day: date
    received_on: date
    amount: Money
    words: bytes
    invoice: int | None = None
    why: str = ""
    payer: str = ""
    payer_inn: str = ""
    purpose: str = ""
    payer_hash: bytes | None = None
    payer_bic: str | None = None
    number: int = 0
    assigned_to: int | None = None
    was_closed: bool = False

    @property
    def traits(self) -> Traits:
        """Return the key by which it is found."""
        return Traits(self.payer, self.payer_inn, self.purpose, self.amount, self.day, self.received_on)


def known(db: Session, origin: str, keys: Sequence[str]) -> dict[str, int]:
    """Return whom those of these names credited that are taken."""
    taken: dict[str, int] = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        which = (NameClaimRow.origin == origin, NameClaimRow.key.in_(some))
        found = db.execute(select(NameClaimRow.key, NameClaimRow.owner_id).where(*which))
        taken |= {row.key: row.owner_id for row in found}
    return taken


def words(db: Session, owner_id: int, name: EventName) -> bytes | None:
    """Return the digest of a known payment's purpose."""
    return db.scalar(select(BankPaymentRow.words).where(*_the(owner_id, name)))


def add(db: Session, payment: KeptPayment, now: datetime) -> None:
    """Write a payment down, in the transaction that posts it."""
    row = columns_of(
        payment,
        *("name", "amount", "number", "assigned_to", "was_closed"),
        origin=payment.name.origin,
        key=payment.name.key,
        amount_minor=payment.amount.minor,
        recorded_at=now,
    )
    db.execute(_ADD, row)


def find(db: Session, owner_id: int, name: EventName) -> KeptPayment | None:
    """Return one payment of this owner's; HOUSE: one that came to nobody, also where it was given to somebody since."""
    row = db.scalars(select(BankPaymentRow).where(*_the(owner_id, name))).one_or_none()
    return None if row is None else _kept(row, 0)


def waiting(db: Session) -> Iterator[KeptPayment]:
    """Yield the payments that nobody has yet, the longest here first."""
    found = _with_number(closings.was_closed()).where(~closings.is_closed())
    for row in _nobodys(db, found):
        yield _kept(row[0], _number(row), was_closed=row[3])


def count_waiting(db: Session) -> int:
    """Return how many payments nobody has yet."""
    found = select(func.count()).select_from(BankPaymentRow).where(BankPaymentRow.owner_id == HOUSE)
    return db.scalar(found.where(BankPaymentRow.assigned_to.is_(None), ~closings.is_closed())) or 0


def closed(db: Session) -> Iterator[tuple[KeptPayment, Closing]]:
    """Yield the payments that were closed as no subscriber's, and why."""
    beside, holds = closings.in_force()
    for row in _nobodys(db, _with_number(BankClosingRow).join(BankClosingRow, beside).where(holds)):
        yield _kept(row[0], _number(row), was_closed=True), closings.closing_of(row[3])


def _with_number(more: Any) -> Select[Any]:
    return select(BankPaymentRow, PostingRow.account_id, PostingRow.seq, more)


def _nobodys(db: Session, found: Select[Any]) -> Iterator[Any]:
    """Yield rows of payments that came to nobody and were given to nobody, a thousand at a time: there may be many."""
    beside = same_event(PostingRow, BankPaymentRow)
    which = (BankPaymentRow.owner_id == HOUSE, BankPaymentRow.assigned_to.is_(None))
    ordered = found.join(PostingRow, beside).where(*which).order_by(BankPaymentRow.received_on, PostingRow.seq)
    yield from db.execute(ordered, execution_options={"yield_per": ROWS_AT_ONCE})


def _number(row: Any) -> int:
    return int(row.account_id * SEQ_PER_ACCOUNT + row.seq)


def of_owner(db: Session, owner_id: int, limit: int) -> list[KeptPayment]:
    """Return what came to an owner through the bank, newest first."""
    found = select(BankPaymentRow).where(BankPaymentRow.owner_id == owner_id)
    newest = found.order_by(BankPaymentRow.received_on.desc(), BankPaymentRow.recorded_at.desc()).limit(limit)
    return [_kept(row, 0) for row in db.scalars(newest)]


def numbered(db: Session, document_no: str, limit: int) -> list[KeptPayment]:
    """Return the payments whose documents have this number at their bank, the newest day first."""
    return _newest(db, BankPaymentRow.document_no == document_no, limit)


def of_sum(db: Session, day: date, minor: int, limit: int) -> list[KeptPayment]:
    """Return the payments of this day and sum."""
    return _newest(db, and_(BankPaymentRow.day == day, BankPaymentRow.amount_minor == minor), limit)


def paid_by(db: Session, inn: str, limit: int) -> list[KeptPayment]:
    """Return what this payer sent that came to nobody, the newest day first; of others the payer is not kept."""
    return _newest(db, and_(BankPaymentRow.payer_inn == inn, text("payer_inn <> ''")), limit)


def _newest(db: Session, which: ColumnElement[bool], limit: int) -> list[KeptPayment]:
    """Return payments by their first names: what was given to its owner later has a second one."""
    found = select(BankPaymentRow).where(which).order_by(BankPaymentRow.day.desc()).limit(limit)
    return [_kept(row, 0) for row in db.scalars(found)]


def assign(db: Session, name: EventName, owner_id: int, now: datetime) -> bool:
    """Note to whom a waiting payment was given; False where it was given away already."""
    changed = (
        update(BankPaymentRow)
        .where(*_the(HOUSE, name), BankPaymentRow.assigned_to.is_(None))
        .values(assigned_to=owner_id, assigned_at=now)
    )
    return count_changed(db, changed) == 1


def paid_for(db: Session, owner_id: int, invoice: int) -> Money:
    """Return what came for an invoice of this owner's so far."""
    found = select(func.coalesce(func.sum(BankPaymentRow.amount_minor), 0)).where(
        BankPaymentRow.owner_id == owner_id, BankPaymentRow.invoice == invoice
    )
    return Money(int(db.scalar(found) or 0))


def _the(owner_id: int, name: EventName) -> tuple[ColumnElement[bool], ...]:
    return (
        BankPaymentRow.owner_id == owner_id,
        BankPaymentRow.origin == name.origin,
        BankPaymentRow.key == name.key,
    )


def _kept(row: BankPaymentRow, number: int, *, was_closed: bool = False) -> KeptPayment:
    name, amount = EventName(row.origin, row.key), Money(row.amount_minor)
    return value_of(KeptPayment, row, name=name, amount=amount, number=number, was_closed=was_closed)
