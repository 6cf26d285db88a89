"""Applications for the unused advance: one is open at a time, and each is paid or declined once."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import cast

from sqlalchemy import ColumnElement, Row, Table, select, update
from sqlalchemy.orm import Session

from k5web.domain.accounts.ending import RefundApplication, Requisites
from k5web.domain.money import Money
from k5web.storage.sql import next_of
from k5web.storage.tables import RefundApplicationRow

APPLICATION = cast(Table, RefundApplicationRow.__table__)
_IS_OPEN = (APPLICATION.c.paid_at.is_(None), APPLICATION.c.declined_at.is_(None))


def add(db: Session, owner_id: int, amount: Money, to: Requisites, now: datetime, due_on: date) -> RefundApplication:
    """Write an application under the owner's next number. The caller holds the account's lock."""
    n = next_of(db, RefundApplicationRow, owner_id)
    row = {"owner_id": owner_id, "n": n, "amount_minor": amount.minor, "unit": amount.currency}
    row |= {"recipient": to.recipient, "account": to.account, "bank": to.bank}
    db.execute(APPLICATION.insert().values(**row, applied_at=now, due_on=due_on))
    return RefundApplication(owner_id, n, amount, to, now, due_on)


def of_owner(db: Session, owner_id: int) -> list[RefundApplication]:
    """Return a subscriber's applications, the oldest first."""
    return _read(db, [APPLICATION.c.owner_id == owner_id])


def waiting(db: Session) -> list[RefundApplication]:
    """Return the applications that are to be paid, the nearest term first."""
    return _read(db, _IS_OPEN)


def note_paid(db: Session, application: RefundApplication, now: datetime, actor: str, document: str) -> bool:
    """Note that an application was paid; False where it was paid or declined meanwhile."""
    return _close(db, application, {"paid_at": now, "actor": actor, "document": document})


def note_declined(db: Session, application: RefundApplication, now: datetime, actor: str, reason: str) -> bool:
    """Note that an application is not paid; False where it was paid or declined meanwhile."""
    return _close(db, application, {"declined_at": now, "actor": actor, "document": reason})


def _close(db: Session, application: RefundApplication, values: dict[str, object]) -> bool:
    same = (APPLICATION.c.owner_id == application.owner_id, APPLICATION.c.n == application.n)
    closed = update(APPLICATION).where(*same, *_IS_OPEN).values(**values).returning(APPLICATION.c.n)
    return db.execute(closed).first() is not None


def _read(db: Session, which: Iterable[ColumnElement[bool]]) -> list[RefundApplication]:
    wanted = select(APPLICATION).where(*which)
    rows = db.execute(wanted.order_by(APPLICATION.c.due_on, APPLICATION.c.owner_id, APPLICATION.c.n))
    return [_application(row) for row in rows]


def _application(row: Row[tuple[object, ...]]) -> RefundApplication:
    found = row._mapping
    return RefundApplication(
        found["owner_id"],
        found["n"],
        Money(found["amount_minor"], found["unit"]),
        Requisites(found["recipient"], found["account"], found["bank"]),
        found["applied_at"],
        found["due_on"],
        found["paid_at"],
        found["declined_at"],
        found["actor"],
        found["document"],
    )
