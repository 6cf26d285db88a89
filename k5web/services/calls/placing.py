"""The worker's side of a call: placing what is due, at most once, and finding what was lost."""

import logging
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from k5web.domain.calls.call import PRESS_S, CallOrder, CallState, EventKind, SwitchEvent, split_call_id
from k5web.domain.calls.routing import Route, Traffic
from k5web.domain.incident import IncidentKind
from k5web.errors import SwitchRefused, SwitchSilent, SwitchUnreachable
from k5web.services.calls import routing
from k5web.services.calls.settling import (
    advance,
    close_as_recorded,
    close_lost,
    may_ring_again,
    ring_left,
    run_for_one_call,
)
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows, routes
from k5web.storage.pbx import recording_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(minutes=5)  # an order older than this is not placed any more: nobody waits at the phone
LOOK_AGAIN = timedelta(seconds=5)  # a call without news for so long is looked up at the switch
NEVER_STARTED = timedelta(seconds=60)  # no channel and no record for so long: it never rang
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
MOST_REQUESTS = 9  # of one order, all switches and trunks together: the number of a try has one digit
LATE_RECORDS = timedelta(seconds=60)  # what a switch may need beyond its own limits to write the last record

# Where a switch has the call, or its last records: neither in the queue nor over
WITH_SWITCH = (CallState.PLACING, CallState.CALLING_A, CallState.CALLING_B, CallState.TALKING, CallState.ENDED)


def place_due(ports: Ports) -> int:
    """Place every order that has a free route, oldest first; return how many were tried. The rest wait."""
    with ports.sessions.read() as db:
        waiting = call_rows.waiting(db)
        traffic = routes.traffic(db, ports.clock()) if waiting else Traffic()
    tried = 0
    for order in waiting:
        is_late = _is_late(order, ports.clock())
        route = None if is_late else routing.way_for(ports, traffic, order)
        if route:
            call = _start_placing(ports, order)
            if call:
                _place(ports, call)
                traffic = traffic.plus(route)
                tried += 1
        elif is_late or (order.attempt and not routing.has_way_soon(ports, traffic, order)):
            _close_waiting(ports, order)
        elif routing.would_lose(ports, traffic, order):
            _close_waiting(ports, order, is_at_a_loss=True)
    return tried


def _is_late(order: CallOrder, now: datetime) -> bool:
    """Return whether it is too late to ring: nobody waits at the phone any more, or the time for leg A is used up."""
    return now - order.ordered_at > LONGEST_WAIT or (order.attempt > 0 and not may_ring_again(order, now))


@transactional
def _start_placing(ports: Ports, order: CallOrder) -> CallOrder | None:
    """Take an order out of the queue. This is committed before a switch is asked, so exactly one worker places it."""
    now = ports.clock()
    n = split_call_id(order.id)[1]
    with ports.sessions.begin() as db:
        routes.lock(db)
        call = call_rows.take(db, order.owner_id, n, CallState.RESERVED)
        if call is None:
            return None
        route = routing.way_for(ports, routes.traffic(db, now), call)
        if route is None:  # another worker took the last line
            return None
        return _give_to(db, call, route, now)


def _give_to(db: Session, call: CallOrder, route: Route, now: datetime) -> CallOrder:
    """Note the switch and the trunks of the next try, and return the order with them."""
    given = replace(
        call,
        state=CallState.PLACING,
        switch=route.switch,
        trunks_a=(*call.trunks_a, route.trunk_a),
        trunks_b=route.trunks_b,
        placing_at=call.placing_at or now,
        is_recorded=recording_rows.is_recorded(db, call.owner_id),
    )
    routes.take_turn(db, route, now)
    call_rows.change(
        db,
        call,
        now,
        state=given.state,
        switch=given.switch,
        trunks_a=given.trunks_a,
        trunks_b=given.trunks_b,
        placing_at=given.placing_at,
    )
    return replace(given, ring_a_s=math.ceil(ring_left(given, now).total_seconds()))


