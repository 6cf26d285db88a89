"""The outbox is emptied: the urgent first, each message once, whatever the SMS centre or the mail server does.

What was never sent is tried again after growing pauses. An SMS of unknown fate is not: it may have been sent, and costs
money; only a delivery report that says it failed brings it back. A letter of unknown fate is sent again under its
Message-ID, by which mailboxes know a repeat. No transaction is open while anything is sent.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.messaging.message import Channel, Fate, Letter, Mailer, Sms, Wording
from k5web.domain.messaging.notice import KINDS, SECRETS
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.sms_parts import sms_parts
from k5web.errors import K5Error, NotFound, SmsSpent
from k5web.services.messaging import caps
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.storage.accounts import email_rows, subscribers
from k5web.storage.messaging import choice_rows, code_rows, outbox_rows, sms_counts
from k5web.storage.messaging.outbox_rows import Queued, SendingState, Undelivered
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

AT_ONCE: Final = 100  # messages of one round
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
SENDING_TAKES: Final = timedelta(minutes=5)  # at most; whoever took longer was killed
NEWS_LIVES: Final = timedelta(days=3)  # a notice that could not be told so long is no news


@dataclass(frozen=True, slots=True)
class Ready:
    """A message with all that is needed to send it."""

    message: Queued
    channel: Channel
    address: str
    wording: Wording


def deliver_due(ports: Ports) -> int:
    """Send what is due; return how many messages left the house. A way that is down is tried once a round."""
    sent, down = 0, {each for each, door in _doors(ports).items() if door is None}
    for message in _due(ports):
        ready = _make_ready(ports, message, frozenset(down))
        if ready is None:
            continue
        fate = _send(ports, ready)
        _note(ports, ready, fate)
        if fate in {"not_sent", "unknown"}:
            down.add(ready.channel)
        sent += fate == "accepted"
    return sent


@transactional
def sweep(ports: Ports) -> None:
    """Close what killed senders left, and forget codes, decoys and counts past their time."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        if lost := outbox_rows.give_up(db, now - SENDING_TAKES, now):
            logger.warning("nobody knows whether these messages were sent", extra={"count": lost})
        code_rows.forget(db, now)
        outbox_rows.forget_decoys(db, now)
        sms_counts.forget(db, now - timedelta(hours=1))


@transactional
def note_report(ports: Ports, ref: str, status: int) -> None:
    """Note what a delivery report says of an SMS: 1 delivered, 2 failed, 8 taken by the operator, 16 refused.

    Raises: NotFound.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        found = NotFound.unless(outbox_rows.by_ref(db, ref), "such message")
        message, state = found
        if state not in {"sending", "accepted", "unknown"}:  # told already; reports may come twice and in any order
            return
        if status in {2, 16} and state == "unknown" and message.kind not in SECRETS and _is_news(message, now):
            outbox_rows.reopen(db, message, now)
        elif told := _REPORTED.get(status):
            outbox_rows.close(db, message, told, now, is_secret=message.kind in SECRETS)


_REPORTED: Final[dict[int, SendingState]] = {1: "delivered", 2: "failed", 8: "accepted", 16: "failed"}


@transactional
def undelivered(ports: Ports, since: datetime, at_most: int) -> list[Undelivered]:
    """Return messages that did not arrive, of those closed since a moment, the newest first."""
    with ports.sessions.read() as db:
        return outbox_rows.undelivered(db, since, at_most)


@transactional
def _due(ports: Ports) -> list[Queued]:
    with ports.sessions.read() as db:
        return outbox_rows.due(db, ports.clock(), AT_ONCE)


@transactional
def _make_ready(ports: Ports, message: Queued, down: frozenset[Channel]) -> Ready | None:
    """Take a message out of the queue, or close or postpone it: then there is nothing to send now."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        if not _is_news(message, now):
            outbox_rows.close(db, message, "dropped", now, is_secret=message.kind in SECRETS)
            return None
        try:
            ready = _route(ports, db, message)
        except (KeyError, NotFound):  # one message that cannot be said must not hold up the others
            logger.exception("a message cannot be written", extra={"ref": message.ref, "kind": message.kind})
            ready = None
        if ready is None:
            outbox_rows.close(db, message, "dropped", now, is_secret=message.kind in SECRETS)
            return None
        if ready.channel in down:
            return None
        if until := _not_before(ports, db, ready, now):
            outbox_rows.postpone(db, message, until)
            return None
        return ready if outbox_rows.claim(db, message, now) else None


