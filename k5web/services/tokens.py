"""Tokens of subscribers' own programs: made, listed, ended; who asks with one, and how often they may."""

import hashlib
import secrets
from dataclasses import dataclass

from k5web.domain.device import SELECTOR_BYTES, VALIDATOR_BYTES
from k5web.domain.label import label
from k5web.domain.subscriber import Subscriber
from k5web.domain.token import ASKING, BEGINS, MOST_TOKENS, ORDERING, TOUCH_EVERY, ApiToken, split
from k5web.errors import Later, NotFound, TokenMayNotCall, TooMany, WrongToken
from k5web.services import blocking
from k5web.services.calling import Count
from k5web.services.ports import Ports
from k5web.storage import ledger, paces, tokens
from k5web.storage.session import transactional

NOTE_PATIENCE_S = 0.05  # for a count that can wait: whoever only looks is not kept waiting by a busy base


@dataclass(frozen=True, slots=True)
class Program:
    """A program that asks, and for whom."""

    token: ApiToken
    subscriber: Subscriber


@transactional
def make_token(ports: Ports, owner_id: int, name: str, may_call: bool) -> str:
    """Write a new token and return its text, which is never shown again. Raises: WrongName, TooMany."""
    validator = secrets.token_urlsafe(VALIDATOR_BYTES)
    token = ApiToken(
        selector=secrets.token_urlsafe(SELECTOR_BYTES),
        owner_id=owner_id,
        name=label(name),
        may_call=may_call,
        created_at=ports.clock(),
        last_used_at=None,
    )
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # two forms at once must not pass the limit together
        if len(tokens.live(db, owner_id)) >= MOST_TOKENS:
            raise TooMany(limit=MOST_TOKENS)
        tokens.add(db, token, _hash(validator))
    return f"{BEGINS}{token.selector}.{validator}"


@transactional
def list_tokens(ports: Ports, owner_id: int) -> list[ApiToken]:
    """Return the owner's tokens, newest first."""
    with ports.sessions.read() as db:
        return tokens.live(db, owner_id)


@transactional
def end_token(ports: Ports, owner_id: int, selector: str) -> None:
    """End one of the owner's tokens, at once. Raises: NotFound."""
    with ports.sessions.begin() as db:
        if not tokens.end(db, owner_id, selector, ports.clock()):
            raise NotFound(what="token")


def recognise(ports: Ports, text: str, *, to_change: bool) -> Program:
    """Return which program sends this token, and count the request.

    The primary is asked, so an ended token is dead at once; who only looks is let in by the read door where the base
    is busy. Raises: WrongToken, TokenMayNotCall, SubscriberBlocked, TooOften, Later.
    """
    parts = split(text)
    if parts is None:
        raise WrongToken
    selector, presented = parts[0], _hash(parts[1])
    if to_change:
        program = _let_in(ports, selector, presented)
        if not program.token.may_call:
            raise TokenMayNotCall
        return program
    try:
        return _let_in(ports, selector, presented, NOTE_PATIENCE_S)
    except Later:
        return _look(ports, selector, presented)


def counting(ports: Ports, token: ApiToken) -> Count:
    """Return what counts an order of this token, within the order's transaction. It raises: TooOften."""
    return lambda db: paces.book(db, "api_order", token.selector, ORDERING, ports.clock())


@transactional
def _let_in(ports: Ports, selector: str, presented: bytes, patience_s: float | None = None) -> Program:
    now = ports.clock()
    with ports.sessions.begin(patience_s) as db:
        record = tokens.find(db, selector)
        if record is None or not record.is_good(presented):
            raise WrongToken
        paces.book(db, "api", selector, ASKING, now)
        token = record.token
        if token.last_used_at is None or now - token.last_used_at >= TOUCH_EVERY:
            tokens.touch(db, selector, now)
        return Program(token, blocking.admit(db, token.owner_id))


@transactional
def _look(ports: Ports, selector: str, presented: bytes) -> Program:
    with ports.sessions.read() as db:
        record = tokens.find(db, selector)
        if record is None or not record.is_good(presented):
            raise WrongToken
        return Program(record.token, blocking.admit(db, record.token.owner_id))


def _hash(validator: str) -> bytes:
    return hashlib.sha256(validator.encode()).digest()
