"""From the switch's records to the ledger: each call is settled or released exactly once."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, HoldState, Move
from k5web.domain.calls.call import CallOrder, CallState, Cdr, Outcome, Records, Switch, SwitchEvent, split_call_id
from k5web.domain.calls.charging import charge_call
from k5web.domain.calls.outcome import LegRecord, legs_of, outcome_of, state_of, unrecorded_answers
from k5web.domain.calls.pbx_record import PbxRecord
from k5web.domain.calls.routing import MOST_TRIES
from k5web.domain.incident import IncidentKind
from k5web.errors import SwitchUnreachable, Unavailable
from k5web.services.calls import late_records, routing
from k5web.services.ports import Ports
from k5web.services.prices import call_covers
from k5web.storage import incidents
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows, missed_call_rows, routes
from k5web.storage.session import transactional
from k5web.storage.wakeups import wake

logger = logging.getLogger(__name__)

ACTOR = "job:calls"
NOTE_EVERY = timedelta(seconds=5)
LEAST_RING = timedelta(seconds=10)  # with less time left to ring leg A, another try would help nobody


class TakesPbx(Protocol):
    """Who takes the records of a switch's PBX; the worker puts them together with the importer."""

    def take(self, db: Session, switch: str, records: Sequence[PbxRecord]) -> Collection[str]:
        """Write down what they tell, in the importer's transaction; return the calls that may have come further."""

    def advance(self, call_id: str) -> None:
        """Bring such a call to the state that its records prove. Safe to repeat."""


class Importer:
    """Reads the records of one switch and moves its calls on; remembers how far it has read.

    Everything written before `read_until` has been read; it is None before the first look. A missing record that may
    be later than that proves nothing.
    """

    def __init__(self, ports: Ports, switch: Switch, pbx: TakesPbx | None = None) -> None:
        self._ports = ports
        self._switch = switch
        self._pbx = pbx
        self._position: str | None = None
        self._noted_at: datetime | None = None
        self.read_until: datetime | None = None

    def run_once(self, between: Callable[[], object] = lambda: None) -> int:
        """Import what is new and advance its calls; return how many records came.

        `between` is called between two calls, for work that cannot wait.
        """
        ports = self._ports
        now = ports.clock()
        if self._position is not None and not _has_news(self._switch, self._position):
            self.read_until = now
            return 0  # the usual look costs one file read and no transaction
        records, placed, of_pbx = _take_records(ports, self._switch, self._pbx)
        self._position = records.position
        if not records.has_more:
            self.read_until = now
        heard_of = dict.fromkeys(event.call_id for event in records.events if event.call_id in placed)
        steps = [(call_id, partial(advance, ports, call_id)) for call_id in heard_of]
        if self._pbx is not None:
            steps += [(call_id, partial(self._pbx.advance, call_id)) for call_id in of_pbx]
        for n, (call_id, step) in enumerate(steps):
            if n:
                between()
            run_for_one_call(ports, call_id, step)
        return len(records.events) + len(records.missed) + len(records.pbx)

    def run_alone(self) -> None:
        """Import what is new, and note every few seconds up to when all was read. Workers elsewhere wait for that
        before they decide that a call without a record never rang."""
        self.run_once()
        until = self.read_until
        if until and (self._noted_at is None or until - self._noted_at >= NOTE_EVERY):
            _note_look(self._ports, self._switch, until)
            self._noted_at = until


@transactional
def _note_look(ports: Ports, switch: Switch, read_until: datetime) -> None:
    with ports.sessions.begin() as db:
        call_rows.note_look(db, switch.name, read_until)


def run_for_one_call(ports: Ports, call_id: str, step: Callable[[], None]) -> None:
    """Run a step for one call. Its trouble is logged and does not stop the sweep over the others.

    The next sweep repeats the step. A fault of ours also becomes an incident.
    """
    try:
        step()
    except Unavailable:
        logger.warning("call waits for the next sweep", extra={"call_id": call_id})
    except Exception:
        logger.exception("a fault in one call", extra={"call_id": call_id})
        _report_fault(ports, call_id)


@transactional
def _report_fault(ports: Ports, call_id: str) -> None:
    with ports.sessions.begin() as db:
        incidents.report(db, split_call_id(call_id)[0], IncidentKind.CALL_FAULT, call_id, ports.clock())


