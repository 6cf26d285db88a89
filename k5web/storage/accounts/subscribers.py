"""Subscribers: rows in, domain values out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Block, BlockKind, Phone, Subscriber, admitted, served
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.errors import AlreadyThere, NotFound, SubscriberErased
from k5web.storage.accounts import name_rows, phone_rows
from k5web.storage.tables import AccountRow, BlockRow, PhoneRow, SubscriberRow, SubscriptionRow

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
            must_change_password=subscriber.must_change_password,
        )
    )
    try:
        db.flush()
    except IntegrityError as error:
        raise AlreadyThere(what=f"subscriber {subscriber.phone}") from error
    name_rows.keep(db, subscriber.id, subscriber.name)
    if subscriber.phone is not None:
        phone_rows.add(db, subscriber.id, Phone(subscriber.phone, "", now, subscriber.phone_verified_at))


def get(db: Session, subscriber_id: int) -> Subscriber:
    """Return the subscriber. Raises: NotFound."""
    row = NotFound.unless(db.get(SubscriberRow, subscriber_id, populate_existing=True), f"subscriber {subscriber_id}")
    return subscriber_of(row)


def admit(db: Session, subscriber_id: int) -> Subscriber:
    """Return the subscriber where something new may begin for them. Under the account's lock no block comes between.

    Raises: SubscriberBlocked, NotFound.
    """
    return admitted(get(db, subscriber_id))


def serve(db: Session, subscriber_id: int) -> Subscriber:
    """Return the subscriber where a service may begin for them; the lock counts as for `admit`.

    Raises: SubscriberBlocked, ServicesSuspended, NotFound.
    """
    return served(get(db, subscriber_id))


def registered_at(db: Session, subscriber_id: int) -> datetime:
    """Return when somebody became a subscriber. Raises: NotFound."""
    found = db.scalar(select(SubscriberRow.created_at).where(SubscriberRow.id == subscriber_id))
    return NotFound.unless(found, f"subscriber {subscriber_id}")


def several(db: Session, ids: Collection[int]) -> dict[int, Subscriber]:
    """Return those of these subscribers that are there."""
    rows = db.scalars(select(SubscriberRow).where(SubscriberRow.id.in_(ids)))
    return {row.id: subscriber_of(row) for row in rows}


def find(db: Session, phones: list[Msisdn], subscriber_id: int | None) -> list[tuple[Subscriber, str | None]]:
    """Return every subscriber that one of these readings means, the likeliest first, with the hash of the password.

    Whoever is meant by a phone has that phone in place of the chosen one: it is the one they call or write from.
    One statement whatever is asked, so that an unknown name takes as long as a known one.
    """
    digits = [phone.digits for phone in phones]
    by_phone = select(PhoneRow.owner_id, PhoneRow.digits, PhoneRow.verified_at).where(PhoneRow.digits.in_(digits))
    by_id = select(SubscriberRow.id, null(), null()).where(
        SubscriberRow.id == (NOBODY if subscriber_id is None else subscriber_id)
    )
    meant = union_all(by_phone, by_id).subquery()  # a condition with "or" would read the whole table
    rows = db.execute(
        select(SubscriberRow, meant.c.digits, meant.c.verified_at).join(meant, meant.c[0] == SubscriberRow.id)
    )
    # A phone goes before an id: people know their phone, and ids grow into ten digits some day
    likeliest = sorted(rows, key=lambda row: digits.index(row[1]) if row[1] is not None else len(digits))
    found: dict[int, tuple[Subscriber, str | None]] = {}
    for row, phone, verified_at in likeliest:
        found.setdefault(row.id, (_reached(row, phone, verified_at), row.password_hash))
    return list(found.values())


SUBSCRIBER, ACCOUNT = SubscriberRow.__table__, AccountRow.__table__

# The columns that make a subscriber: a password's hash stays where it is
SEEN = [
    SUBSCRIBER.c[name]
    for name in (
        *("id", "phone", "name", "currency", "plan", "language", "at_once_limit_micro", "phone_verified_at"),
        *("blocked_at", "suspended_at", "ended_at", "press_1", "must_change_password"),
    )
]

# Core and not ORM: it stands on the path of every payment
_PAYERS = (
    select(SUBSCRIBER.c.id, SUBSCRIBER.c.name, SUBSCRIBER.c.blocked_at)
    .add_columns(ACCOUNT.c.id.label("account_id"), ACCOUNT.c.unit, ACCOUNT.c.closed_at)
    .join(ACCOUNT, and_(ACCOUNT.c.owner_id == SUBSCRIBER.c.id, ACCOUNT.c.purpose == "main"))
    .order_by(ACCOUNT.c.id)
)
_MEANT = {  # by what is known of a payer
    "phone": SUBSCRIBER.c.id
    == select(PhoneRow.owner_id).where(PhoneRow.digits == bindparam("phone")).scalar_subquery(),
    "subscriber": SUBSCRIBER.c.id == bindparam("subscriber", type_=SUBSCRIBER.c.id.type),
    "inns": SUBSCRIBER.c.inn_hash.in_(bindparam("inns", type_=SUBSCRIBER.c.inn_hash.type, expanding=True)),
}
_MAIN_ACCOUNT = (
    select(ACCOUNT.c.id, ACCOUNT.c.unit, SUBSCRIBER.c.erased_at)
    .join_from(ACCOUNT, SUBSCRIBER, SUBSCRIBER.c.id == ACCOUNT.c.owner_id, isouter=True)
    .where(ACCOUNT.c.owner_id == bindparam("owner", type_=ACCOUNT.c.owner_id.type), ACCOUNT.c.purpose == "main")
    .order_by(ACCOUNT.c.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class PayableAccount:
    """Whom a payment may be for, and the account it would go to. `is_active`: neither blocked nor closed."""

    owner_id: int
    account_id: int
    currency: str
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class MainAccount:
    """Where money of an owner goes. `is_erased`: nobody knows any more who it is."""

    account_id: int
    currency: str
    is_erased: bool


def main_account(db: Session, owner_id: int) -> MainAccount:
    """Return the main account of an owner, subscriber or not. Raises: NotFound."""
    row = NotFound.unless(db.execute(_MAIN_ACCOUNT, {"owner": owner_id}).first(), "account")
    return MainAccount(row.id, row.unit, row.erased_at is not None)


def plan_code(db: Session, subscriber_id: int) -> str | None:
    """Return the code of a subscriber's plan, None where there is no such subscriber."""
    return db.scalar(select(SubscriberRow.plan).where(SubscriberRow.id == subscriber_id))


