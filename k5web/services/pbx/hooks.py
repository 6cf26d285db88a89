"""Webhooks of a subscriber: put in, tried, removed; what happened to their calls is found and put into the queue."""

import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.orm import Session

from k5web.domain.pbx import webhook as rules
from k5web.domain.pbx.conversation import Conversation
from k5web.domain.pbx.webhook import Delivery, HookDoor, HookEvent, Webhook
from k5web.domain.throttle import Throttle
from k5web.errors import NotFound, TooMany, WrongHook
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.books import ledger
from k5web.storage.pbx import hook_rows, recording_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

BEGINS: Final = "k5h_"  # a secret, so that searches for leaked ones find it
TRYING: Final = Throttle(every=timedelta(minutes=1), at_once=10)  # the test button
LOG: Final = 10  # messages shown of each address
AT_ONCE: Final = 200  # conversations of one owner in one round
TEST: Final = "test"


@dataclass(frozen=True, slots=True)
class HookView:
    """An address with what it was told last."""

    hook: Webhook
    log: list[Delivery]


@transactional
def of_owner(ports: Ports, owner_id: int) -> list[HookView]:
    """Return an owner's addresses, oldest first."""
    with ports.sessions.read() as db:
        return [HookView(each, hook_rows.log(db, owner_id, each.n, LOG)) for each in hook_rows.live(db, owner_id)]


@transactional
def add(ports: Ports, owner_id: int, url: str, events: Collection[HookEvent]) -> tuple[Webhook, str]:
    """Put in an address; return it and its secret, which is shown this once. Raises: WrongHook, TooMany."""
    address = _door(ports).check(url)
    if not events:
        raise WrongHook(reason="events")
    secret = BEGINS + secrets.token_urlsafe(32)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # two forms at once must not pass the limit together
        if len(hook_rows.live(db, owner_id)) >= rules.MOST_HOOKS:
            raise TooMany(limit=rules.MOST_HOOKS)
        new = hook_rows.add(db, owner_id, address, events, _cipher(ports).encrypt(secret.encode()), ports.clock())
    logger.info("webhook added", extra={"owner_id": owner_id, "n": new.n})
    return new, secret


@transactional
def remove(ports: Ports, owner_id: int, n: int) -> None:
    """Remove an address; it is told nothing more. Raises: NotFound."""
    with ports.sessions.begin() as db:
        if not hook_rows.remove(db, owner_id, n, ports.clock()):
            raise NotFound(what="such webhook")


@transactional
def resume(ports: Ports, owner_id: int, n: int) -> None:
    """Tell an address again that rested after many failures. Raises: NotFound."""
    with ports.sessions.begin() as db:
        NotFound.unless(hook_rows.find(db, owner_id, n), "such webhook")
        hook_rows.resume(db, owner_id, n)


@transactional
def test(ports: Ports, owner_id: int, n: int) -> None:
    """Have an address told a test, which the worker sends like everything else. Raises: NotFound, TooOften."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        NotFound.unless(hook_rows.find(db, owner_id, n), "such webhook")
        throttles.book(db, "webhook test", str(owner_id), TRYING, now)
        hook_rows.queue(db, Delivery(owner_id, n, f"{TEST} {secrets.token_hex(8)}", TEST, {}, now, now))


def tell_due(ports: Ports) -> None:
    """Find what happened in conversations of those who want to hear of it, and put it into the queue."""
    with ports.sessions.read() as db:
        owner_ids = hook_rows.owners(db)
    for owner_id in owner_ids:
        with ports.sessions.read() as db:
            found = hook_rows.untold(db, owner_id, ports.clock() - rules.TOLD_FOR, AT_ONCE)
        for conversation, told in found:
            events, all_told = rules.news(conversation, told, ports.clock())
            if len(all_told) > len(told):
                _tell_all(ports, conversation, events, told, tuple(all_told))


@transactional
def _tell_all(
    ports: Ports, conversation: Conversation, events: list[HookEvent], told: tuple[str, ...], all_told: tuple[str, ...]
) -> None:
    with ports.sessions.begin() as db:
        if hook_rows.note_told(db, conversation, told, all_told):
            for event in events:
                tell(ports, db, conversation.owner_id, event, conversation)


def tell(ports: Ports, db: Session, owner_id: int, event: HookEvent, conversation: Conversation) -> None:
    """Put an event of a conversation into the queue of each of the owner's addresses that wants it, once."""
    now = ports.clock()
    wanting = [
        each
        for each in hook_rows.live(db, owner_id)
        if event in each.events and each.paused_at is None and each.added_at <= conversation.began_at
    ]
    if not wanting:
        return
    facts = rules.facts_of(conversation, _links(ports, db, conversation))
    name = f"{event} {conversation.switch} {conversation.linked_id}"
    for each in wanting:
        hook_rows.queue(db, Delivery(owner_id, each.n, name, event, facts, now, now))


def secret_of(ports: Ports, delivery: Delivery) -> str | None:
    """Return the secret that a message is signed with; None where its address rests, "" where the key that enciphered
    the secret is gone."""
    with ports.sessions.read() as db:
        enciphered = hook_rows.secret(db, delivery.owner_id, delivery.webhook_n)
    try:
        return None if enciphered is None else _cipher(ports).decrypt(enciphered).decode()
    except InvalidToken:
        return ""


def _links(ports: Ports, db: Session, conversation: Conversation) -> list[str]:
    """Return where the recordings of a conversation are listened to, by whoever is logged in."""
    kept = recording_rows.of_conversations(db, conversation.owner_id, [conversation.linked_id])
    theirs = [each for each in kept if each.switch == conversation.switch]
    return [f"{ports.public_url}/me/recordings/{each.switch}/{each.file}" for each in theirs]


def _door(ports: Ports) -> HookDoor:
    if ports.hook_door is None:
        raise NotFound(what="way to webhooks")
    return ports.hook_door


def _cipher(ports: Ports) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in ports.cipher_keys])
