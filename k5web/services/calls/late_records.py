"""Records that come after their call was closed: listed for staff, never charged."""

import logging
from typing import Any

from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallOrder, Cdr, SwitchEvent, split_call_id
from k5web.domain.calls.outcome import LegRecord, legs_of
from k5web.domain.incident import IncidentKind
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.calls import call_rows

logger = logging.getLogger(__name__)


def list_for(ports: Ports, db: Session, call_id: str) -> None:
    """List what comes for a closed call. A fault of ours becomes an incident and stops no other call's records.

    Where it is the database's, the transaction cannot go on, and writing the incident says so.
    """
    owner_id, n = split_call_id(call_id)
    try:
        call = call_rows.find(db, owner_id, n)
        assert call is not None
        report(ports, db, call, call_rows.events(db, owner_id, n))
    except Exception:
        logger.exception("a fault in one call", extra={"call_id": call_id})
        incidents.report(db, owner_id, IncidentKind.CALL_FAULT, call_id, ports.clock())


def report(ports: Ports, db: Session, call: CallOrder, events: list[SwitchEvent]) -> None:
    """Report records that came after the call was closed. They are never charged automatically."""
    known = {cdr.leg_uuid: cdr for cdr in call_rows.cdrs(db, *split_call_id(call.id))}
    late: list[dict[str, Any]] = [
        {"leg": leg.uuid, "answered_at": str(leg.answered_at), "ended_at": str(leg.ended_at)}
        for leg in legs_of(events)
        if leg.uuid not in known or _tells_more(leg, known[leg.uuid])
    ]
    if late:
        facts = {"state": call.state, "legs": late}
        incidents.report(db, call.owner_id, IncidentKind.LATE_RECORD, call.id, ports.clock(), facts)


def _tells_more(leg: LegRecord, cdr: Cdr) -> bool:
    """Return whether the records of a leg say another answer, end or free part than was booked."""
    told = (leg.answered_at, leg.ended_at, leg.free_until)
    booked = (cdr.answered_at, cdr.ended_at, cdr.free_until)
    return any(new is not None and new != old for new, old in zip(told, booked, strict=True))