def pays_by(plans: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """Return the condition that a subscriber has one of these plans, alone or beside another, and currencies."""
    return or_(false(), *(and_(_has(plan), SubscriberRow.currency == unit) for plan, unit in plans))


def _has(plan: str) -> ColumnElement[bool]:
    live = (SubscriptionRow.sort == "plan", SubscriptionRow.code == plan, SubscriptionRow.state != "ended")
    return or_(SubscriberRow.plan == plan, exists().where(SubscriptionRow.owner_id == SubscriberRow.id, *live))


def number_of(db: Session, plans: Iterable[tuple[str, str]]) -> int:
    """Return how many subscribers have one of these plans and currencies."""
    return db.scalar(select(func.count()).select_from(SubscriberRow).where(pays_by(plans))) or 0


def listed_by(db: Session, plans: Iterable[tuple[str, str]], limit: int) -> list[Subscriber]:
    """Return the first subscribers, by id, with one of these plans and currencies whose contract goes on."""
    found = select(SubscriberRow).where(pays_by(plans), SubscriberRow.ended_at.is_(None))
    return [subscriber_of(row) for row in db.scalars(found.order_by(SubscriberRow.id).limit(limit))]


def after(db: Session, subscriber_id: int, limit: int, *, is_blocked: bool = False) -> list[Subscriber]:
    """Return the next subscribers by id, or of them those whom staff blocked."""
    found = select(SubscriberRow).where(SubscriberRow.id > subscriber_id)
    if is_blocked:
        found = found.where(SubscriberRow.blocked_at.is_not(None))
    return [subscriber_of(row) for row in db.scalars(found.order_by(SubscriberRow.id).limit(limit))]


def find_payers(
    db: Session, phone: Msisdn | None, subscriber_id: int | None, inn_hashes: Sequence[bytes]
) -> list[PayableAccount]:
    """Return every subscriber that this phone, id or tax number means, with the main account, in one statement."""
    told = {"phone": phone and phone.digits, "subscriber": subscriber_id, "inns": inn_hashes or None}
    known = {name: value for name, value in told.items() if value is not None}
    rows = db.execute(_payers_by(*known), known) if known else ()
    return [
        PayableAccount(row.id, row.account_id, row.unit, row.name, row.blocked_at is None and row.closed_at is None)
        for row in rows
    ]


@cache
def _payers_by(*known: str) -> Select[Any]:
    """Return the statement that finds whoever any of these facts means; made once, for every payment asks it."""
    return _PAYERS.where(or_(*(_MEANT[name] for name in known)))


def set_blocked(db: Session, subscriber_id: int, block: Block) -> None:
    """Stop a subscriber or let them be again, and write it into the history. The caller holds the account's lock.

    Raises: SubscriberErased for whom nothing begins again.
    """
    if not block.is_blocked:
        check_not_erased(db, subscriber_id)
    before = blocks(db, subscriber_id)
    since = SubscriberRow.blocked_at if block.kind == "block" else SubscriberRow.suspended_at
    row = BlockRow(
        owner_id=subscriber_id,
        n=len(before) + 1,
        is_blocked=block.is_blocked,
        at=block.at,
        actor=block.actor,
        reason=block.reason,
        kind=block.kind,
    )
    db.add(row)
    theirs = update(SubscriberRow).where(SubscriberRow.id == subscriber_id)
    if block.is_blocked:  # a second one adds a reason, and it goes on since the first
        db.execute(theirs.where(since.is_(None)).values({since: block.at}))
    else:
        db.execute(theirs.values({since: None}))
    db.flush()


def blocks(db: Session, subscriber_id: int, last: int | None = None) -> list[Block]:
    """Return every block of a subscriber and its end, or the `last` ones, oldest first."""
    found = select(BlockRow).where(BlockRow.owner_id == subscriber_id).order_by(BlockRow.n.desc()).limit(last)
    return [
        Block(row.is_blocked, row.at, row.actor, row.reason, cast(BlockKind, row.kind))
        for row in reversed(db.scalars(found).all())
    ]


def suspended(db: Session) -> list[tuple[int, datetime]]:
    """Return whose services are suspended for a breach while the contract goes on, since when, the longest first."""
    is_suspended = (SubscriberRow.suspended_at.is_not(None), SubscriberRow.ended_at.is_(None))
    found = select(SubscriberRow.id, SubscriberRow.suspended_at).where(*is_suspended)
    rows = db.execute(found.order_by(SubscriberRow.suspended_at, SubscriberRow.id))
    return [(owner_id, at) for owner_id, at in rows if at is not None]


def set_ended(db: Session, subscriber_id: int, at: datetime | None) -> None:
    """Note that the contract has ended, or with None that it goes on. The caller holds the account's lock.

    Raises: SubscriberErased whose contract does not go on.
    """
    if at is None:
        check_not_erased(db, subscriber_id)
    db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(ended_at=at))


