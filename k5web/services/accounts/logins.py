"""Trying a password: counted before it is looked at, by what was typed or the known device first, by address last.

What was typed is counted under every number it may mean, whether anybody has that number or not. So neither its
spelling nor a phone beside its contract's number tells who is a subscriber.
"""

import hashlib
import logging
from collections.abc import Collection, Iterable
from dataclasses import replace

from k5web.domain.accounts.login import CROWDS, Scope, Tally
from k5web.domain.address import network_of
from k5web.errors import LoginLocked, LoginPaused, WrongLogin
from k5web.services.ports import Ports
from k5web.storage.accounts import login_counts
from k5web.storage.accounts.subscribers import NOBODY
from k5web.storage.calls import limit_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

Counted = tuple[Tally, ...]


def subject(scope: Scope, name: str) -> tuple[Scope, str]:
    """Return the key of a count. Typed names are kept as hashes: people type passwords there."""
    return scope, hashlib.sha256(name.encode()).hexdigest()[:32]


def subjects(names: Iterable[str], address: str | None) -> list[tuple[Scope, str]]:
    """Return the keys of the counts of one try."""
    crowds = (subject("address", network_of(address, 32, 64)), subject("network", network_of(address, 24, 48)))
    return [*(subject("name", name) for name in names), *crowds]


@transactional
def count_try(ports: Ports, *subjects: tuple[Scope, str]) -> Counted:
    """Count a try as wrong before the password is looked at, so that ten parallel tries count as ten.

    Raises: LoginLocked, LoginPaused; then nothing was counted and nothing may be looked at.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        tallies = [login_counts.lock(db, scope, name, ports.today()) for scope, name in sorted(subjects)]
        if any(tally.is_locked for tally in tallies):
            raise LoginLocked
        wait = max(tally.wait(now) for tally in tallies)
        if wait:
            raise LoginPaused(wait_s=max(1, round(wait.total_seconds())))
        counted = tuple(tally.with_wrong(now) for tally in tallies)
        for tally in counted:
            login_counts.write(db, tally)
    return counted


@transactional
def count_right(ports: Ports, counted: Counted, own: Collection[tuple[Scope, str]]) -> None:
    """Take the try back: it was right. Only the counts of the subscriber's `own` begin anew: another number that was
    typed alike, and everybody else at this address, are as they were."""
    with ports.sessions.begin() as db:
        for tally in counted:
            fresh = login_counts.lock(db, tally.scope, tally.subject, ports.today())
            is_own = (tally.scope, tally.subject) in own
            login_counts.write(db, fresh.with_right() if is_own else fresh.without_try())


@transactional
def forget(ports: Ports, names: Iterable[str]) -> None:
    """Begin the counts of these names anew: their owner was proved in another way."""
    with ports.sessions.begin() as db:
        for scope, name in sorted(subject("name", each) for each in names):
            fresh = login_counts.lock(db, scope, name, ports.today())
            login_counts.write(db, replace(fresh, in_a_row=0, in_a_day=0, blocked_until=None))


@transactional
def count_wrong(ports: Ports) -> None:
    """Count a wrong password in the sum of all, for the alarm on guessing (S10)."""
    with ports.sessions.begin() as db:
        limit_rows.count_refusal(db, NOBODY, WrongLogin.code, ports.clock())


def attempts_left(counted: Counted) -> int:
    """Return how many tries are left before a pause."""
    return min(tally.attempts_left for tally in counted if tally.scope not in CROWDS)
