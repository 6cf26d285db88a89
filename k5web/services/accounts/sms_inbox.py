"""What people write by SMS: they become members (A6, A7), get a new password, hear their balance, order a call.

A message has the gateway's name. What is done for it is done once; a repeat gets the same answer for a day, as the
gateway asks again when it did not hear us. Texts are not kept; a password in an answer is made again from the name.
"""

import hmac
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.call import CallOrder
from k5web.domain.calls.missed_calls import CALLING_BACK
from k5web.domain.messaging import sms_text
from k5web.domain.messaging.sms_text import Mention, Order
from k5web.domain.prices.number import HOMES, Msisdn
from k5web.errors import AlreadyThere, SmsSpent, TooOften, WeakPassword, WrongNumber
from k5web.services.accounts import acceptance, accounts, consents, made_password, passwords
from k5web.services.calls import ordering
from k5web.services.messaging import caps
from k5web.services.ports import Ports
from k5web.services.prices import ussd
from k5web.storage import throttles
from k5web.storage.accounts import device_rows, referral_rows, subscribers, token_rows
from k5web.storage.accounts.referral_rows import Referral
from k5web.storage.messaging import inbound_rows
from k5web.storage.messaging.inbound_rows import Inbound
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

REPEATS: Final = timedelta(days=1)  # so long a repeat gets the same answer
KEPT: Final = timedelta(days=30)
REPLY_PARTS: Final = 2  # no reply is longer; so many are paid for
SHORTEST: Final = 4  # characters of a password that comes in a text: a weak one is good for one log-in


@dataclass(frozen=True, slots=True)
class Message:
    """An SMS as the gateway hands it over."""

    smsc: str
    id: str
    sender: str
    receiver: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Nothing:
    """No answer is sent. `why` is for the log."""

    why: str


@dataclass(frozen=True, slots=True)
class Password:
    """A password of ours goes back to the phone that wrote. `is_new`: its owner has just become a member."""

    text: str = field(repr=False)
    is_new: bool


@dataclass(frozen=True, slots=True)
class AlreadyMember:
    """Whoever wrote is a member and gave no command."""


@dataclass(frozen=True, slots=True)
class NotMember:
    """A command of somebody who is no member."""


@dataclass(frozen=True, slots=True)
class Calling:
    """The call is ordered."""

    call: CallOrder


@dataclass(frozen=True, slots=True)
class Said:
    """The answer that was given to this message before."""

    text: str


Reply = Nothing | Password | AlreadyMember | NotMember | Calling | Said | ussd.Reply


def handle(ports: Ports, message: Message) -> Reply:
    """Do what a message asks for, once.

    Raises: Unavailable, SmsSpent, Busy (nothing was done: the gateway asks again); what refuses a command.
    """
    try:
        sender = Msisdn.parse(message.sender)
    except WrongNumber:
        return Nothing("sender")
    if sender.digits == ports.sms_numbers.long or sender.digits.startswith(ports.own_numbers):
        return Nothing("own")  # nobody writes from a line of ours: it is forged, or an answer that came back
    if (known := _known(ports, message)) is not None:
        return known
    is_short = message.receiver == ports.sms_numbers.short
    if not is_short and message.receiver.removeprefix("+") != ports.sms_numbers.long:
        return Nothing("receiver")
    if sender.region not in ports.sms.countries:
        return Nothing("country")
    if is_short and not _may_reply(ports, sender):
        return Nothing("too_often")
    text = sms_text.clean(message.text)
    return _answer(ports, message, sender, text) if is_short else _register_by_text(ports, message, sender, text)


def keep(ports: Ports, message: Message, outcome: str, reply: str) -> None:
    """Keep an answer, so that a repeat gets the same."""
    _keep(ports, message, outcome, reply)