def set_inn(db: Session, subscriber_id: int, inn_hash: bytes | None) -> None:
    """Keep the hash of the company's tax number. Raises: AlreadyThere."""
    try:
        db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(inn_hash=inn_hash))
    except IntegrityError as error:
        raise AlreadyThere(what="this tax number") from error


def password_hash(db: Session, subscriber_id: int) -> str | None:
    """Return the hash of the subscriber's password."""
    return db.scalar(select(SubscriberRow.password_hash).where(SubscriberRow.id == subscriber_id))


def set_password(
    db: Session, subscriber_id: int, new_hash: str | None, now: datetime, *, must_change: bool = False
) -> None:
    """Change the password; None fits nothing. `must_change`: another is to be chosen before anything else.

    Raises: SubscriberErased.
    """
    check_not_erased(db, subscriber_id)
    db.execute(
        update(SubscriberRow)
        .where(SubscriberRow.id == subscriber_id)
        .values(password_hash=new_hash, password_changed_at=now, must_change_password=must_change)
    )


def rehash(db: Session, subscriber_id: int, old_hash: str, new_hash: str) -> None:
    """Keep the same password under newer parameters."""
    db.execute(
        update(SubscriberRow)
        .where(SubscriberRow.id == subscriber_id, SubscriberRow.password_hash == old_hash)
        .values(password_hash=new_hash)
    )