def _has_news(switch: Switch, position: str) -> bool:
    records = switch.read_records(position)
    return bool(records.events or records.pbx or records.damaged) or records.position != position


def _read_under_another_name(ports: Ports, db: Session, switch: Switch) -> str:
    """Return how far the same file was read for a switch that has no name in the settings any more; "": for none.

    It is taken over. Else a switch with another name would be read again from its start, and call back whom
    it had called.
    """
    named = {each.name for each in ports.switches}
    for name, position in call_rows.positions(db):
        if name not in named and not switch.read_records(position).is_elsewhere:
            call_rows.move_position(db, name, "")
            logger.warning("a switch has another name now", extra={"was": name, "switch": switch.name})
            return position
    return ""


@transactional
def _take_records(
    ports: Ports, switch: Switch, pbx: TakesPbx | None = None
) -> tuple[Records, Collection[str], Collection[str]]:
    """Store the next records and the position after them in one transaction, and list what comes for closed calls.

    A worker that dies right after it leaves nobody who would look at closed calls again. Return the records, the calls
    that were placed here, and those of PBX that may have come further. Records of other calls become incidents and are
    not stored: a new or restored database gives the same names again, and a later call must not end by older records.
    """
    with ports.sessions.begin() as db:
        position = call_rows.position(db, switch.name) or _read_under_another_name(ports, db, switch)
        records = switch.read_records(position)
        speaks_of = {event.call_id for event in records.events}
        placed = call_rows.placed(db, speaks_of)
        call_rows.add_events(db, switch.name, [event for event in records.events if event.call_id in placed])
        for call_id in sorted(call_id for call_id, state in placed.items() if state.is_over):
            late_records.list_for(ports, db, call_id)
        missed_call_rows.add(db, switch.name, records.missed)
        of_pbx = pbx.take(db, switch.name, records.pbx) if pbx is not None and records.pbx else ()
        for call_id in sorted(speaks_of - placed.keys()):
            incidents.report(db, 0, IncidentKind.UNKNOWN_CALL, call_id, ports.clock())
        for damaged in records.damaged:
            facts = {"text": damaged.text[:500], "reason": damaged.reason}
            reference = f"{switch.name} {damaged.position}"
            incidents.report(db, 0, IncidentKind.DAMAGED_RECORD, reference, ports.clock(), facts)
        call_rows.move_position(db, switch.name, records.position)
    return records, placed, of_pbx


def advance(ports: Ports, call_id: str) -> None:
    """Bring a call to the state that its records prove; settle it at the last one. Safe to repeat.

    A closed call that rings after all, because the switch took the order late, is ended there: nobody would pay for it.
    """
    for switch, attempt in _advance(ports, call_id):
        logger.error("a closed call rings after all", extra={"call_id": call_id, "switch": switch})
        try:
            ports.switches.named(switch).cancel(call_id, attempt)
        except SwitchUnreachable as error:
            logger.error("nobody could end it", extra={"call_id": call_id, "reason": str(error)})


@transactional
def _advance(ports: Ports, call_id: str) -> list[tuple[str, int]]:
    """Return which tries still go on, and at which switch, although the call is closed."""
    owner_id, n = split_call_id(call_id)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # accounts before calls, everywhere
        call = call_rows.lock(db, owner_id, n)
        assert call is not None
        events = call_rows.events(db, owner_id, n)
        if call.state.is_over:
            late_records.report(ports, db, call, events)
            return _strays(call, events)
        if call.state is not CallState.RESERVED:  # else it waits for another try of leg A
            _follow(ports, db, call, events)
    return []


def _strays(call: CallOrder, events: list[SwitchEvent]) -> list[tuple[str, int]]:
    attempts = sorted({event.attempt for event in events})
    of = {attempt: [event for event in events if event.attempt == attempt] for attempt in attempts}
    return [(call.switch, attempt) for attempt in attempts if state_of(of[attempt]) is not CallState.ENDED]


