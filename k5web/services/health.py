"""Health: whether the database answers, and the figures for monitoring."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.calls.routing import is_failing, strikes
from k5web.errors import SwitchUnreachable, WrongLogin
from k5web.services.calls import safety
from k5web.services.calls.placing import LONG_AGO
from k5web.services.calls.routing import trunks
from k5web.services.ports import Ports
from k5web.storage import figures as counted
from k5web.storage import incidents
from k5web.storage.calls import alarm_rows, call_rows, routes
from k5web.storage.session import is_up, transactional


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
    trunks_failing: int
    refusals: dict[str, int]  # by code, since the beginning
    wrong_passwords: int
    fraud_alarms: int  # that nobody has decided
    recordings_disk: dict[str, int]  # per cent that is full, by switch, where its recordings are on this machine


def is_ready(ports: Ports) -> bool:
    """Return whether the database answers."""
    return is_up(ports.sessions)


@transactional
def figures(ports: Ports) -> Figures:
    """Return how the house stands now."""
    now = ports.clock()
    with ports.sessions.read() as db:
        oldest = counted.oldest_waiting(db)
        strikes_of = _trunk_strikes(ports, db)
        refused = counted.refusals(db)
        return Figures(
            unfinished_calls=counted.unfinished_calls(db),
            oldest_waiting=timedelta() if oldest is None else now - oldest,
            open_holds=counted.open_holds(db),
            holds_ahead=counted.holds_ahead(db),
            incidents=incidents.counts(db),
            unread_records=_unread_records(ports, db, now),
            trunk_strikes=strikes_of,
            trunks_failing=sum(is_failing("trunk", count) for count in strikes_of.values()),
            refusals={of.code: refused.get(of.code, 0) for of in safety.COUNTED},
            wrong_passwords=refused.get(WrongLogin.code, 0),
            fraud_alarms=alarm_rows.count_waiting(db),
            recordings_disk=_recordings_disk(ports),
        )


def _unread_records(ports: Ports, db: Session, now: datetime) -> dict[str, timedelta]:
    """Return for how long nobody has read the records of each switch that another process reads."""
    looks = call_rows.looks(db)
    elsewhere = (switch.name for switch in ports.switches if not switch.is_read_here)
    return {name: now - looks.get(name, LONG_AGO) for name in elsewhere}


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