@transactional
def _close_waiting(ports: Ports, order: CallOrder, *, is_at_a_loss: bool = False) -> None:
    """Close an order that waited too long, whose leg A has no other trunk, or that would be sold at a loss."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, order.owner_id)
        n = split_call_id(order.id)[1]
        call = call_rows.lock(db, order.owner_id, n)
        if call and call.state is CallState.RESERVED:
            if is_at_a_loss:
                facts = {"price": str(call.quote.per_minute), "to": call.quote.b.destination}
                incidents.report(db, call.owner_id, IncidentKind.BELOW_MARGIN, call.id, ports.clock(), facts)
            close_as_recorded(ports, db, call, call_rows.events(db, order.owner_id, n))


def _place(ports: Ports, call: CallOrder) -> None:
    """Ask a switch to ring leg A, each try at most once.

    A refusal rings nothing, so another switch may be asked. After a doubtful answer nothing is asked again: `recover`
    finds out."""
    refused_by: list[str] = []
    answered = False
    while True:
        try:
            ports.switches.named(call.switch).originate(call)
            answered = True
        except SwitchRefused as error:
            logger.warning("switch refused", extra={"call_id": call.id, "switch": call.switch, "reason": str(error)})
            routing.switch_failed(ports, call.switch, str(error))
            refused_by.append(call.switch)
            elsewhere = _ask_elsewhere(ports, call, refused_by)
            if elsewhere:
                call = elsewhere
                continue
        except SwitchUnreachable as error:
            logger.warning("switch did not answer", extra={"call_id": call.id, "reason": str(error)})
            routing.switch_failed(ports, call.switch, str(error))
        break
    _look_back(ports, call, answered)


@transactional
def _ask_elsewhere(ports: Ports, refused: CallOrder, refused_by: list[str]) -> CallOrder | None:
    """Choose another switch for a refused call. If there is none, close the call; its hold is released.

    One whose trunk lets the next leg begin only in a moment is waited for, in the queue.
    """
    owner_id, n = split_call_id(refused.id)
    now = ports.clock()
    with ports.sessions.begin() as db:
        routes.lock(db)
        ledger.lock_purse(db, owner_id)
        call = call_rows.lock(db, owner_id, n)
        if call is None or call.state is not CallState.PLACING or call.attempt != refused.attempt:
            return None
        events = call_rows.events(db, owner_id, n)
        if any(event.attempt == call.attempt for event in events):
            return None  # it rings after all
        if not call.cancel_requested_at and call.attempt < MOST_REQUESTS and may_ring_again(call, now):
            traffic = routes.traffic(db, now)
            # the refused try began no leg, so its turn at that trunk is free for this one
            traffic = replace(traffic, pausing_trunks=traffic.pausing_trunks - {call.trunks_a[-1]})
            route = routing.way_for(ports, traffic, call, refused_by)
            if route:
                return _give_to(db, call, route, now)
            if routing.has_way_soon(ports, traffic, call, refused_by):
                call_rows.change(db, call, now, state=CallState.RESERVED)
                return None
        close_as_recorded(ports, db, call, events)
    return None


def _look_back(ports: Ports, call: CallOrder, answered: bool) -> None:
    """Clear the failures of a switch that answered. A cancel that arrived before the channel existed had no effect:
    send it again."""
    with ports.sessions.read() as db:
        fresh = call_rows.find(db, *split_call_id(call.id))
        was_ill = answered and routing.is_ill(db, call.switch)
    if was_ill:
        routing.switch_is_well(ports, call.switch)
    if fresh and fresh.cancel_requested_at:
        try:
            ports.switches.named(call.switch).cancel(call.id, call.attempt)
        except SwitchUnreachable:
            return  # `recover` asks again


def recover(ports: Ports, read_until: Mapping[str, datetime], between: Callable[[], object] = lambda: None) -> None:
    """Look after calls without news: finish what the records prove, ask the switch about the rest.

    The worker runs it at its start and every few seconds; every step may be repeated. A missing record proves nothing
    until all records up to that time were read. `read_until` gives that time for the switches that this process reads;
    the database has it for the others. `between` is called between two calls, for work that cannot wait. Each switch is
    asked once a sweep. A talk that goes on needs nothing more, so long talks cost almost nothing.
    """
    with ports.sessions.read() as db:
        quiet = call_rows.unheard_of(db, WITH_SWITCH, ports.clock() - LOOK_AGAIN)
        read_until = call_rows.looks(db) | dict(read_until)
    answers = _Answers(ports)
    for call in quiet:
        run_for_one_call(ports, call.id, partial(_recover_one, ports, answers, read_until, call))
        between()
    answers.remember()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a switch said in one sweep."""

    living: Collection[tuple[str, int]]
    started_at: datetime


class _Answers:
    """What the switches said in one sweep. Each is asked once; None means that it was silent and is not asked again."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._of: dict[str, _Answer | None] = {}

    def of(self, name: str) -> _Answer:
        """Return what this switch said. Raises: SwitchUnreachable."""
        switch = self._ports.switches.named(name)
        if name not in self._of:
            self._of[name] = None
            self._of[name] = _Answer(switch.living(), switch.started_at())
        answer = self._of[name]
        if answer is None:
            raise SwitchSilent(reason="silent a moment ago")
        return answer

    def cancel(self, call: CallOrder) -> None:
        """Ask the call's switch to end it. Raises: SwitchUnreachable."""
        try:
            self._ports.switches.named(call.switch).cancel(call.id, call.attempt)
        except SwitchUnreachable:
            self._of[call.switch] = None
            raise

    def remember(self) -> None:
        """Note which switches answered and which were silent."""
        for name, answer in self._of.items():
            if answer:
                routing.switch_answered(self._ports, name)
            else:
                routing.switch_failed(self._ports, name, "silent")


