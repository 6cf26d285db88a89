"""Subscribers: rows in, domain values out."""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from k5web.domain.money import Price
from k5web.domain.number import Msisdn
from k5web.domain.subscriber import Subscriber
from k5web.errors import AlreadyThere, NotFound
from k5web.storage.tables import SubscriberRow

NOBODY = 0  # the house's own id: no subscriber has it


def add(db: Session, subscriber: Subscriber, password_hash: str | None, now: datetime) -> None:
    """Write a new subscriber. Raises: AlreadyThere for a phone that somebody has."""
    db.add(
        SubscriberRow(
            id=subscriber.id,
            phone=subscriber.phone.digits if subscriber.phone else None,
            name=subscriber.name,
            password_hash=password_hash,
            currency=subscriber.currency,
            plan=subscriber.plan_code,
            language=subscriber.language,
            at_once_limit_micro=subscriber.at_once_limit.micro,
            created_at=now,
            password_changed_at=now,
            phone_verified_at=subscriber.phone_verified_at,
        )
    )
    try:
        db.flush()
    except IntegrityError as error:
        raise AlreadyThere(what=f"subscriber {subscriber.phone}") from error


def get(db: Session, subscriber_id: int) -> Subscriber:
    """Return the subscriber. Raises: NotFound."""
    row = db.get(SubscriberRow, subscriber_id)
    if row is None:
        raise NotFound(what=f"subscriber {subscriber_id}")
    return _subscriber(row)


def find(db: Session, phones: list[Msisdn], subscriber_id: int | None) -> tuple[Subscriber, str | None] | None:
    """Return the first subscriber one of these readings means, and the hash of the password.

    One statement whatever is asked, so that an unknown name takes as long as a known one.
    """
    digits = [phone.digits for phone in phones]
    which = or_(
        SubscriberRow.phone.in_(digits), SubscriberRow.id == (NOBODY if subscriber_id is None else subscriber_id)
    )
    rows = db.scalars(select(SubscriberRow).where(which)).all()
    if not rows:
        return None
    # A phone goes before an id: people know their phone, and ids grow into ten digits some day
    best = min(rows, key=lambda row: digits.index(row.phone) if row.phone in digits else len(digits))
    return _subscriber(best), best.password_hash


def password_hash(db: Session, subscriber_id: int) -> str | None:
    """Return the hash of the subscriber's password."""
    return db.scalar(select(SubscriberRow.password_hash).where(SubscriberRow.id == subscriber_id))


def set_password(db: Session, subscriber_id: int, new_hash: str, now: datetime) -> None:
    """Change the password."""
    db.execute(
        update(SubscriberRow)
        .where(SubscriberRow.id == subscriber_id)
        .values(password_hash=new_hash, password_changed_at=now)
    )


def rehash(db: Session, subscriber_id: int, old_hash: str, new_hash: str) -> None:
    """Keep the same password under newer parameters."""
    db.execute(
        update(SubscriberRow)
        .where(SubscriberRow.id == subscriber_id, SubscriberRow.password_hash == old_hash)
        .values(password_hash=new_hash)
    )


def set_language(db: Session, subscriber_id: int, language: str | None) -> None:
    """Choose the language of pages and messages; None leaves it to the browser."""
    db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(language=language))


def set_at_once_limit(db: Session, subscriber_id: int, limit: Price) -> None:
    """Choose the dearest minute that may be called without the button."""
    db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(at_once_limit_micro=limit.micro))


def verify_phone(db: Session, subscriber_id: int, now: datetime) -> None:
    """Note that the phone is the subscriber's own; the first proof is kept."""
    unproved = (SubscriberRow.id == subscriber_id, SubscriberRow.phone_verified_at.is_(None))
    db.execute(update(SubscriberRow).where(*unproved).values(phone_verified_at=now))


def _subscriber(row: SubscriberRow) -> Subscriber:
    return Subscriber(
        id=row.id,
        phone=Msisdn(row.phone) if row.phone else None,
        name=row.name,
        currency=row.currency,
        plan_code=row.plan,
        language=row.language,
        at_once_limit=Price(row.at_once_limit_micro, row.currency),
        phone_verified_at=row.phone_verified_at,
    )