@transactional
def forget_old(ports: Ports) -> None:
    """Delete answers after a day, and the messages' names after a month."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        inbound_rows.forget(db, now - REPEATS, now - KEPT)


def _answer(ports: Ports, message: Message, sender: Msisdn, text: str) -> Reply:
    """Do what is written to the short number."""
    order = sms_text.command_of(text)
    member = _member(ports, sender)
    if member is None:
        return NotMember() if order and order.command != "password" else _register(ports, message, sender, text)
    if (known := _known(ports, message)) is not None:
        return known  # by this very message they became one a moment ago, on another way
    if order is not None:
        return _obey(ports, message, member, order)
    return ussd.answer(ports, sender, text, _name(message)) if text.startswith("*") else AlreadyMember()


def _obey(ports: Ports, message: Message, member: Subscriber, order: Order) -> Reply:
    """Do what a command of a member says. The call is ordered as from any page, by the message's name."""
    if order.command == "password":
        return _renew_password(ports, message, member)
    if order.command == "balance":
        phone = member.phone
        assert phone is not None  # the message came from it
        return ussd.answer(ports, phone, ussd.BALANCE, _name(message))
    number = Msisdn.parse(order.rest, member.home)
    called = ordering.order_call(
        ports,
        member,
        number,
        f"sms:{_name(message)}",
        member.at_once_limit,
        count=lambda db: throttles.book(db, "sms call", str(member.id), CALLING_BACK, ports.clock()),
    )
    return Calling(called)


def _register(ports: Ports, message: Message, sender: Msisdn, text: str) -> Reply:
    """Make the sender a member with a password of ours (A6)."""
    password = made_password.make(ports.lookup_keys[0], _made_for(message, sender))
    with passwords.turn():
        password_hash = passwords.hash_password(password)
    try:
        _create(ports, message, sender, text, password_hash, must_change=False)
    except AlreadyThere:  # the same message on another way, a moment ago; or another one of theirs
        return _known(ports, message) or AlreadyMember()
    return Password(password, is_new=True)


def _register_by_text(ports: Ports, message: Message, sender: Msisdn, text: str) -> Reply:
    """Make the sender a member with the password of the text (A7). A member's password is not changed by a text,
    for whoever forges a sender would know it."""
    if _member(ports, sender) is not None:
        return _known(ports, message) or Nothing("member")
    order = sms_text.command_of(text)
    told = order.rest if order and order.command == "password" and order.rest else text
    sponsor = _sponsor_in(ports, told, sender)
    password = (sponsor[1].without if sponsor else "") or told
    if not SHORTEST <= len(password) <= passwords.LONGEST:
        return Nothing("no_password")
    must_change = _is_weak(password, sender)
    with passwords.turn():
        password_hash = passwords.hash_password(password)
    try:
        _create(ports, message, sender, told, password_hash, must_change=must_change)
    except AlreadyThere:
        return _known(ports, message) or Nothing("member")
    return Nothing("registered")


def _is_weak(password: str, sender: Msisdn) -> bool:
    try:
        passwords.check(password, passwords.names_of("", sender))
    except WeakPassword:
        return True
    return False


@transactional
def _create(
    ports: Ports, message: Message, sender: Msisdn, text: str, password_hash: str, *, must_change: bool
) -> None:
    """Write the member, the sponsor and the message's name, in one transaction. Raises: AlreadyThere."""
    sponsor = _sponsor_in(ports, text, sender)
    currency = next((unit for unit, home in HOMES.items() if home == sender.region), "RUB")
    added = accounts.Newcomer(sender, "", currency, password_hash)
    with ports.sessions.begin() as db:
        member = accounts.write(ports, db, added, is_verified=True, must_change=must_change)
        consents.note(ports, db, member.id, "sms")
        acceptance.by_registration(ports, db, member.id)
        if sponsor is not None:
            referral_rows.add(db, Referral(member.id, sponsor[0].id, "sms", ports.clock()))
        if not inbound_rows.add(db, _inbound(ports, message, "registered", None, member.id)):
            raise AlreadyThere(what="this message")
    logger.info("registered by SMS", extra={"owner_id": member.id, "has_sponsor": sponsor is not None})