def _follow(ports: Ports, db: Session, call: CallOrder, events: list[SwitchEvent]) -> None:
    """Move a call by the records of its present try: forward, to its end, or back into the queue for another trunk."""
    mine = [event for event in events if event.attempt == max(call.attempt, 1)]
    state, legs = state_of(mine), legs_of(mine)
    if state is CallState.ENDED:
        routing.note_legs(ports, db, call, legs_of(events))
        if call.state.may_become(CallState.RESERVED) and _may_try_again(ports, db, call, mine):
            call_rows.change(db, call, ports.clock(), state=CallState.RESERVED)
            logger.info("another trunk for leg A", extra={"call_id": call.id, "failed": call.trunks_a[-1]})
            wake(db)
        else:
            close_as_recorded(ports, db, call, events)
        return
    trunks_b = _trunks_left(call, legs)
    has_answered = any(leg.answered_at for leg in legs) and call.a_answered_at is None
    if mine and (state is not call.state or trunks_b != call.trunks_b or has_answered):
        answers = [leg for leg in legs if leg.answered_at]
        call_rows.change(
            db,
            call,
            ports.clock(),
            state=state,
            trunks_b=trunks_b,
            a_answered_at=next((leg.answered_at for leg in answers if leg.is_a), None),
            a_free_until=_free_until(legs) if state in {CallState.CALLING_B, CallState.TALKING} else None,
            b_answered_at=next((leg.answered_at for leg in answers if not leg.is_a), None),
        )


def _may_try_again(ports: Ports, db: Session, call: CallOrder, events: list[SwitchEvent]) -> bool:
    """Return whether leg A may be tried by another trunk: the route failed before any answer, there is time to ring,
    and a route is free, or will be soon."""
    verdict = next((leg.verdict for leg in legs_of(events) if leg.is_a), None)
    if verdict is None or not verdict.another_trunk or unrecorded_answers(events):
        return False
    if call.cancel_requested_at or call.attempt >= MOST_TRIES:
        return False
    now = ports.clock()
    if not may_ring_again(call, now):
        return False
    return routing.has_way_soon(ports, routes.traffic(db, now), call)


def ring_left(call: CallOrder, now: datetime) -> timedelta:
    """Return how long leg A may still ring. All its tries share the time of one."""
    return timedelta(seconds=call.ring_a_s) - (now - (call.placing_at or now))


def may_ring_again(call: CallOrder, now: datetime) -> bool:
    """Return whether another try of leg A has time enough to ring."""
    return ring_left(call, now) >= LEAST_RING


def _free_until(legs: Sequence[LegRecord]) -> datetime | None:
    return next((leg.free_until for leg in legs if leg.free_until), None)


def _trunks_left(call: CallOrder, legs: Sequence[LegRecord]) -> tuple[str, ...]:
    """Return the trunks of leg B from the one it uses now: the switch goes on to the next by itself."""
    now = next((leg.trunk for leg in reversed(legs) if not leg.is_a), "")
    return call.trunks_b[call.trunks_b.index(now) :] if now in call.trunks_b else call.trunks_b


def give_up(ports: Ports, db: Session, call: CallOrder, outcome: Outcome) -> None:
    """Close a call that never rang and release its hold, in the caller's transaction."""
    now = ports.clock()
    if outcome is Outcome.NOT_PLACED and call.cancel_requested_at:
        outcome = Outcome.CANCELLED  # as was wished, and not our failure
    ledger.release_all(db, call.owner_id, call.id, now)
    call_covers.expire_unused(ports, db, call.owner_id, call.id, call.covers, ())
    call_rows.change(db, call, now, state=CallState.NOT_PLACED, outcome=outcome, ended_at=now, cost_minor=0)
    logger.info("call not placed", extra={"call_id": call.id, "outcome": outcome})


def close_lost(ports: Ports, db: Session, call: CallOrder, events: list[SwitchEvent], ended_at: datetime) -> None:
    """Close a call whose switch died: charge up to the last record, and leave the rest to a person."""
    last_sign = max((event.at for event in events), default=ended_at)
    proved = cdrs_of(ports, call, events, min(last_sign, ended_at))
    possible = cdrs_of(ports, call, events, ended_at)
    cost = charge_call(call, possible).cost
    facts = {"charged_up_to": str(last_sign), "may_have_ended": str(ended_at), "possible": str(cost)}
    incidents.report(db, call.owner_id, IncidentKind.CALL_LOST, call.id, ports.clock(), facts)
    book(ports, db, call, proved, Outcome.LOST)


