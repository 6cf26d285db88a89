"""Accounts: a new subscriber, logging in and out, the password, the profile."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.accounts.device import split_token
from k5web.domain.accounts.label import label
from k5web.domain.accounts.login import LONGEST_LOGIN, Scope, readings
from k5web.domain.accounts.subscriber import Device, Subscriber
from k5web.domain.address import coarse
from k5web.domain.books.ledger import Purse
from k5web.domain.money import Money, Price
from k5web.domain.prices.number import HOMES, Msisdn
from k5web.domain.prices.plan import FIRST_PLAN
from k5web.errors import NotFound, SeveralFit, WrongLogin
from k5web.services.accounts import devices, logins, passwords
from k5web.services.accounts.devices import Visit
from k5web.services.accounts.logins import Counted
from k5web.services.messaging import sending
from k5web.services.ports import Ports
from k5web.storage import allocator, outbox
from k5web.storage.accounts import device_rows, subscribers, token_rows
from k5web.storage.books import ledger
from k5web.storage.pbx import pbx_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

AT_ONCE_LIMIT_MICRO = 5_000_000  # 5 roubles (som) a minute until the subscriber chooses otherwise


@dataclass(frozen=True, slots=True)
class Browser:
    """What is known about who asks to log in. `address` is what trusted proxies say."""

    name: str  # "Chrome, Android"
    address: str | None
    is_own: bool = True
    token: str | None = None  # the device cookie it sent, if any


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is about to be a subscriber; the password is hashed before the transaction begins."""

    phone: Msisdn | None
    name: str
    currency: str
    password_hash: str = field(repr=False)


@transactional
def add_subscriber(
    ports: Ports, phone: Msisdn | None, password: str, name: str, currency: str = "RUB", *, is_verified: bool = True
) -> Subscriber:
    """Write a new subscriber with an empty main account. Raises: WeakPassword, WrongName, AlreadyThere.

    `is_verified`: whoever adds them knows that the phone is theirs; else it is not rung before `verify_phone`.
    """
    known_as = _name_or_none(name)
    added = Newcomer(phone, known_as, currency, _hashed(password, known_as, phone))
    with ports.sessions.begin() as db:
        return write(ports, db, added, is_verified=is_verified)


def _name_or_none(typed: str) -> str:
    return label(typed) if typed.strip() else ""


def newcomer(phone: Msisdn, typed_name: str, password: str) -> Newcomer:
    """Return whoever joins with a phone of their own; its country chooses the currency.

    Raises: WeakPassword, WrongName, Busy.
    """
    name = label(typed_name)
    currency = next((unit for unit, home in HOMES.items() if home == phone.region), "RUB")
    return Newcomer(phone, name, currency, _hashed(password, name, phone))


def write(ports: Ports, db: Session, added: Newcomer, *, is_verified: bool, must_change: bool = False) -> Subscriber:
    """Write a new subscriber with an empty main account, in the caller's transaction. Raises: AlreadyThere.

    `must_change`: the password is good for one log-in, to choose another.
    """
    now = ports.clock()
    subscriber = Subscriber(
        id=allocator.allocate(db, "subscriber"),
        phone=added.phone,
        name=added.name,
        currency=added.currency,
        plan_code=FIRST_PLAN,
        language=None,
        at_once_limit=Price(AT_ONCE_LIMIT_MICRO, added.currency),
        phone_verified_at=now if added.phone and is_verified else None,
        must_change_password=must_change,
    )
    subscribers.add(db, subscriber, added.password_hash, now)
    ledger.open_account(db, subscriber.id, "main", "KGS" if added.currency == "KGS" else "RUB")
    return subscriber


def _hashed(password: str, name: str, phone: Msisdn | None) -> str:
    passwords.check(password, passwords.names_of(name, phone))
    with passwords.turn():
        return passwords.hash_password(password)


@transactional
def verify_phone(ports: Ports, subscriber_id: int) -> None:
    """Note that the phone is proved to be the subscriber's own: from now on leg A may ring it."""
    with ports.sessions.begin() as db:
        subscribers.verify_phone(db, subscriber_id, ports.clock())
        pbx_rows.touch(db, subscriber_id, ports.clock())


