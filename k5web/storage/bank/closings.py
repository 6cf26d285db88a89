"""How money left suspense to the house, and the rules by which it does. A closing is undone by its event's reversal."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, exists, func, insert, select, update
from sqlalchemy.orm import Session

from k5web.domain.bank.suspense import CLOSE, Closing, Rule
from k5web.domain.books.ledger import HOUSE, EventName
from k5web.storage.tables import BankClosingRow, BankPaymentRow, BankRuleRow, TransactionRow
from k5web.storage.values import columns_of, value_of

_UNDONE = exists().where(
    TransactionRow.owner_id == BankClosingRow.owner_id,
    TransactionRow.reverses_origin == CLOSE,
    TransactionRow.reverses_key == BankClosingRow.event,
    TransactionRow.origin == "reversal",
)


def of_payment(name: EventName) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for the closings of one payment."""
    return (BankClosingRow.owner_id == HOUSE, BankClosingRow.origin == name.origin, BankClosingRow.key == name.key)


def is_closed() -> ColumnElement[bool]:
    """Return the condition that the payment of a row is closed and this is not undone."""
    return exists().where(_beside(), ~_UNDONE)


def was_closed() -> ColumnElement[bool]:
    """Return the condition that the payment of a row was ever closed."""
    return exists().where(_beside())


def in_force() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return how to join the closings that hold to their payments, and the condition that they do."""
    return _beside(), ~_UNDONE


def find(db: Session, name: EventName) -> Closing | None:
    """Return the closing of a payment that holds."""
    row = db.scalars(select(BankClosingRow).where(*of_payment(name), ~_UNDONE)).one_or_none()
    return None if row is None else closing_of(row)


def last(db: Session, name: EventName) -> Closing | None:
    """Return the last closing of a payment, undone or not."""
    newest = select(BankClosingRow).where(*of_payment(name)).order_by(BankClosingRow.closed_at.desc()).limit(1)
    row = db.scalars(newest).one_or_none()
    return None if row is None else closing_of(row)


def count(db: Session, name: EventName) -> int:
    """Return how often a payment was closed, undone or not."""
    return int(db.scalar(select(func.count()).select_from(BankClosingRow).where(*of_payment(name))) or 0)


def add(db: Session, name: EventName, closing: Closing) -> None:
    """Write down why a payment leaves, in the transaction that posts it."""
    row = columns_of(closing, "house", owner_id=HOUSE, origin=name.origin, key=name.key, counter=closing.house)
    db.execute(insert(cast(Table, BankClosingRow.__table__)), row)


def closing_of(row: BankClosingRow) -> Closing:
    """Return a row as a value."""
    return value_of(Closing, row, house=row.counter)


def rules(db: Session) -> list[Rule]:
    """Return the rules in force, the first that was made first."""
    return list(_rules(db, BankRuleRow.removed_at.is_(None)))


def rule(db: Session, rule_id: int) -> Rule | None:
    """Return one rule in force."""
    return next(_rules(db, BankRuleRow.removed_at.is_(None), BankRuleRow.id == rule_id), None)


def add_rule(db: Session, made: Rule) -> None:
    """Put a rule in force."""
    row = columns_of(made, "house", counter=made.house)
    db.execute(insert(cast(Table, BankRuleRow.__table__)), row)


def remove_rule(db: Session, rule_id: int, now: datetime) -> bool:
    """End a rule; what it closed stays closed. False where it is not in force."""
    which = (BankRuleRow.id == rule_id, BankRuleRow.removed_at.is_(None))
    ended = update(BankRuleRow).where(*which).values(removed_at=now).returning(BankRuleRow.id)
    return db.execute(ended).first() is not None


def _rules(db: Session, *which: ColumnElement[bool]) -> Iterator[Rule]:
    for row in db.scalars(select(BankRuleRow).where(*which).order_by(BankRuleRow.id)):
        yield value_of(Rule, row, house=row.counter)


def _beside() -> ColumnElement[bool]:
    return and_(
        BankClosingRow.owner_id == BankPaymentRow.owner_id,
        BankClosingRow.origin == BankPaymentRow.origin,
        BankClosingRow.key == BankPaymentRow.key,
    )
