"""The operator's stop-list: entries made, lifted and listed. `safety` asks it for every order."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.calls.stops import Stop, StopKind, read_what
from k5web.domain.reason import checked_reason
from k5web.errors import AlreadyThere, NotFound, StopOver
from k5web.services.calls import ordering
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.calls import alarm_rows, call_rows, stop_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LISTED = 50  # a page
OVER = "its time was over"


def stop(ports: Ports, kind: StopKind, text: str, reason: str, actor: str, until: datetime | None = None) -> Stop:
    """Add an entry: from now on no order that it is about is taken. A subscriber's calls under way are ended too.

    Raises: WrongStop, WrongReason, StopOver, AlreadyThere, NotFound (no such subscriber).
    """
    what = read_what(text)
    added = _add(ports, kind, what, checked_reason(reason), actor, until)
    if kind is StopKind.SUBSCRIBER:
        end_calls(ports, int(what))
    return added


@transactional
def _add(ports: Ports, kind: StopKind, what: str, reason: str, actor: str, until: datetime | None) -> Stop:
    now = ports.clock()
    if until is not None and until <= now:
        raise StopOver(until=until)
    with ports.sessions.begin() as db:
        if kind is StopKind.SUBSCRIBER:
            ledger.lock_purse(db, int(what))  # of an order and a stop at the same moment none slips through
        return add(db, kind, what, reason, actor, now, until)


def add(
    db: Session, kind: StopKind, what: str, reason: str, actor: str, now: datetime, until: datetime | None = None
) -> Stop:
    """Add an entry in the caller's transaction. Raises: AlreadyThere."""
    known = stop_rows.listed(db, kind, what)
    if known is not None and not known.is_in_force(now):
        stop_rows.lift(db, known.n, now, actor, OVER)
    added = stop_rows.add(db, kind, what, reason, actor, now, until)
    if added is None:
        raise AlreadyThere(what=f"an entry of the stop-list for {kind} {what}")
    logger.warning("calls stopped", extra={"stop": added.n, "kind": kind, "actor": actor})
    return added


def end_calls(ports: Ports, owner_id: int) -> None:
    """End the calls of an account that ring, talk or wait. Each is settled by its records, as ever."""
    with ports.sessions.read() as db:
        live = call_rows.live(db, owner_id)
    for call in live:
        ordering.end_call(ports, owner_id, call.id)


@transactional
def lift(ports: Ports, n: int, actor: str, reason: str) -> Stop:
    """Take an entry back. Raises: NotFound (there is none, or it is lifted already), WrongReason."""
    said = checked_reason(reason)
    with ports.sessions.begin() as db:
        return lift_entry(db, n, ports.clock(), actor, said)


def lift_entry(db: Session, n: int, now: datetime, actor: str, reason: str) -> Stop:
    """Take an entry back in the caller's transaction; the alarms that it answered are undone. Raises: NotFound."""
    found = NotFound.unless(stop_rows.lock(db, n), f"entry {n} of the stop-list")
    if found.lifted_at is not None:
        raise NotFound(what=f"entry {n} of the stop-list that is still listed")
    stop_rows.lift(db, n, now, actor, reason)
    if found.kind is StopKind.SUBSCRIBER:
        alarm_rows.undo(db, int(found.what), n, now, actor)
    logger.warning("calls let be", extra={"stop": n, "kind": found.kind, "actor": actor})
    return found


def listed(ports: Ports, before_n: int | None = None, *, is_all: bool = False) -> Sequence[Stop]:
    """Return a page of the entries in force, or of all that ever were, newest first."""
    with ports.sessions.read() as db:
        return stop_rows.page(db, before_n, LISTED, None if is_all else ports.clock())
