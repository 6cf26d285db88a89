"""A forgotten password: an SMS code opens one browser, and the first thing there is a new password (S11, S17)."""

import logging
import secrets
from datetime import timedelta
from typing import Final

from k5web.domain.accounts.login import readings
from k5web.domain.accounts.subscriber import Device, Subscriber
from k5web.domain.address import coarse
from k5web.domain.prices.number import Msisdn
from k5web.errors import PhoneNotVerified, WrongNumber, WrongOneTimeCode
from k5web.services.accounts import accounts, devices, logins, made_password, passwords
from k5web.services.accounts.accounts import Browser
from k5web.services.accounts.devices import Visit
from k5web.services.messaging import codes, sending
from k5web.services.ports import Ports
from k5web.storage.accounts import device_rows, phone_rows, subscribers, token_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

PASSWORD_WAITS: Final = timedelta(days=1)  # for a phone that is off; later it is not sent any more


def ask(ports: Ports, typed: str, address: str | None) -> tuple[Msisdn, str]:
    """Send a code to the phone that was typed; return how it was read, and the name of the request.

    Whoever is unknown gets the same answer and no SMS. Raises: WrongNumber, TooOften, SmsCountryClosed, SmsSpent.
    """
    phones, _ = readings(typed)
    if not phones:
        raise WrongNumber(text=typed[:40])
    is_known, language = _prover(ports, phones[0])
    return phones[0], codes.send(ports, phones[0], "reset", address, is_known=is_known, language=language)


def enter(ports: Ports, phone: Msisdn, request: str, code: str, browser: Browser) -> Visit:
    """Let in whoever has the code: the forgotten password is good no more, and everybody else is logged out.

    Raises: WrongOneTimeCode, SubscriberBlocked (the code was right).
    """
    codes.check(ports, phone, "reset", code, request)
    visit = _begin_anew(ports, phone, browser)
    logins.forget(ports, [f"id:{visit.subscriber.id}", f"phone:{phone.digits}"])
    logger.info("password forgotten", extra={"owner_id": visit.subscriber.id})
    return visit


@transactional
def _begin_anew(ports: Ports, phone: Msisdn, browser: Browser) -> Visit:
    now = ports.clock()
    with ports.sessions.begin() as db:
        found = subscribers.find(db, [phone], None)
        if not found:
            raise WrongOneTimeCode
        owner_id = subscribers.admit(db, found[0][0].id).id
        subscribers.set_password(db, owner_id, None, now, must_change=True)
        device_rows.end_all(db, owner_id, "password", now)
        token_rows.end_all(db, owner_id, now)
        owner = subscribers.get(db, owner_id)
        place = coarse(browser.address)
        visit = devices.remember(db, owner, now, browser=browser.name, place=place, is_own=browser.is_own)
        accounts.tell_device(db, visit, browser, now)
        return visit


def renew(ports: Ports, owner_id: int) -> None:
    """Send a new password to the phone that is rung, good for one log-in; everybody is logged out. Staff only.

    Raises: NotFound, PhoneNotVerified, SubscriberErased, Busy.
    """
    name = f"password {secrets.token_urlsafe(12)}"
    password = made_password.make(ports.lookup_keys[0], name)
    with passwords.turn():
        new_hash = passwords.hash_password(password)
    _send(ports, owner_id, name, password, new_hash)
    logger.info("password renewed by staff", extra={"owner_id": owner_id})


@transactional
def _send(ports: Ports, owner_id: int, name: str, password: str, new_hash: str) -> None:
    now = ports.clock()
    with ports.sessions.begin() as db:
        owner = subscribers.get(db, owner_id)
        if owner.phone is None or owner.phone_verified_at is None:
            raise PhoneNotVerified
        subscribers.set_password(db, owner_id, new_hash, now, must_change=True)
        device_rows.end_all(db, owner_id, "password", now)
        token_rows.end_all(db, owner_id, now)
        facts = {"password": password, "language": owner.language}
        until = now + PASSWORD_WAITS
        sending.queue_to(
            db, owner.phone, "password", facts, name, now, owner_id=owner_id, is_urgent=True, expires_at=until
        )


def choose(ports: Ports, subscriber: Subscriber, password: str, here: Device) -> None:
    """Set the password that must be chosen before anything else; other browsers are logged out.

    Raises: WeakPassword, Busy.
    """
    passwords.check(password, passwords.names_of(subscriber.name, subscriber.phone, subscriber.id))
    with passwords.turn():
        new_hash = passwords.hash_password(password)
    _keep(ports, subscriber.id, new_hash, here)


@transactional
def _keep(ports: Ports, owner_id: int, new_hash: str, here: Device) -> None:
    now = ports.clock()
    with ports.sessions.begin() as db:
        subscribers.set_password(db, owner_id, new_hash, now)
        device_rows.end_all(db, owner_id, "password", now, here.selector)
        token_rows.end_all(db, owner_id, now)


@transactional
def _prover(ports: Ports, phone: Msisdn) -> tuple[bool, str | None]:
    """Return whether somebody has verified this phone: an unverified one proves nothing about its account."""
    with ports.sessions.read() as db:
        return phone_rows.prover(db, phone)