@transactional
def _renew_password(ports: Ports, message: Message, member: Subscriber) -> Reply:
    """Give a member a new password; every device that is logged in, and every program, is logged out."""
    assert member.phone is not None  # the message came from it
    password = made_password.make(ports.lookup_keys[0], _made_for(message, member.phone))
    with passwords.turn():
        password_hash = passwords.hash_password(password)
    now = ports.clock()
    with ports.sessions.begin() as db:
        if not inbound_rows.add(db, _inbound(ports, message, "password", None, member.id)):
            return _answered(ports, message, inbound_rows.find(db, message.smsc, message.id)) or Nothing("old")
        subscribers.set_password(db, member.id, password_hash, now)
        device_rows.end_all(db, member.id, "password", now, None)
        token_rows.end_all(db, member.id, now)
    logger.info("password changed by SMS", extra={"owner_id": member.id})
    return Password(password, is_new=False)


@transactional
def _may_reply(ports: Ports, sender: Msisdn) -> bool:
    """Count a reply and book what it costs. Raises: SmsSpent."""
    try:
        with ports.sessions.begin() as db:
            caps.book_reply(ports, db, sender)
            caps.book_cost(ports, db, REPLY_PARTS)
    except TooOften:
        return False
    except SmsSpent:
        logger.warning("the day's money for SMS is used up: messages are not answered")
        raise
    return True


def _sponsor_in(ports: Ports, text: str, sender: Msisdn) -> tuple[Subscriber, Mention] | None:
    """Return the member whose phone stands in a text (A9); nobody is their own sponsor."""
    found = [each for each in sms_text.mentions(text, sender.region or "RU") if each.number != sender]
    members = _members(ports, [each.number for each in found]) if found else {}
    return next(((members[each.number], each) for each in found if each.number in members), None)


def _member(ports: Ports, phone: Msisdn) -> Subscriber | None:
    return _members(ports, [phone]).get(phone)


@transactional
def _members(ports: Ports, phones: list[Msisdn]) -> dict[Msisdn, Subscriber]:
    with ports.sessions.read() as db:
        found = [subscriber for subscriber, _ in subscribers.find(db, phones, None)]
    return {subscriber.phone: subscriber for subscriber in found if subscriber.phone}


@transactional
def _known(ports: Ports, message: Message) -> Reply | None:
    """Return the answer that a message of this name got before."""
    with ports.sessions.read() as db:
        return _answered(ports, message, inbound_rows.find(db, message.smsc, message.id))


def _answered(ports: Ports, message: Message, kept: Inbound | None) -> Reply | None:
    if kept is None:
        return None
    is_same = any(_hashes(key, message) == (kept.sender_hash, kept.text_hash) for key in ports.lookup_keys)
    if not is_same or ports.clock() - kept.at > REPEATS:
        return Nothing("old")
    if kept.reply is not None:
        return Said(kept.reply)
    if message.receiver != ports.sms_numbers.short:
        return Nothing("repeat")
    return Password(_made_again(ports, message, kept), is_new=kept.outcome == "registered")


def _made_again(ports: Ports, message: Message, kept: Inbound) -> str:
    """Return the password that was made for a message, by the key of that day."""
    key = next(key for key in ports.lookup_keys if _hashes(key, message) == (kept.sender_hash, kept.text_hash))
    return made_password.make(key, _made_for(message, Msisdn.parse(message.sender)))


@transactional
def _keep(ports: Ports, message: Message, outcome: str, reply: str) -> None:
    with ports.sessions.begin() as db:
        inbound_rows.add(db, _inbound(ports, message, outcome, reply, None))


def _inbound(ports: Ports, message: Message, outcome: str, reply: str | None, owner_id: int | None) -> Inbound:
    hashes = _hashes(ports.lookup_keys[0], message)
    return Inbound(message.smsc, message.id, ports.clock(), *hashes, owner_id, outcome, reply)


def _hashes(key: bytes, message: Message) -> tuple[bytes, bytes]:
    def keyed(text: str) -> bytes:
        return hmac.digest(key, f"inbound SMS\n{text}".encode("utf-8", "replace"), sha256)

    return keyed(message.sender), keyed(message.text)


def _name(message: Message) -> str:
    return f"{message.smsc}:{message.id}"


def _made_for(message: Message, sender: Msisdn) -> str:
    return f"{_name(message)}\n{sender}"