def _talks_on(ports: Ports, answers: _Answers, call: CallOrder) -> bool:
    """Return whether both phones talk within their limits: the only record to come is the end."""
    if call.state is not CallState.TALKING or _is_to_end(ports, call):
        return False
    try:
        return (call.id, call.attempt) in answers.of(call.switch).living
    except SwitchUnreachable:
        return False


def _recover_one(ports: Ports, answers: _Answers, read_until: Mapping[str, datetime], call: CallOrder) -> None:
    if _talks_on(ports, answers, call):
        return
    advance(ports, call.id)
    with ports.sessions.read() as db:
        fresh = call_rows.find(db, *split_call_id(call.id))
    if fresh and fresh.state in WITH_SWITCH:
        _look(ports, answers, read_until.get(fresh.switch, LONG_AGO), fresh)


def _look(ports: Ports, answers: _Answers, read_until: datetime, call: CallOrder) -> None:
    try:
        answer = answers.of(call.switch)
        if (call.id, call.attempt) in answer.living:
            if _is_to_end(ports, call):
                answers.cancel(call)
            return  # its records will tell
    except SwitchUnreachable:
        if ports.clock() > _last_limit(call) + LATE_RECORDS:
            _close_without_switch(ports, call)
        return
    _close_if_gone(ports, call, answer.started_at, read_until)


def _is_to_end(ports: Ports, call: CallOrder) -> bool:
    """Return whether the call must end: somebody asked for it, or the switch did not keep its limits."""
    return call.cancel_requested_at is not None or ports.clock() > _last_limit(call) + LATE_RECORDS


@transactional
def _close_if_gone(ports: Ports, call: CallOrder, switch_started_at: datetime, read_until: datetime) -> None:
    """Close a call whose switch has no channel for it: it never rang, or the switch died during the call."""
    n = int(call.id.rpartition("-")[2])
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, call.owner_id)
        fresh = call_rows.lock(db, call.owner_id, n)
        if fresh is None or fresh.state not in WITH_SWITCH:
            return
        events = call_rows.events(db, call.owner_id, n)
        mine = _of_this_try(fresh, events)
        if not mine:
            if read_until > _never_started(fresh):
                close_as_recorded(ports, db, fresh, events)
            return
        died_in_it = switch_started_at > min(event.at for event in mine)
        if read_until > (switch_started_at if died_in_it else _last_limit(fresh) + LATE_RECORDS):
            ended_at = min(_last_limit(fresh), switch_started_at) if died_in_it else _last_limit(fresh)
            close_lost(ports, db, fresh, events, ended_at)


@transactional
def _close_without_switch(ports: Ports, call: CallOrder) -> None:
    """Close a call whose switch is silent for longer than the call could last. No more records will come."""
    n = int(call.id.rpartition("-")[2])
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, call.owner_id)
        fresh = call_rows.lock(db, call.owner_id, n)
        if fresh is None or fresh.state not in WITH_SWITCH:
            return
        events = call_rows.events(db, call.owner_id, n)
        if any(event.kind is EventKind.CHAN_START for event in _of_this_try(fresh, events)):
            close_lost(ports, db, fresh, events, _last_limit(fresh))
        else:
            close_as_recorded(ports, db, fresh, events)


@transactional
def expire_holds(ports: Ports) -> int:
    """Release the holds of calls that ended without a record. `recover` closes the calls themselves."""
    now = ports.clock()
    with ports.sessions.read() as db:
        overdue = ledger.overdue_holds(db, now)
    for owner_id, account_id, reference in overdue:
        with ports.sessions.begin() as db:
            if ledger.expire(db, owner_id, account_id, reference, now):
                incidents.report(db, owner_id, IncidentKind.HOLD_EXPIRED, reference, now)
    return len(overdue)


def _of_this_try(call: CallOrder, events: list[SwitchEvent]) -> list[SwitchEvent]:
    return [event for event in events if event.attempt == max(call.attempt, 1)]


def _never_started(call: CallOrder) -> datetime:
    """Return the moment after which a try without a channel and without a record certainly never rang."""
    later = timedelta(seconds=call.ring_a_s if call.attempt > 1 else 0)
    return (call.placing_at or call.ordered_at) + later + NEVER_STARTED


def _last_limit(call: CallOrder) -> datetime:
    """Return when the switch's own limits have ended the call at the latest."""
    press_s = PRESS_S if call.press_1 else 0
    return (call.placing_at or call.ordered_at) + timedelta(seconds=call.ring_a_s + press_s + call.leg_a_s)
