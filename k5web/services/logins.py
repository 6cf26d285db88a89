"""Trying a password: counted in the base before it is looked at, by account or known device first, by address last."""

import hashlib
import logging
from ipaddress import IPv6Address, ip_address, ip_network

from k5web.domain.login import Scope, Tally
from k5web.errors import LoginLocked, LoginPaused
from k5web.services.ports import Ports
from k5web.storage import logins
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

Counted = tuple[Tally, ...]


def subject(scope: Scope, name: str) -> tuple[Scope, str]:
    """Return the key of a count. Typed names are kept as hashes: people type passwords there."""
    return scope, hashlib.sha256(name.encode()).hexdigest()[:32]


def coarse(address: str | None) -> str:
    """Return the network an address lies in: enough to recognise a place, too little to follow a person.

    ::ffff:192.0.2.7, as a socket for both kinds writes it, is 192.0.2.7: else all the world were one network.
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ip_network(f"{parsed}/{24 if parsed.version == 4 else 64}", strict=False))


@transactional
def count_try(ports: Ports, *subjects: tuple[Scope, str]) -> Counted:
    """Count a try as wrong, before the password is looked at: ten tries at once must not be ten for the price of one.

    Raises: LoginLocked, LoginPaused; then nothing was counted and nothing may be looked at.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        tallies = [logins.lock(db, scope, name, ports.today()) for scope, name in sorted(subjects)]
        if any(tally.is_locked for tally in tallies):
            raise LoginLocked
        wait = max(tally.wait(now) for tally in tallies)
        if wait:
            raise LoginPaused(wait_s=max(1, round(wait.total_seconds())))
        counted = tuple(tally.with_wrong(now) for tally in tallies)
        for tally in counted:
            logins.write(db, tally)
    return counted


@transactional
def count_right(ports: Ports, counted: Counted) -> None:
    """Take the try back: it was right."""
    with ports.sessions.begin() as db:
        for tally in counted:
            logins.write(db, logins.lock(db, tally.scope, tally.subject, ports.today()).with_right())


def attempts_left(counted: Counted) -> int:
    """Return how many tries are left before a pause."""
    return min(tally.attempts_left for tally in counted if tally.scope != "address")