def _is_news(message: Queued, now: datetime) -> bool:
    if message.expires_at is not None:
        return now < message.expires_at
    return now < message.created_at + NEWS_LIVES


def _route(ports: Ports, db: Session, message: Queued) -> Ready | None:
    """Return where a message goes and what it says; None where its owner does not wish it, or cannot be reached."""
    if message.channel and message.address:
        wording = ports.say(message.kind, message.facts, message.facts.get("language"))
        return Ready(message, message.channel, message.address, wording)
    owner = subscribers.get(db, message.owner_id)
    email = email_rows.find(db, owner.id)
    confirmed = email.address.text if email and email.confirmed_at else None
    phone = str(owner.phone) if owner.phone and owner.phone_verified_at else None
    chosen = choice_rows.choices(db, owner.id).get(message.kind)
    way = KINDS[message.kind].way(chosen, has_email=confirmed is not None)
    if KINDS[message.kind].by_both and confirmed and phone:
        way = "email"
        _queue_sms(db, message, phone, owner.language)
    address = confirmed if way == "email" else phone
    if way == "off" or address is None:
        return None
    return Ready(message, way, address, ports.say(message.kind, message.facts, owner.language))


def _queue_sms(db: Session, message: Queued, phone: str, language: str | None) -> None:
    """Put in beside a letter the SMS that tells the same; each try of the letter means this one SMS."""
    facts = {**message.facts, "language": language}
    outbox_rows.queue(
        db, replace(message, id=f"{message.id} sms", facts=facts, channel="sms", address=phone, attempts=0, due_at=None)
    )


def _not_before(ports: Ports, db: Session, ready: Ready, now: datetime) -> datetime | None:
    """Return until when an SMS must wait: for the end of quiet hours, or for the next day's money."""
    if ready.channel != "sms":
        return None
    if not ready.message.is_urgent and (quiet := ports.quiet.over_at(now.astimezone(OPERATOR_ZONE))):
        return quiet
    if ready.message.cost_minor is None:
        try:
            cost = caps.book_notice(ports, db, sms_parts(ready.wording.text))
        except SmsSpent:
            logger.warning("the day's money for SMS is used up: notices wait until tomorrow")
            return start_of_day(ports.today() + timedelta(days=1))
        outbox_rows.note_cost(db, ready.message, cost.minor)
    return None


def _send(ports: Ports, ready: Ready) -> Fate:
    ref = ready.message.ref
    if ready.channel == "sms" and ports.messenger:
        return ports.messenger.send(Sms(ref, Msisdn(ready.address.removeprefix("+")), ready.wording.text))
    if ready.channel == "email" and ports.mailer:
        return _send_letter(ports, ports.mailer, ready)
    return "not_sent"


def _send_letter(ports: Ports, mailer: Mailer, ready: Ready) -> Fate:
    """Send a letter with its files, which are made now: the outbox keeps only what they are about."""
    message, wording = ready.message, ready.wording
    try:
        files = ports.attach(ports, message.owner_id, message.kind, message.facts)
    except K5Error:  # it is about this letter: another try would not help
        logger.exception("what a letter brings along cannot be made", extra={"ref": message.ref, "kind": message.kind})
        return "refused"
    return mailer.send(Letter(message.ref, EmailAddress(ready.address), wording.subject, wording.text, files))


@transactional
def _note(ports: Ports, ready: Ready, fate: Fate) -> None:
    now, message = ports.clock(), ready.message
    is_tried_again = fate == "not_sent" or (fate == "unknown" and ready.channel == "email")
    with ports.sessions.begin() as db:
        if is_tried_again:
            outbox_rows.postpone(db, message, now + _pause(message.attempts))
        elif fate != "not_sent":
            outbox_rows.close_try(db, message, fate, now, is_secret=message.kind in SECRETS)
    logger.info("message", extra={"ref": message.ref, "kind": message.kind, "way": ready.channel, "fate": fate})


def _pause(attempts: int) -> timedelta:
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempts, 10)))


def _doors(ports: Ports) -> dict[Channel, object | None]:
    return {"sms": ports.messenger, "email": ports.mailer}
