"""The worker's side of a call: placing what is due, at most once, and finding what was lost."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from k5web.domain.call import CallOrder, CallState, EventKind, Outcome, split_call_id
from k5web.errors import SwitchRefused, SwitchUnknown
from k5web.services.ports import Ports
from k5web.services.settling import advance, close_lost, give_up, one_by_one
from k5web.storage import calls, ledger
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(minutes=5)  # an order older than this is not placed any more: nobody waits at the phone
LOOK_AGAIN = timedelta(seconds=5)  # a call without news for so long is looked up at the switch
NEVER_STARTED = timedelta(seconds=60)  # no channel and no record for so long: it never rang
LATE_RECORDS = timedelta(seconds=60)  # what a switch may need beyond its own limits to write the last record


def place_due(ports: Ports) -> int:
    """Ask the switch for every order that waits; return how many were tried."""
    with ports.sessions.read() as db:
        keys = calls.due(db, CallState.RESERVED)
    for owner_id, n in keys:
        call = _start_placing(ports, owner_id, n)
        if call:
            _place(ports, call)
    return len(keys)


@transactional
def _start_placing(ports: Ports, owner_id: int, n: int) -> CallOrder | None:
    """Take an order out of the queue: committed before the switch is asked, so one worker wins, once."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        call = calls.take(db, owner_id, n, CallState.RESERVED)
        if call is None:
            return None
        if now - call.ordered_at > LONGEST_WAIT:
            give_up(ports, db, call, Outcome.NOT_PLACED)
            return None
        switch = next(iter(ports.switches))
        trunks = tuple(trunk.code for trunk in switch.trunks[:1])
        route = {"switch": switch.name, "trunks_a": trunks, "trunks_b": trunks}
        calls.change(db, call, now, state=CallState.PLACING, placing_at=now, **route)
    return replace(call, switch=switch.name, trunks_a=trunks, trunks_b=trunks)


def _place(ports: Ports, call: CallOrder) -> None:
    """Ask the switch, at most once, to ring leg A. A doubtful answer is never asked again: `recover` looks."""
    try:
        ports.switches.named(call.switch).originate(call)
    except SwitchRefused as error:
        logger.warning("switch refused", extra={"call_id": call.id, "reason": str(error)})
        _not_placed(ports, call.owner_id, call.id)
    except SwitchUnknown as error:
        logger.warning("switch did not answer", extra={"call_id": call.id, "reason": str(error)})
    _end_if_asked_meanwhile(ports, call)


def _end_if_asked_meanwhile(ports: Ports, call: CallOrder) -> None:
    """A wish to end that came before the switch knew the call found nothing there: ask for it now."""
    with ports.sessions.read() as db:
        fresh = calls.find(db, *split_call_id(call.id))
    if fresh and fresh.cancel_requested_at:
        try:
            ports.switches.named(call.switch).cancel(call.id, call.attempt)
        except SwitchUnknown:
            return  # `recover` asks again


@transactional
def _not_placed(ports: Ports, owner_id: int, call_id: str) -> None:
    n = int(call_id.rpartition("-")[2])
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        call = calls.lock(db, owner_id, n)
        if call and call.state is CallState.PLACING and not calls.events(db, owner_id, n):
            give_up(ports, db, call, Outcome.NOT_PLACED)


def recover(ports: Ports) -> None:
    """Look after calls without news: finish what the records can finish, ask the switch about the rest.

    The worker runs it at its start and every few seconds; every step may be repeated.
    """
    states = (CallState.PLACING, CallState.CALLING_A, CallState.CALLING_B, CallState.TALKING, CallState.ENDED)
    with ports.sessions.read() as db:
        keys = calls.unheard_of(db, states, ports.clock() - LOOK_AGAIN)
    for owner_id, n in keys:
        one_by_one(ports, f"{owner_id}-{n}", partial(_recover_one, ports, owner_id, n))


def _recover_one(ports: Ports, owner_id: int, n: int) -> None:
    advance(ports, f"{owner_id}-{n}")
    with ports.sessions.read() as db:
        call = calls.find(db, owner_id, n)
    if call and not call.state.is_over:
        _look(ports, call)


def _look(ports: Ports, call: CallOrder) -> None:
    try:
        switch = ports.switches.named(call.switch)
        if switch.is_alive(call.id, call.attempt):
            if call.cancel_requested_at or ports.clock() > _last_limit(call) + LATE_RECORDS:
                switch.cancel(call.id, call.attempt)
            return  # its records will tell
        switch_started_at = switch.started_at()
    except SwitchUnknown:
        if ports.clock() > _last_limit(call) + LATE_RECORDS:
            _close_without_switch(ports, call)
        return
    _close_if_gone(ports, call, switch_started_at)


@transactional
def _close_if_gone(ports: Ports, call: CallOrder, switch_started_at: datetime) -> None:
    """The switch has no such channel: it never rang, its records are on the way, or the switch died in the call."""
    n = int(call.id.rpartition("-")[2])
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, call.owner_id)
        fresh = calls.lock(db, call.owner_id, n)
        if fresh is None or fresh.state.is_over:
            return
        events = calls.events(db, call.owner_id, n)
        placed_at = fresh.placing_at or fresh.ordered_at
        if not events:
            if now - placed_at > NEVER_STARTED:
                give_up(ports, db, fresh, Outcome.NOT_PLACED)
            return
        died_in_it = switch_started_at > min(event.at for event in events)
        if died_in_it or now > _last_limit(fresh) + LATE_RECORDS:
            ended_at = min(_last_limit(fresh), switch_started_at) if died_in_it else _last_limit(fresh)
            close_lost(ports, db, fresh, events, ended_at)


@transactional
def _close_without_switch(ports: Ports, call: CallOrder) -> None:
    """The switch is gone for longer than the call could last: what the records prove is all there will be."""
    n = int(call.id.rpartition("-")[2])
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, call.owner_id)
        fresh = calls.lock(db, call.owner_id, n)
        if fresh is None or fresh.state.is_over:
            return
        events = calls.events(db, call.owner_id, n)
        if any(event.kind is EventKind.CHAN_START for event in events):
            close_lost(ports, db, fresh, events, _last_limit(fresh))
        else:
            give_up(ports, db, fresh, Outcome.NOT_PLACED)


@transactional
def expire_holds(ports: Ports) -> int:
    """Free what is held for calls that ended without a record; the calls themselves are `recover`'s."""
    now = ports.clock()
    with ports.sessions.read() as db:
        overdue = ledger.overdue_holds(db, now)
    for owner_id, account_id, call_id in overdue:
        with ports.sessions.begin() as db:
            if ledger.expire(db, owner_id, account_id, call_id, now):
                calls.report(db, owner_id, "hold_expired", call_id, now, {})
    return len(overdue)


def _last_limit(call: CallOrder) -> datetime:
    """Return when the switch's own limits have ended the call at the latest."""
    return (call.placing_at or call.ordered_at) + timedelta(seconds=call.ring_a_s + call.leg_a_s)
