"""Fraud alarms: the worker raises them, staff stop the account's calls or leave it, and take the stop back.

A stop of outgoing calls is what answers an alarm, and not a block of the subscriber: a block would refuse payments too,
and money that comes in goes on.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.calls.fraud import Alarm, AlarmKind, Pace, signs
from k5web.domain.calls.stops import StopKind
from k5web.domain.reason import checked_reason
from k5web.errors import AlarmDecided, NotFound
from k5web.services.calls import stops
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage.books import ledger
from k5web.storage.calls import alarm_rows, stop_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LISTED = 50  # a page


def look(ports: Ports) -> int:
    """Raise an alarm for each new sign of fraud; return how many. The worker does it several times a minute."""
    now = ports.clock()
    with ports.sessions.read() as db:
        paces = alarm_rows.fast(db, now, ports.alarm_terms)
    return sum(_raise(ports, pace, kind, now) for pace in paces.values() for kind in _signs(ports, pace, now))


def _signs(ports: Ports, pace: Pace, now: datetime) -> dict[AlarmKind, dict[str, object]]:
    seen = signs(pace, ports.alarm_terms, now.astimezone(OPERATOR_ZONE))
    return {kind: dict(facts) for kind, facts in seen.items()}


def _raise(ports: Ports, pace: Pace, kind: AlarmKind, now: datetime) -> bool:
    """Raise an alarm where none waits and the sign is seen in what the account did since the last one was settled."""
    with ports.sessions.read() as db:
        facts = _news(ports, db, pace, kind, now)
    return facts is not None and _write(ports, pace.owner_id, kind, facts, now)


def _news(ports: Ports, db: Session, pace: Pace, kind: AlarmKind, now: datetime) -> dict[str, object] | None:
    known = alarm_rows.last(db, pace.owner_id, kind)
    if known is None:
        return _signs(ports, pace, now)[kind]
    if known.settled_at is None:
        return None
    fresh = alarm_rows.since(db, pace.owner_id, now, known.settled_at)
    return _signs(ports, fresh, now).get(kind)


@transactional
def _write(ports: Ports, owner_id: int, kind: AlarmKind, facts: dict[str, object], now: datetime) -> bool:
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        is_new = alarm_rows.raise_one(db, owner_id, kind, now, facts)
    if is_new:
        logger.warning("fraud alarm", extra={"owner_id": owner_id, "kind": kind, "seen": facts["seen"]})
    return is_new


def waiting(ports: Ports) -> int:
    """Return how many alarms wait for a person."""
    with ports.sessions.read() as db:
        return alarm_rows.count_waiting(db)


def open_alarms(ports: Ports) -> Sequence[Alarm]:
    """Return the alarms that wait, the oldest first."""
    with ports.sessions.read() as db:
        return alarm_rows.waiting(db, LISTED)


def decided(ports: Ports, before: tuple[datetime, int, int] | None = None) -> Sequence[Alarm]:
    """Return a page of the alarms that were decided, newest first."""
    with ports.sessions.read() as db:
        return alarm_rows.decided(db, before, LISTED)


def find(ports: Ports, owner_id: int, n: int) -> Alarm:
    """Return one alarm. Raises: NotFound."""
    with ports.sessions.read() as db:
        return NotFound.unless(alarm_rows.find(db, owner_id, n), f"alarm {owner_id}-{n}")


def stop_calls(ports: Ports, owner_id: int, n: int, actor: str, reason: str) -> None:
    """Stop the calls of an alarm's account, now and until it is undone; all its alarms that wait are answered by it.

    Raises: NotFound, AlarmDecided, WrongReason.
    """
    _stop(ports, owner_id, n, actor, checked_reason(reason))
    stops.end_calls(ports, owner_id)


@transactional
def _stop(ports: Ports, owner_id: int, n: int, actor: str, reason: str) -> None:
    now = ports.clock()
    with ports.sessions.begin() as db:
        _undecided(db, owner_id, n)
        known = stop_rows.listed(db, StopKind.SUBSCRIBER, str(owner_id))
        if known is None or not known.is_in_force(now):
            known = stops.add(db, StopKind.SUBSCRIBER, str(owner_id), reason, actor, now)
        alarm_rows.decide(db, owner_id, None, now, actor, reason, known.n)


@transactional
def leave(ports: Ports, owner_id: int, n: int, actor: str, reason: str) -> None:
    """Note that an alarm is no fraud. Raises: NotFound, AlarmDecided, WrongReason."""
    said = checked_reason(reason)
    with ports.sessions.begin() as db:
        _undecided(db, owner_id, n)
        alarm_rows.decide(db, owner_id, n, ports.clock(), actor, said, None)


@transactional
def undo(ports: Ports, owner_id: int, n: int, actor: str, reason: str) -> None:
    """Let the calls of an alarm's account be again. Raises: NotFound (they are not stopped by it), WrongReason."""
    said = checked_reason(reason)
    with ports.sessions.begin() as db:
        found = _locked(db, owner_id, n)
        if found.stop_n is None or found.undone_at is not None:
            raise NotFound(what=f"stop by alarm {owner_id}-{n}")
        stops.lift_entry(db, found.stop_n, ports.clock(), actor, said)


def _undecided(db: Session, owner_id: int, n: int) -> Alarm:
    found = _locked(db, owner_id, n)
    if found.decided_at is not None:
        raise AlarmDecided(alarm=f"{owner_id}-{n}")
    return found


def _locked(db: Session, owner_id: int, n: int) -> Alarm:
    """Return an alarm under its account's lock."""
    ledger.lock_purse(db, owner_id)
    return NotFound.unless(alarm_rows.lock(db, owner_id, n), f"alarm {owner_id}-{n}")
