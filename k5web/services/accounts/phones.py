"""The phones of a subscriber: added by an SMS code, named, taken away; one of them is rung unless another is named."""

import logging
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.label import label
from k5web.domain.accounts.subscriber import Phone, Subscriber
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Rate
from k5web.domain.throttle import Throttle
from k5web.errors import (
    AlreadyThere,
    CurrencyMismatch,
    NoDeck,
    NoRate,
    NotYourPhone,
    OwnTrunkNumber,
    PhoneIsRung,
    PhoneNotVerified,
    TooMany,
)
from k5web.services.calls import safety
from k5web.services.messaging import codes, sending
from k5web.services.ports import Ports
from k5web.services.prices import plan_directions
from k5web.storage import throttles
from k5web.storage.accounts import number_rows, phone_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.pbx import pbx_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

ADDING: Final = Throttle(every=timedelta(hours=1), at_once=5)  # codes that one subscriber asks for, whatever the number
NOTICE: Final = "phones"  # kind of the message to the other phones


@transactional
def of(ports: Ports, owner_id: int) -> list[Phone]:
    """Return all phones of a subscriber, oldest first."""
    with ports.sessions.read() as db:
        return phone_rows.of_owner(db, owner_id)


@transactional
def language_of(ports: Ports, number: Msisdn) -> str | None:
    """Return in which language whoever has this phone wishes to be spoken to, None where nobody said."""
    with ports.sessions.read() as db:
        found = subscribers.find(db, [number], None)
    return found[0][0].language if found else None


@transactional
def rung_at(ports: Ports, caller: Subscriber, digits: str) -> Subscriber:
    """Return the caller with the phone of these digits to be rung, for one call; none means the chosen one.

    Raises: NotYourPhone, whoever else has it.
    """
    if not digits:
        return caller
    if not (digits.isascii() and digits.isdigit()):
        raise NotYourPhone(number=digits[:20])
    with ports.sessions.read() as db:
        return phone_rows.rung_at(db, caller, Msisdn(digits))


def ask(ports: Ports, owner: Subscriber, typed: str, address: str | None) -> tuple[Msisdn, str]:
    """Send a code to a phone that is to be added; return how it was read, and the name of the request.

    A phone that somebody else has gets no SMS, and the same answer.
    Raises: WrongNumber, AlreadyThere (it is in the list), TooMany, TooOften, NoRate, SmsCountryClosed, SmsSpent; what
    `safety.check_own_phone` raises.
    """
    number = Msisdn.parse(typed, owner.home)
    rate = _rate(ports, owner, number)
    is_free = _book(ports, owner, number, rate)
    return number, codes.send(ports, number, "phone", address, is_known=is_free, language=owner.language)


def add(ports: Ports, owner: Subscriber, number: Msisdn, request: str, code: str, name: str = "") -> None:
    """Add a phone whose code was sent, or note that a phone of theirs is proved; the other phones are told.

    Raises: WrongName (the code may be sent again); WrongOneTimeCode; AlreadyThere, TooMany, SubscriberBlocked (the
    code is used up).
    """
    named = label(name) if name.strip() else ""
    codes.check(ports, number, "phone", code, request)
    _add(ports, owner.id, number, named)
    logger.info("phone added", extra={"owner_id": owner.id})


@transactional
def name_it(ports: Ports, owner_id: int, number: Msisdn, name: str) -> None:
    """Give a phone another name, or none. Raises: WrongName."""
    with ports.sessions.begin() as db:
        phone_rows.rename(db, owner_id, number, label(name) if name.strip() else "")


