"""Promised payments: rows in, domain values out. The floor of the account follows them by triggers."""

from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Purse
from k5web.domain.books.promised_payment import EndedWhy, PromisedPayment
from k5web.domain.money import Money
from k5web.storage.sql import next_of
from k5web.storage.tables import AccountRow, PostingRow, PromisedPaymentRow
from k5web.storage.values import value_of

_FOUND = select(PromisedPaymentRow, AccountRow.unit).join(
    AccountRow,
    (AccountRow.owner_id == PromisedPaymentRow.owner_id) & (AccountRow.id == PromisedPaymentRow.account_id),
)


def take(db: Session, purse: Purse, form_key: str, amount: Money, now: datetime, due_at: datetime) -> PromisedPayment:
    """Lower the floor of a main account by this sum. The caller holds the account's lock and knows of none open."""
    n = next_of(db, PromisedPaymentRow, purse.owner_id)
    row = PromisedPaymentRow(
        owner_id=purse.owner_id,
        n=n,
        account_id=purse.account_id,
        form_key=form_key,
        amount_minor=amount.minor,
        floor_before=purse.floor.minor,
        taken_at=now,
        due_at=due_at,
    )
    db.add(row)
    db.flush()
    return PromisedPayment(purse.owner_id, n, purse.account_id, amount, now, due_at, None)


def end(db: Session, owner_id: int, n: int, why: EndedWhy, now: datetime) -> bool:
    """Give the account its floor back; False where it has it already, or where the term, if that is why, has time left.

    The caller holds the account's lock."""
    ended = update(PromisedPaymentRow).where(
        PromisedPaymentRow.owner_id == owner_id,
        PromisedPaymentRow.n == n,
        PromisedPaymentRow.ended_at.is_(None),
    )
    if why is EndedWhy.DUE:
        ended = ended.where(PromisedPaymentRow.due_at <= now)
    values = ended.values(ended_at=now, ended_why=why).returning(PromisedPaymentRow.n)
    return db.execute(values.execution_options(synchronize_session=False)).first() is not None


def newest(db: Session, owner_id: int) -> PromisedPayment | None:
    """Return the owner's last promised payment, open or ended."""
    found = _FOUND.where(PromisedPaymentRow.owner_id == owner_id).order_by(PromisedPaymentRow.n.desc()).limit(1)
    row = db.execute(found.execution_options(populate_existing=True)).first()
    return None if row is None else _promised(row[0], row.unit)


def by_form(db: Session, owner_id: int, form_key: str) -> PromisedPayment | None:
    """Return what this form promised, if it did."""
    mine = (PromisedPaymentRow.owner_id == owner_id, PromisedPaymentRow.form_key == form_key)
    row = db.execute(_FOUND.where(*mine)).first()
    return None if row is None else _promised(row[0], row.unit)


def due(db: Session, now: datetime, limit: int = 100) -> list[PromisedPayment]:
    """Return open ones past their term, unlocked: `end` looks again."""
    found = _FOUND.where(PromisedPaymentRow.ended_at.is_(None), PromisedPaymentRow.due_at <= now)
    return [_promised(row[0], row.unit) for row in db.execute(found.order_by(PromisedPaymentRow.due_at).limit(limit))]


def own_of(db: Session, purse: Purse) -> Money:
    """Return what of an account may be taken without any promise: below zero where promised money is used."""
    open_sum = select(func.coalesce(func.sum(PromisedPaymentRow.amount_minor), 0)).where(
        PromisedPaymentRow.owner_id == purse.owner_id,
        PromisedPaymentRow.account_id == purse.account_id,
        PromisedPaymentRow.ended_at.is_(None),
    )
    if purse.floor.minor >= 0:  # nothing is promised on it: most are so, and before a call each query counts
        return purse.available
    return purse.available - Money(int(db.scalar(open_sum) or 0), purse.balance.currency)


def paid_in(db: Session, purse: Purse) -> Money:
    """Return what payments brought to the account, less what of them went back."""
    total = select(func.coalesce(func.sum(PostingRow.amount_minor), 0)).where(
        PostingRow.owner_id == purse.owner_id,
        PostingRow.account_id == purse.account_id,
        or_(PostingRow.counter.like("cash.%"), PostingRow.counter.in_(["refund", "loss"])),
    )
    return Money(int(db.scalar(total) or 0), purse.balance.currency)


def _promised(row: PromisedPaymentRow, unit: str) -> PromisedPayment:
    amount = Money(row.amount_minor, unit)
    return value_of(PromisedPayment, row, amount=amount)
