"""Browsers as phones: each look at the page of the phone gets an account of its own, which soon ends by itself."""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Device, Subscriber
from k5web.domain.pbx import people
from k5web.domain.pbx.people import MOST_BROWSERS, OPENING, SipAccount
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.pbx import pbx_rows, people_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

SWEPT_AT_ONCE = 100
KEPT = timedelta(days=1)  # an account that ended
RANDOM_BYTES = 8  # of a login: 16 hexadecimal digits


@transactional
def open_account(ports: Ports, subscriber: Subscriber, device: Device, session_end: datetime) -> SipAccount:
    """Return a fresh account for a browser, good for eight hours or until its log-in ends. Its oldest one ends where it
    has as many as tabs are likely.

    Raises: TooOften, SubscriberBlocked, ServicesSuspended.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, subscriber.id)
        subscribers.serve(db, subscriber.id)
        throttles.book(db, "browser_phone", str(subscriber.id), OPENING, now)
        theirs = [each for each in people_rows.accounts(db, subscriber.id) if each.device == device.selector]
        too_many = [each.login for each in theirs[: len(theirs) + 1 - MOST_BROWSERS]]
        if too_many:
            people_rows.remove_accounts(db, subscriber.id, too_many, now)
        login = people.browser_login(subscriber.id, secrets.token_hex(RANDOM_BYTES))
        account = SipAccount(
            owner_id=subscriber.id,
            login=login,
            kind="browser",
            user_n=None,
            password_digest=people.digest_of(login, secrets.token_urlsafe(32)),
            added_at=now,
            until=people.until_of(now, session_end),
            device=device.selector,
        )
        people_rows.put_account(db, account)
        pbx_rows.touch(db, subscriber.id, now)
    return account


@transactional
def end_accounts(ports: Ports, owner_id: int, device: str) -> int:
    """End the accounts of a browser that is logged out; return how many."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        theirs = [each.login for each in people_rows.accounts(db, owner_id) if each.device == device]
        return _remove(ports, db, owner_id, theirs)


def sweep(ports: Ports) -> int:
    """End the accounts whose time is up or whose browser is logged out, however that came (run by the worker; any
    number may run). Return how many."""
    ended = 0
    while step := sum(_end(ports, owner_id, logins) for owner_id, logins in _overdue(ports)):
        ended += step
    if ended:
        logger.info("accounts of browsers ended", extra={"accounts": ended})
    return ended


@transactional
def forget_old(ports: Ports) -> int:
    """Delete accounts that ended long ago; return how many."""
    with ports.sessions.begin() as db:
        return people_rows.forget_browsers(db, ports.clock() - KEPT)


@transactional
def _overdue(ports: Ports) -> list[tuple[int, list[str]]]:
    with ports.sessions.read() as db:
        found = people_rows.overdue_browsers(db, ports.clock(), SWEPT_AT_ONCE)
    return [(owner_id, [login for _, login in theirs]) for owner_id, theirs in groupby(found, key=lambda each: each[0])]


@transactional
def _end(ports: Ports, owner_id: int, logins: Sequence[str]) -> int:
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        return _remove(ports, db, owner_id, logins)


def _remove(ports: Ports, db: Session, owner_id: int, logins: Sequence[str]) -> int:
    now = ports.clock()
    ended = people_rows.remove_accounts(db, owner_id, logins, now) if logins else 0
    if ended:
        pbx_rows.touch(db, owner_id, now)
    return ended
