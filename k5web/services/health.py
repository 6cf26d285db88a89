"""Health: whether the database answers, and the figures for monitoring."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from k5web.domain.calls.quality import Quality
from k5web.domain.calls.routing import is_failing, strikes
from k5web.errors import SwitchUnreachable, WrongLogin
from k5web.services.calls import safety, staff_view
from k5web.services.calls.placing import LONG_AGO
from k5web.services.calls.routing import trunks
from k5web.services.calls.staff_view import Lines
from k5web.services.ports import Ports
from k5web.storage import figures as counted
from k5web.storage import incidents, schema
from k5web.storage.bank import bank_payments
from k5web.storage.books import verification_rows
from k5web.storage.books.verification_rows import Verification
from k5web.storage.calls import alarm_rows, call_rows, quality_rows, routes
from k5web.storage.figures import PartnerFigures
from k5web.storage.session import is_up, transactional

LATELY: Final = timedelta(minutes=15)
WORKER: Final = "worker"  # names of heartbeats


@dataclass(frozen=True, slots=True)
class Figures:
    """What an operator's monitoring watches; what is counted by name is a mapping."""

    unfinished_calls: dict[str, int]  # by state
    oldest_waiting: timedelta  # nothing where no order waits
    open_holds: int
    holds_ahead: dict[str, int]  # by kind, those of them for calls that may come while K5 is silent
    incidents: dict[str, int]  # by kind, those that nobody has looked at
    unread_records: dict[str, timedelta]  # by switch, those whose records another process reads
    trunk_strikes: dict[str, int]  # by trunk, which are all there
    trunks_failing: int  # of those that are on
    refusals: dict[str, int]  # by code, since the beginning
    wrong_passwords: int
    fraud_alarms: int  # that nobody has decided
    recordings_disk: dict[str, int]  # per cent that is full, by switch, where its recordings are on this machine
    standby_is_read: bool | None  # as this process sees it; None where there is none
    standby_behind_s: float | None  # None where that cannot be told
    lines: Lines  # load, limit and health of each
    qualities: Sequence[Quality]  # of trunks, over LATELY
    ended_calls: dict[str, int]  # by outcome, over LATELY
    held_money: dict[str, int]  # minor units, by unit of the account
    suspense: int  # payments that came to nobody
    partners: dict[str, PartnerFigures]  # by origin, over LATELY
    auto_top_ups: dict[str, int]  # by why they are off, "runs" where they are not
    last_notices: dict[str, timedelta]  # by origin, of who ever said something
    worker_silent: timedelta | None  # since its last round; None: it never worked
    verified: Verification | None  # how the ledger came out last
    verified_ago: timedelta  # nothing where it never was
    revision: str  # of the tables
    database: str


def is_ready(ports: Ports) -> bool:
    """Return whether the database answers."""
    return is_up(ports.sessions)


def is_outdated(ports: Ports) -> bool:
    """Return whether the database is older than this program. Raises: Unavailable."""
    return schema.is_outdated(ports.sessions)


@transactional
def figures(ports: Ports) -> Figures:
    """Return how the house stands now."""
    now = ports.clock()
    standby = ports.sessions.standby
    standing = standby.standing() if standby else None
    with ports.sessions.read() as db:
        oldest = counted.oldest_waiting(db)
        strikes_of = _trunk_strikes(ports, db)
        lately = _lately(ports, db, now)
        on = {line.name for line in lately["lines"].trunks if line.is_on}
        refused = counted.refusals(db)
        return Figures(
            unfinished_calls=counted.unfinished_calls(db),
            oldest_waiting=timedelta() if oldest is None else now - oldest,
            open_holds=counted.open_holds(db),
            holds_ahead=counted.holds_ahead(db),
            incidents=incidents.counts(db),
            unread_records=_unread_records(ports, db, now),
            trunk_strikes=strikes_of,
            trunks_failing=sum(is_failing("trunk", count) for name, count in strikes_of.items() if name in on),
            refusals={of.code: refused.get(of.code, 0) for of in safety.COUNTED},
            wrong_passwords=refused.get(WrongLogin.code, 0),
            fraud_alarms=alarm_rows.count_waiting(db),
            recordings_disk=_recordings_disk(ports),
            standby_is_read=standing.is_read if standing else None,
            standby_behind_s=standing.behind_s if standing else None,
            **lately,
        )


@transactional
def beat(ports: Ports, read_until: Mapping[str, datetime]) -> None:
    """Note that the worker is at work, and how far it has read the records of each of its switches."""
    with ports.sessions.begin() as db:
        counted.beat(db, WORKER, ports.clock())
        for switch, at in read_until.items():
            counted.beat(db, f"{counted.RECORDS}{switch}", at)


def _lately(ports: Ports, db: Session, now: datetime) -> dict[str, Any]:
    """Return what is counted over the last while, and how things stand beside it."""
    since = now - LATELY
    origins = [connector.origin for connector in ports.connectors]
    seen = counted.beats(db).get(WORKER)
    verified = verification_rows.last(db)
    return {
        "lines": staff_view.lines_in(ports, db),
        "qualities": quality_rows.quality(db, "trunk", (since, now)),
        "ended_calls": counted.ended_calls(db, since),
        "held_money": counted.held_money(db),
        "suspense": bank_payments.count_waiting(db),
        "partners": {origin: counted.partner(db, origin, since) for origin in origins},
        "auto_top_ups": counted.auto_top_ups(db),
        "last_notices": {origin: now - at for origin, at in counted.last_notices(db, origins).items()},
        "worker_silent": None if seen is None else now - seen,
        "verified": verified,
        "verified_ago": now - verified.at if verified else timedelta(),
        "revision": counted.revision(db),
        "database": db.get_bind().dialect.name,
    }


def _unread_records(ports: Ports, db: Session, now: datetime) -> dict[str, timedelta]:
    """Return for how long nobody has read the records of each switch; of our own, since a worker first did."""
    looks = call_rows.looks(db)
    beats = {
        name.removeprefix(counted.RECORDS): at
        for name, at in counted.beats(db).items()
        if name.startswith(counted.RECORDS)
    }
    elsewhere = {switch.name: looks.get(switch.name, LONG_AGO) for switch in ports.switches if not switch.is_read_here}
    here = {
        switch.name: beats[switch.name] for switch in ports.switches if switch.is_read_here and switch.name in beats
    }
    return {name: now - at for name, at in (here | elsewhere).items()}


def _recordings_disk(ports: Ports) -> dict[str, int]:
    """Return how full the disks of the recordings are; what cannot be asked now is left out."""
    found = {}
    for name, tables in ports.switch_tables.items():
        with suppress(SwitchUnreachable):
            found[name] = int(tables.disk_used() * 100)
    return found


def _trunk_strikes(ports: Ports, db: Session) -> dict[str, int]:
    """Return what counts against each trunk."""
    known = {trouble.name: trouble for trouble in routes.troubles(db) if trouble.kind == "trunk"}
    return {
        trunk.code: strikes(known[trunk.code].failures, known[trunk.code].doubts) if trunk.code in known else 0
        for trunk in trunks(ports.switches)
    }