def erased_at(db: Session, subscriber_id: int) -> datetime | None:
    """Return when it was erased who the subscriber is, None where it was not."""
    return db.scalar(select(SubscriberRow.erased_at).where(SubscriberRow.id == subscriber_id))


def check_not_erased(db: Session, subscriber_id: int) -> None:
    """Refuse to let anything begin again for somebody whom nobody knows. Raises: SubscriberErased."""
    if erased_at(db, subscriber_id) is not None:
        raise SubscriberErased


def set_name(db: Session, subscriber_id: int, name: str) -> None:
    """Change how the subscriber is called."""
    db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(name=name))
    name_rows.keep(db, subscriber_id, name)


def set_language(db: Session, subscriber_id: int, language: str | None) -> None:
    """Choose the language of pages and messages; None leaves it to the browser."""
    db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(language=language))


def set_plan(db: Session, subscriber_id: int, plan_code: str) -> None:
    """Set the plan that a subscriber's calls are priced by."""
    db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(plan=plan_code))


def set_press_1(db: Session, subscriber_id: int, is_on: bool) -> None:
    """Choose whether the subscriber's own phone presses 1 before the other one is called."""
    db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(press_1=is_on))


def set_at_once_limit(db: Session, subscriber_id: int, limit: Price) -> None:
    """Choose the dearest minute that may be called without the button."""
    db.execute(update(SubscriberRow).where(SubscriberRow.id == subscriber_id).values(at_once_limit_micro=limit.micro))


def verify_phone(db: Session, subscriber_id: int, now: datetime) -> None:
    """Note that the phone is the subscriber's own; the first proof is kept."""
    unproved = (SubscriberRow.id == subscriber_id, SubscriberRow.phone_verified_at.is_(None))
    db.execute(update(SubscriberRow).where(*unproved).values(phone_verified_at=now))
    if (phone := get(db, subscriber_id).phone) is not None:
        phone_rows.verify(db, phone, now)


def _reached(row: SubscriberRow, digits: str | None, verified_at: datetime | None) -> Subscriber:
    owner = subscriber_of(row)
    return owner if digits is None else replace(owner, phone=Msisdn(digits), phone_verified_at=verified_at)


def subscriber_of(row: SubscriberRow | Row[Any]) -> Subscriber:
    """Return the subscriber of a row with the columns `SEEN`."""
    return Subscriber(
        id=row.id,
        phone=Msisdn(row.phone) if row.phone else None,
        name=row.name,
        currency=row.currency,
        plan_code=row.plan,
        language=row.language,
        at_once_limit=Price(row.at_once_limit_micro, row.currency),
        phone_verified_at=row.phone_verified_at,
        blocked_at=row.blocked_at,
        suspended_at=row.suspended_at,
        ended_at=row.ended_at,
        press_1=row.press_1,
        must_change_password=row.must_change_password,
    )