def close_as_recorded(ports: Ports, db: Session, call: CallOrder, events: list[SwitchEvent]) -> None:
    """Close a call by the records of its last try, in the caller's transaction: settled, or given up without one."""
    if not events:
        give_up(ports, db, call, Outcome.NOT_PLACED)
        return
    last = max(event.attempt for event in events)
    last_try = [event for event in events if event.attempt == last]
    outcome = outcome_of(last_try, call.cancel_requested_at is not None)
    last_sign = max(event.at for event in events)
    if outcome is Outcome.LOST:  # it ended, but a record of how is missing
        facts = {"charged_up_to": str(last_sign)}
        if legs := unrecorded_answers(last_try):
            facts = {"answer_missing": ", ".join(legs)}
        incidents.report(db, call.owner_id, IncidentKind.CALL_LOST, call.id, ports.clock(), facts)
    elif outcome is Outcome.FAULT:
        incidents.report(db, call.owner_id, IncidentKind.SWITCH_FAULT, call.id, ports.clock(), {"switch": call.switch})
    book(ports, db, call, cdrs_of(ports, call, events, last_sign), outcome)


def book(ports: Ports, db: Session, call: CallOrder, legs: list[Cdr], outcome: Outcome) -> None:
    """Write the legs, charge the cost under the call's name (never more than was held), close the hold."""
    now = ports.clock()
    charge = charge_call(call, legs)
    charged = charge.charged
    call_rows.add_cdrs(db, legs)
    talk = [leg for leg in legs if leg.leg == "b" and leg.answered_at] or legs
    ended_at = max((leg.ended_at for leg in talk), default=now)  # of the talk, where there was one: what was billed
    main = (Move(call.account_id, -charged.minor, "sale.call"),) if charged.minor else ()
    moves = main + call_covers.moves_of(charge.used)
    if moves:
        if main:
            _report_expired_hold(ports, db, call)
        name = EventName("call", call.id)
        ledger.settle(db, Event(call.owner_id, name, moves, ACTOR, ended_at), call.id, ports.today(), now)
    else:
        ledger.release_all(db, call.owner_id, call.id, now)
    call_covers.expire_unused(ports, db, call.owner_id, call.id, call.covers, charge.used)
    if charge.waived.minor:
        facts = {"cost": str(charge.cost), "held": str(call.hold)}
        incidents.report(db, call.owner_id, IncidentKind.COST_ABOVE_HOLD, call.id, now, facts)
    answered = {leg.leg: leg.answered_at for leg in legs if leg.answered_at}
    call_rows.change(
        db,
        call,
        now,
        state=CallState.SETTLED,
        outcome=outcome,
        cost_minor=charged.minor,
        ended_at=ended_at,
        a_answered_at=answered.get("a"),
        a_free_until=next((leg.free_until for leg in legs if leg.free_until), None),
        b_answered_at=answered.get("b"),
    )
    logger.info("call settled", extra={"call_id": call.id, "outcome": outcome, "cost_minor": charged.minor})


def cdrs_of(ports: Ports, call: CallOrder, events: list[SwitchEvent], open_until: datetime) -> list[Cdr]:
    """Return the legs as records; one without a hang-up is taken to have ended at `open_until`."""
    found = []
    for leg in legs_of(events):
        cdr = Cdr(
            owner_id=call.owner_id,
            call_id=call.id,
            switch=call.switch,
            leg_uuid=leg.uuid,
            leg="a" if leg.is_a else "b",
            number=call.quote.a_number if leg.is_a else call.quote.b_number,
            started_at=leg.started_at,
            answered_at=leg.answered_at,
            ended_at=leg.ended_at or open_until,
            cause=leg.cause or 0,
            source=leg.source,
            dial_status=leg.dial_status,
            trunk=leg.trunk,
            sip=leg.sip,
            heard=leg.heard,
            free_until=leg.free_until,
        )
        found.append(replace(cdr, carrier_cost=routing.carrier_cost(ports, cdr)))
    return found


def _report_expired_hold(ports: Ports, db: Session, call: CallOrder) -> None:
    hold = ledger.find_hold(db, call.owner_id, call.account_id, call.id)
    if hold is None or hold.state is not HoldState.OPEN:
        facts = {"state": hold.state if hold else "none"}
        incidents.report(db, call.owner_id, IncidentKind.SETTLED_WITHOUT_HOLD, call.id, ports.clock(), facts)
