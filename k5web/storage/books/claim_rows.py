"""Claims: each is opened, answered and paid once, in this order."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, and_, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.books.claim import Claim, ClaimForm
from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.money import Money
from k5web.storage.sql import next_of
from k5web.storage.tables import ClaimRow
from k5web.storage.values import columns_of, value_of

CLAIM = cast(Table, ClaimRow.__table__)
_IS_UNANSWERED = CLAIM.c.answered_at.is_(None)
_IS_UNPAID = and_(CLAIM.c.pay_by.is_not(None), CLAIM.c.paid_at.is_(None))


def add(db: Session, charge: Posting, form: ClaimForm, now: datetime, actor: str, due_on: date) -> Claim:
    """Write a claim under the owner's next number. The caller holds the account's lock."""
    n = next_of(db, ClaimRow, charge.owner_id)
    row = columns_of(
        form,
        "disputed",
        owner_id=charge.owner_id,
        n=n,
        account_id=charge.account_id,
        origin=charge.name.origin,
        key=charge.name.key,
        seq=charge.seq,
        unit=charge.amount.currency,
        charged_minor=-charge.amount.minor,
        disputed_minor=form.disputed.minor,
        opened_at=now,
        opened_by=actor,
        due_on=due_on,
    )
    added = db.execute(CLAIM.insert().values(**row).returning(*CLAIM.c))
    return _claim(added.one())


def find(db: Session, owner_id: int, n: int) -> Claim | None:
    """Return a claim of this owner."""
    return next(iter(_read(db, [CLAIM.c.owner_id == owner_id, CLAIM.c.n == n])), None)


def by_form(db: Session, owner_id: int, form_key: str) -> Claim | None:
    """Return the claim that this form opened, if it did."""
    return next(iter(_read(db, [CLAIM.c.owner_id == owner_id, CLAIM.c.form_key == form_key])), None)


def of_owner(db: Session, owner_id: int) -> list[Claim]:
    """Return a subscriber's claims, the oldest first."""
    return _read(db, [CLAIM.c.owner_id == owner_id])


def newest(db: Session, owner_id: int, limit: int) -> list[Claim]:
    """Return a subscriber's last claims, newest first."""
    found = select(CLAIM).where(CLAIM.c.owner_id == owner_id).order_by(CLAIM.c.n.desc()).limit(limit)
    return [_claim(row) for row in db.execute(found)]


def of_charge(db: Session, owner_id: int, charge: EventName) -> list[Claim]:
    """Return the claims about one charge, the oldest first."""
    return _read(db, [CLAIM.c.owner_id == owner_id, CLAIM.c.origin == charge.origin, CLAIM.c.key == charge.key])


def waiting(db: Session) -> list[Claim]:
    """Return the claims that are to be answered, or whose money is to be paid."""
    return _read(db, [or_(_IS_UNANSWERED, _IS_UNPAID)])


def note_answered(
    db: Session, claim: Claim, now: datetime, actor: str, given: Money, answer: str, pay_by: date | None
) -> bool:
    """Note the answer; False where there is one already."""
    answered = {"answered_at": now, "answered_by": actor, "given_minor": given.minor, "answer": answer}
    return _note(db, claim, _IS_UNANSWERED, answered | {"pay_by": pay_by})


def note_paid(db: Session, claim: Claim, now: datetime, actor: str, document: str) -> bool:
    """Note that the money left for the bank account; False where nothing is to be paid."""
    return _note(db, claim, _IS_UNPAID, {"paid_at": now, "paid_by": actor, "document": document})


def _note(db: Session, claim: Claim, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
    same = (CLAIM.c.owner_id == claim.owner_id, CLAIM.c.n == claim.n)
    noted = update(CLAIM).where(*same, which).values(**values).returning(CLAIM.c.n)
    return db.execute(noted).first() is not None


def _read(db: Session, which: Iterable[ColumnElement[bool]]) -> list[Claim]:
    found = select(CLAIM).where(*which).order_by(CLAIM.c.owner_id, CLAIM.c.n)
    return [_claim(row) for row in db.execute(found)]


def _claim(row: Row[Any]) -> Claim:
    return value_of(
        Claim,
        row,
        charge=EventName(row.origin, row.key),
        charged=Money(row.charged_minor, row.unit),
        disputed=Money(row.disputed_minor, row.unit),
        given=None if row.given_minor is None else Money(row.given_minor, row.unit),
    )