@transactional
def find_subscriber(ports: Ports, login: str) -> Subscriber:
    """Return whom a phone in any spelling, or an id, means. Raises: NotFound, SeveralFit."""
    with ports.sessions.read() as db:
        found = [subscriber for subscriber, _ in subscribers.find(db, *readings(login))]
    if not found:
        raise NotFound(what="such subscriber")
    if len(found) > 1:
        raise SeveralFit(ids=", ".join(f"K5-{subscriber.id}" for subscriber in found))
    return found[0]


@transactional
def purse(ports: Ports, subscriber_id: int) -> Purse:
    """Return the subscriber's main account. Raises: NotFound."""
    with ports.sessions.read() as db:
        return ledger.purse(db, subscriber_id)


@transactional
def low_balance(ports: Ports, subscriber_id: int, balance: Money) -> tuple[Money, datetime] | None:
    """Return the threshold that the balance fell below, and since when; None where it does not lie below it now."""
    with ports.sessions.read() as db:
        message = outbox.newest(db, subscriber_id, "low_balance")
    if message is None:
        return None
    threshold = Money(message.facts["threshold_minor"], message.facts["currency"])
    return (threshold, message.created_at) if balance < threshold else None


def log_in(ports: Ports, login: str, password: str, browser: Browser) -> Visit:
    """Check the password and remember the browser; the visit holds its first cookie.

    Raises: WrongLogin, LoginPaused, LoginLocked, SubscriberBlocked (the password was right), Busy (nothing was
    counted). Whoever is unknown takes the same steps and the same time.
    """
    with passwords.turn():
        return _log_in(ports, login, password, browser)


def _log_in(ports: Ports, login: str, password: str, browser: Browser) -> Visit:
    found = _find_with_hash(ports, login)
    device = devices.find_live(ports, browser.token)
    if device is not None and found is not None and device.owner_id == found[0].id:
        counted = _count_by_device(ports, device)
    else:
        counted = logins.count_try(ports, *logins.subjects(_names(login), browser.address))
    kept = found[1] if found else None
    if not passwords.is_right(password, kept) or found is None:
        logins.count_wrong(ports)
        raise WrongLogin(attempts_left=logins.attempts_left(counted))
    logins.count_right(ports, counted, _own_subjects(found[0], device))
    return _remember(ports, found[0], password, kept or "", browser)


@transactional
def _find_with_hash(ports: Ports, login: str) -> tuple[Subscriber, str | None] | None:
    with ports.sessions.read() as db:
        return next(iter(subscribers.find(db, *readings(login))), None)


@transactional
def _remember(ports: Ports, subscriber: Subscriber, password: str, kept: str, browser: Browser) -> Visit:
    now = ports.clock()
    earlier = split_token(browser.token)
    rehashed = passwords.hash_password(password) if passwords.is_outdated(kept) else None
    with ports.sessions.begin() as db:
        subscribers.admit(db, subscriber.id)
        if earlier is not None:  # this browser's login before this one
            device_rows.end(db, subscriber.id, earlier[0], "logout", now)
        if rehashed is not None:
            subscribers.rehash(db, subscriber.id, kept, rehashed)
        visit = devices.remember(
            db,
            subscriber,
            now,
            browser=browser.name,
            place=coarse(browser.address),
            is_own=browser.is_own,
        )
        if earlier is None:
            tell_device(db, visit, browser, now)
        return visit


def tell_device(db: Session, visit: Visit, browser: Browser, now: datetime) -> None:
    """Have the owner told of a browser that was let in and was not known."""
    message = f"device {visit.device.selector}"
    sending.queue_notice(db, visit.subscriber.id, "device", {"browser": browser.name}, message, now)


def confirm(ports: Ports, subscriber: Subscriber, device: Device, password: str) -> None:
    """Check the password typed again on a known device, counted by that device.

    Raises: WrongLogin, LoginPaused, LoginLocked, Busy (nothing was counted).
    """
    with passwords.turn():
        counted = _count_by_device(ports, device)
        if not passwords.is_right(password, _kept_hash(ports, subscriber.id)):
            logins.count_wrong(ports)
            raise WrongLogin(attempts_left=logins.attempts_left(counted))
    logins.count_right(ports, counted, _own_subjects(subscriber, device))
    _note_confirmed(ports, device)


