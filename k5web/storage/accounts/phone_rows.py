"""Phones of subscribers. Each number is one subscriber's, whichever of their phones it is."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Phone, Subscriber
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, NotYourPhone
from k5web.storage.tables import PhoneRow, SubscriberRow


def of_owner(db: Session, owner_id: int) -> list[Phone]:
    """Return all phones of a subscriber, oldest first."""
    found = select(PhoneRow).where(PhoneRow.owner_id == owner_id).order_by(PhoneRow.added_at, PhoneRow.digits)
    return [_phone(row) for row in db.scalars(found)]


def get(db: Session, owner_id: int, number: Msisdn) -> Phone:
    """Return a phone of this subscriber. Raises: NotYourPhone, whoever else has it."""
    row = db.get(PhoneRow, number.digits, populate_existing=True)
    if row is None or row.owner_id != owner_id:
        raise NotYourPhone(number=number.digits)
    return _phone(row)


def rung_at(db: Session, subscriber: Subscriber, number: Msisdn | None) -> Subscriber:
    """Return the subscriber with the phone that is to be rung in place of the chosen one. Raises: NotYourPhone."""
    if number is None or number == subscriber.phone:
        return subscriber
    phone = get(db, subscriber.id, number)
    return replace(subscriber, phone=phone.number, phone_verified_at=phone.verified_at)


def is_taken(db: Session, number: Msisdn) -> bool:
    """Return whether anybody has this phone."""
    return db.scalar(select(func.count()).where(PhoneRow.digits == number.digits)) == 1


def prover(db: Session, number: Msisdn) -> tuple[bool, str | None]:
    """Return whether anybody has proved this phone, and in which language they are spoken to.

    One row comes in any case, so that an unknown phone takes as long as a known one.
    """
    proved = (PhoneRow.digits == number.digits, PhoneRow.verified_at.is_not(None))
    owner = select(func.count(), func.max(SubscriberRow.language)).join(PhoneRow, PhoneRow.owner_id == SubscriberRow.id)
    times, language = db.execute(owner.where(*proved)).one()
    return times == 1, language


def add(db: Session, owner_id: int, phone: Phone) -> None:
    """Write one more phone. Raises: AlreadyThere for one that somebody has."""
    db.add(
        PhoneRow(
            digits=phone.number.digits,
            owner_id=owner_id,
            name=phone.name,
            added_at=phone.added_at,
            verified_at=phone.verified_at,
        )
    )
    try:
        db.flush()
    except IntegrityError as error:
        raise AlreadyThere(what=f"phone {phone.number.masked}") from error


def rename(db: Session, owner_id: int, number: Msisdn, name: str) -> None:
    """Give a phone another name; one that is not theirs stays as it is."""
    db.execute(update(PhoneRow).where(*_of(owner_id, number)).values(name=name))


def choose(db: Session, owner_id: int, phone: Phone) -> None:
    """Have this phone rung where nothing else is said."""
    values = {"phone": phone.number.digits, "phone_verified_at": phone.verified_at}
    db.execute(update(SubscriberRow).where(SubscriberRow.id == owner_id).values(**values))


def verify(db: Session, number: Msisdn, now: datetime) -> None:
    """Note that a phone is its owner's; the first proof is kept."""
    unproved = (PhoneRow.digits == number.digits, PhoneRow.verified_at.is_(None))
    db.execute(update(PhoneRow).where(*unproved).values(verified_at=now))


def remove(db: Session, owner_id: int, number: Msisdn) -> None:
    """Take a phone from a subscriber: it is nobody's then."""
    db.execute(delete(PhoneRow).where(*_of(owner_id, number)))


def _of(owner_id: int, number: Msisdn) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return PhoneRow.owner_id == owner_id, PhoneRow.digits == number.digits


def _phone(row: PhoneRow) -> Phone:
    return Phone(Msisdn(row.digits), row.name, row.added_at, row.verified_at)
