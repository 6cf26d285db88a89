"""Missed calls: who rings an access number hears busy and is called back once, joined with the contact they chose."""

import logging
from dataclasses import replace
from datetime import timedelta

from k5web.domain.accounts.label import label
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.call import CallOrder
from k5web.domain.calls.missed_calls import CALLING_BACK, FRESH, CalledBack, Contact, MissedCall
from k5web.domain.prices.number import Msisdn
from k5web.errors import CalledTooLate, K5Error, NotAssigned, NotFound, Unavailable, WrongNumber
from k5web.services.calls import ordering
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.accounts import subscribers
from k5web.storage.calls import missed_call_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)  # missed calls, for the subscriber's list


@transactional
def contacts(ports: Ports, owner_id: int) -> dict[str, Contact]:
    """Return this subscriber's contacts by access number, of the numbers in the settings only."""
    with ports.sessions.read() as db:
        found = missed_call_rows.contacts(db, owner_id)
    return {contact.access: contact for contact in found if contact.access in ports.access_numbers}


@transactional
def latest(ports: Ports, owner_id: int, limit: int) -> list[CalledBack]:
    """Return what became of this subscriber's missed calls, newest first."""
    with ports.sessions.read() as db:
        found = missed_call_rows.latest(db, owner_id, limit)
    return [replace(one, access=_rung(ports, one.access)) for one in found]


@transactional
def assign(ports: Ports, caller: Subscriber, access: str, number: Msisdn, name: str) -> Contact:
    """Let an access number ring this contact at today's terms. A call at dearer terms is not placed.

    Raises: NotFound (no such access number), WrongName, what `calling.appraise` raises.
    """
    if access not in ports.access_numbers:
        raise NotFound(what="such access number")
    quote, _ = ordering.appraise(ports, caller, number)
    contact = Contact(access, number, label(name) if name.strip() else "", quote)
    with ports.sessions.begin() as db:
        missed_call_rows.assign(db, caller.id, contact)
    return contact


@transactional
def release(ports: Ports, owner_id: int, access: str) -> None:
    """Let an access number ring nobody for this subscriber. Raises: NotFound."""
    with ports.sessions.begin() as db:
        if not missed_call_rows.release(db, owner_id, access):
            raise NotFound(what="contact of this access number")


def call_back_due(ports: Ports) -> None:
    """Call back every new missed call. Trouble with one does not stop the others. Safe to repeat."""
    with ports.sessions.read() as db:
        new = missed_call_rows.new(db)
    for switch, missed in new:
        try:
            _call_back(ports, switch, missed)
        except Unavailable:
            logger.warning("missed call waits for the next sweep", extra={"record": missed.record})


@transactional
def forget_old(ports: Ports) -> None:
    """Delete missed calls of long ago."""
    with ports.sessions.begin() as db:
        missed_call_rows.forget(db, ports.clock() - KEPT)


def _call_back(ports: Ports, switch: str, missed: MissedCall) -> None:
    """Order the call back under the name of the switch's record, and write down the outcome."""
    caller = _who(ports, missed)
    if caller is None:
        _close(ports, switch, missed, "unknown_caller")
        return
    form_key = f"missed:{switch}:{missed.record}"
    call = ordering.ordered(ports, caller.id, form_key)  # a killed worker had come so far
    try:
        call = call or _order(ports, caller, missed, form_key)
    except Unavailable:
        raise
    except K5Error as refusal:
        _close(ports, switch, missed, refusal.code, caller)
    else:
        _close(ports, switch, missed, "called", caller, call.id)


def _order(ports: Ports, caller: Subscriber, missed: MissedCall, form_key: str) -> CallOrder:
    """Order the call. Raises: CalledTooLate, NotAssigned, TooOften, and whatever refuses an order."""
    if ports.clock() - missed.at > FRESH:
        raise CalledTooLate
    contact = contacts(ports, caller.id).get(_rung(ports, missed.access))
    if contact is None:
        raise NotAssigned
    return ordering.order_call(
        ports,
        caller,
        contact.number,
        form_key,
        contact.agreed,
        count=lambda db: throttles.book(db, "missed", str(caller.id), CALLING_BACK, ports.clock()),
    )


def _rung(ports: Ports, shown: str) -> str:
    """Return which access number the carrier means. Carriers may write numbers in the national form."""
    if shown in ports.access_numbers:
        return shown
    try:
        read = Msisdn.parse(shown).digits
    except WrongNumber:
        return shown
    return read if read in ports.access_numbers else shown


@transactional
def _who(ports: Ports, missed: MissedCall) -> Subscriber | None:
    """Return whose registered phone rang: what the carrier shows is read as people at home write numbers, so a number
    with a plus is that of its own country alone."""
    try:
        phone = Msisdn.parse(missed.caller)
    except WrongNumber:
        return None
    with ports.sessions.read() as db:
        found = subscribers.find(db, [phone], None)
    return found[0][0] if found else None


@transactional
def _close(
    ports: Ports,
    switch: str,
    missed: MissedCall,
    outcome: str,
    caller: Subscriber | None = None,
    call_id: str | None = None,
) -> None:
    owner_id = caller.id if caller else None
    with ports.sessions.begin() as db:
        missed_call_rows.close(db, switch, missed.record, outcome, owner_id, call_id)
    logger.info("missed call", extra={"record": missed.record, "outcome": outcome, "owner_id": owner_id})