def _count_by_device(ports: Ports, device: Device) -> Counted:
    """Count a try where the account's owner is known already: whoever guesses elsewhere cannot lock this one out."""
    return logins.count_try(ports, logins.subject("device", device.selector))


def _own_subjects(subscriber: Subscriber, device: Device | None) -> list[tuple[Scope, str]]:
    names = [f"id:{subscriber.id}", *([f"phone:{subscriber.phone.digits}"] if subscriber.phone else [])]
    own = [logins.subject("name", name) for name in names]
    return [*own, logins.subject("device", device.selector)] if device else own


@transactional
def _kept_hash(ports: Ports, subscriber_id: int) -> str | None:
    with ports.sessions.read() as db:
        return subscribers.password_hash(db, subscriber_id)


@transactional
def _note_confirmed(ports: Ports, device: Device) -> None:
    with ports.sessions.begin() as db:
        device_rows.confirm(db, device.selector, ports.clock())


@transactional
def change_password(
    ports: Ports, subscriber: Subscriber, password: str, keep: Device | None = None, *, keeps_tokens: bool = False
) -> None:
    """Set a new password; end all devices but `keep`, and the tokens of programs. Raises: WeakPassword, Busy,
    SubscriberErased.
    """
    passwords.check(password, passwords.names_of(subscriber.name, subscriber.phone, subscriber.id))
    with passwords.turn():
        new_hash = passwords.hash_password(password)
    now = ports.clock()
    with ports.sessions.begin() as db:
        subscribers.set_password(db, subscriber.id, new_hash, now)
        ended = device_rows.end_all(db, subscriber.id, "password", now, keep.selector if keep else None)
        tokens_ended = 0 if keeps_tokens else token_rows.end_all(db, subscriber.id, now)
    logger.info(
        "password changed",
        extra={"owner_id": subscriber.id, "devices_ended": ended, "tokens_ended": tokens_ended},
    )


@transactional
def listed(ports: Ports, after: int, limit: int, *, is_blocked: bool = False) -> list[Subscriber]:
    """Return the next subscribers by id, or of them those whom staff blocked."""
    with ports.sessions.read() as db:
        return subscribers.after(db, after, limit, is_blocked=is_blocked)


@transactional
def rename(ports: Ports, subscriber_id: int, name: str) -> None:
    """Change how a subscriber is called, or leave them without a name. Raises: WrongName, SubscriberErased."""
    known_as = _name_or_none(name)
    with ports.sessions.begin() as db:
        subscribers.check_not_erased(db, subscriber_id)
        subscribers.set_name(db, subscriber_id, known_as)


@transactional
def choose_language(ports: Ports, subscriber_id: int, language: str | None) -> None:
    """Keep the language of pages and messages; None leaves it to the browser."""
    with ports.sessions.begin() as db:
        subscribers.set_language(db, subscriber_id, language)


@transactional
def choose_press_1(ports: Ports, subscriber_id: int, is_on: bool) -> None:
    """Choose whether the subscriber's own phone presses 1 before the other one is called."""
    with ports.sessions.begin() as db:
        subscribers.set_press_1(db, subscriber_id, is_on)


@transactional
def choose_at_once_limit(ports: Ports, subscriber_id: int, limit: Price) -> None:
    """Keep the dearest minute that may be called without the button."""
    with ports.sessions.begin() as db:
        subscribers.set_at_once_limit(db, subscriber_id, limit)


def _names(login: str) -> list[str]:
    """Return every number that a typed login may mean, known or not, as a try is counted under it."""
    phones, subscriber_id = readings(login)
    names = [f"phone:{phone.digits}" for phone in phones]
    names += [f"id:{subscriber_id}"] if subscriber_id is not None else []
    return names or [f"typed:{login.strip()[:LONGEST_LOGIN]}"]
