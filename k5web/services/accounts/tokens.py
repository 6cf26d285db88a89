"""Tokens of subscribers' own programs: made, listed, ended; who asks with one, and how often they may."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from k5web.domain.accounts.device import SELECTOR_BYTES, VALIDATOR_BYTES
from k5web.domain.accounts.label import label
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.accounts.token import ASKING, BEGINS, MOST_TOKENS, ORDERING, TOUCH_EVERY, ApiToken, TokenRecord, split
from k5web.errors import Conflict, NotFound, TokenMayNotCall, TooMany, Unavailable, WrongToken
from k5web.services.ports import Count, Ports
from k5web.storage import throttles
from k5web.storage.accounts import subscribers, token_rows
from k5web.storage.books import ledger
from k5web.storage.session import transactional

SHOWN_FOR = timedelta(minutes=10)  # an answer that was lost, a page read anew
NOTE_PATIENCE_S = 0.05  # for a count that can wait: whoever only looks is not kept waiting by a busy database


@dataclass(frozen=True, slots=True)
class Program:
    """A program that asks, and for whom."""

    token: ApiToken
    subscriber: Subscriber


@transactional
def make_token(ports: Ports, owner_id: int, name: str, may_call: bool, form_key: str = "") -> str:
    """Write a new token and return its text. The same form makes no second one: for a while, and until the token is
    used, whoever repeats it gets the same text again. Raises: WrongName, TooMany, Conflict."""
    form_key = form_key or secrets.token_urlsafe(VALIDATOR_BYTES)
    selector, validators = _of_form(ports, owner_id, form_key)
    token = ApiToken(
        selector=selector,
        owner_id=owner_id,
        name=label(name),
        may_call=may_call,
        created_at=ports.clock(),
        last_used_at=None,
    )
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # two forms at once must not pass the limit together
        if (made := token_rows.find(db, selector)) is not None:
            return f"{BEGINS}{selector}.{_again(ports, made, token, validators)}"
        if len(token_rows.live(db, owner_id)) >= MOST_TOKENS:
            raise TooMany(limit=MOST_TOKENS)
        token_rows.add(db, token, _hash(validators[0]))
    return f"{BEGINS}{selector}.{validators[0]}"


@transactional
def list_tokens(ports: Ports, owner_id: int) -> list[ApiToken]:
    """Return the owner's tokens, newest first."""
    with ports.sessions.read() as db:
        return token_rows.live(db, owner_id)


@transactional
def end_token(ports: Ports, owner_id: int, selector: str) -> None:
    """End one of the owner's tokens, at once. Raises: NotFound."""
    with ports.sessions.begin() as db:
        if not token_rows.end(db, owner_id, selector, ports.clock()):
            raise NotFound(what="token")


def recognise(ports: Ports, text: str, *, to_change: bool) -> Program:
    """Return which program sends this token, and count the request.

    The primary is asked, so an ended token is dead at once; who only looks is let in by the read door where the
    database is busy. Raises: WrongToken, TokenMayNotCall, SubscriberBlocked, TooOften, Unavailable.
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
    except Unavailable:
        return _look(ports, selector, presented)


def counting(ports: Ports, token: ApiToken) -> Count:
    """Return what counts an order of this token, within the order's transaction. It raises: TooOften."""
    return lambda db: throttles.book(db, "api_order", token.selector, ORDERING, ports.clock())


@transactional
def _let_in(ports: Ports, selector: str, presented: bytes, patience_s: float | None = None) -> Program:
    now = ports.clock()
    with ports.sessions.begin(patience_s) as db:
        record = token_rows.find(db, selector)
        if record is None or not record.is_good(presented):
            raise WrongToken
        throttles.book(db, "api", selector, ASKING, now)
        token = record.token
        if token.last_used_at is None or now - token.last_used_at >= TOUCH_EVERY:
            token_rows.touch(db, selector, now)
        return Program(token, subscribers.admit(db, token.owner_id))


@transactional
def _look(ports: Ports, selector: str, presented: bytes) -> Program:
    with ports.sessions.read() as db:
        record = token_rows.find(db, selector)
        if record is None or not record.is_good(presented):
            raise WrongToken
        return Program(record.token, subscribers.admit(db, record.token.owner_id))


def _of_form(ports: Ports, owner_id: int, form_key: str) -> tuple[str, list[str]]:
    """Return the selector that a form's token has, and its secret half by each of the house's keys, newest first:
    nobody can make it who has not both the form and a key."""
    said = f"token {owner_id} {form_key}".encode()
    halves = [hmac.digest(key, said, "sha256") for key in ports.lookup_keys]
    return _text(hashlib.sha256(said).digest()[:SELECTOR_BYTES]), [_text(half[:VALIDATOR_BYTES]) for half in halves]


def _again(ports: Ports, made: TokenRecord, wanted: ApiToken, validators: Sequence[str]) -> str:
    """Return the secret half of a token that its form has made already. Raises: Conflict."""
    kept = made.token
    is_same = (kept.owner_id, kept.name, kept.may_call) == (wanted.owner_id, wanted.name, wanted.may_call)
    is_fresh = ports.clock() - kept.created_at <= SHOWN_FOR and kept.last_used_at is None
    for validator in validators:
        if is_same and is_fresh and made.is_good(_hash(validator)):
            return validator
    raise Conflict(origin="token", key=kept.selector)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _hash(validator: str) -> bytes:
    return hashlib.sha256(validator.encode()).digest()