@transactional
def choose(ports: Ports, owner_id: int, number: Msisdn) -> None:
    """Have this phone rung where nothing else is said. Raises: NotYourPhone, PhoneNotVerified, SubscriberBlocked."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # no order begins between the look and the change
        owner = subscribers.admit(db, owner_id)
        phone = phone_rows.get(db, owner_id, number)
        if phone.verified_at is None:
            raise PhoneNotVerified
        if number == owner.phone:
            return
        phone_rows.choose(db, owner_id, phone)
        pbx_rows.touch(db, owner_id, ports.clock())
        _tell(ports, db, owner, "chosen", number, phone_rows.of_owner(db, owner_id))
    logger.info("phone chosen", extra={"owner_id": owner_id})


@transactional
def remove(ports: Ports, owner_id: int, number: Msisdn) -> None:
    """Take a phone away: it rings, logs in and is called back no more. All phones are told, this one too.

    Raises: NotYourPhone, PhoneIsRung.
    """
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        owner = subscribers.get(db, owner_id)
        phone_rows.get(db, owner_id, number)
        if number == owner.phone:
            raise PhoneIsRung(number=number.digits)
        theirs = phone_rows.of_owner(db, owner_id)
        phone_rows.remove(db, owner_id, number)
        _tell(ports, db, owner, "removed", number, theirs)
    logger.info("phone removed", extra={"owner_id": owner_id})


def _rate(ports: Ports, owner: Subscriber, number: Msisdn) -> Rate:
    """Return what ringing this phone costs. Raises: NoRate."""
    with suppress(NoDeck, CurrencyMismatch):  # no prices yet: what the number itself says must do
        rate = plan_directions.own_leg(ports, replace(owner, phone=number))
        if rate is None:
            raise NoRate(number=number.digits, deck=owner.plan_code)
        return rate
    return Rate("", "", Price(0, owner.currency))


@transactional
def _book(ports: Ports, owner: Subscriber, number: Msisdn, rate: Rate) -> bool:
    """Count a wish to add a phone, and return whether the code may go there."""
    with ports.sessions.begin() as db:
        theirs = phone_rows.of_owner(db, owner.id)
        proves = any(phone.number == number and phone.verified_at is None for phone in theirs)
        if not proves:
            _check(ports, number, theirs)
        safety.check_own_phone(db, ports, owner.id, number.digits, rate)
        if number_rows.is_ours(db, number.digits):
            raise OwnTrunkNumber(number=number.digits)
        throttles.book(db, "phone", str(owner.id), ADDING, ports.clock())
        return proves or not phone_rows.is_taken(db, number)


@transactional
def _add(ports: Ports, owner_id: int, number: Msisdn, name: str) -> None:
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # two codes at once must not pass the limit together
        owner = subscribers.admit(db, owner_id)
        theirs = phone_rows.of_owner(db, owner_id)
        if any(phone.number == number and phone.verified_at is None for phone in theirs):
            phone_rows.verify(db, number, now)
            if number == owner.phone:
                subscribers.verify_phone(db, owner_id, now)
                pbx_rows.touch(db, owner_id, now)
        else:
            _check(ports, number, theirs)
            phone_rows.add(db, owner_id, Phone(number, name, now, now))
        _tell(ports, db, owner, "added", number, theirs)


def _check(ports: Ports, number: Msisdn, theirs: list[Phone]) -> None:
    if any(phone.number == number for phone in theirs):
        raise AlreadyThere(what=f"phone {number.masked}")
    if len(theirs) >= ports.most_phones:
        raise TooMany(limit=ports.most_phones)


def _tell(ports: Ports, db: Session, owner: Subscriber, what: str, number: Msisdn, phones: list[Phone]) -> None:
    """Have each verified phone told; of what was added or chosen not the phone itself."""
    now = ports.clock()
    facts = {"what": what, "digits": number.digits, "language": owner.language}
    for phone in phones:
        if phone.verified_at is not None and (phone.number != number or what == "removed"):
            name = f"{NOTICE} {what} {secrets.token_urlsafe(12)}"  # without a number: the name outlives the phone
            sending.queue_to(db, phone.number, NOTICE, facts, name, now, owner_id=owner.id, is_urgent=True)
