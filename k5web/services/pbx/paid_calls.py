"""The money of calls that a switch asked about: each is settled at its own leg's end, or given back, exactly once."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallKind, CallOrder, CallState, Cdr, SwitchEvent, split_call_id
from k5web.domain.calls.outcome import LegRecord, legs_of
from k5web.domain.pbx.ending import paid_outcome
from k5web.domain.pbx.question import Question
from k5web.domain.prices.usage import Kind
from k5web.errors import K5Error, SwitchUnreachable
from k5web.services.calls import late_records, ordering, routing
from k5web.services.calls.settling import book, cdrs_of, close_lost, run_for_one_call
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows
from k5web.storage.pbx import conversation_rows, paid_rows, question_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(seconds=5)  # a call without news for so long is looked up at the switch
LATE_RECORDS = timedelta(seconds=120)  # what a switch may need beyond its own limits to write the last record
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@transactional
def advance(ports: Ports, call_id: str) -> None:
    """Bring a call to the state that its records prove. Safe to repeat.

    It is settled when the leg that was answered has ended, whatever became of the conversation meanwhile. Nothing is
    charged where who asked for it is gone, or the switch did not use our answer, and no leg of it was answered.
    """
    owner_id, n = split_call_id(call_id)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # accounts before calls, everywhere
        call = call_rows.lock(db, owner_id, n)
        if call is None:
            return
        events = call_rows.events(db, owner_id, n)
        legs = legs_of(events)
        if call.state.is_over:
            talks = {leg.uuid for leg in legs if leg.answered_at}
            late_records.report(ports, db, call, [event for event in events if event.leg_uuid in talks])
            return
        talked = next((leg for leg in legs if leg.answered_at is not None), None)
        if talked is not None and talked.ended_at is None:
            _talks(ports, db, call, talked)
        elif talked is not None or _is_vain(db, call, legs):
            _close(ports, db, call, events)


def _talks(ports: Ports, db: Session, call: CallOrder, leg: LegRecord) -> None:
    if call.state is not CallState.TALKING:
        trunks = (leg.trunk,) if leg.trunk in call.trunks_b else call.trunks_b
        now = ports.clock()
        call_rows.change(db, call, now, state=CallState.TALKING, trunks_b=trunks, b_answered_at=leg.answered_at)


def _is_vain(db: Session, call: CallOrder, legs: Sequence[LegRecord]) -> bool:
    """Return whether no leg of a call can be answered any more."""
    if any(leg.ended_at is None for leg in legs):
        return False
    owner_id, n = split_call_id(call.id)
    if question_rows.is_unused(db, owner_id, n):
        return True
    if call.kind is CallKind.INCOMING and legs:
        return True  # the leg that asked is the one that costs
    asker = paid_rows.leg_times(db, owner_id, call.switch, [call.asked_by]).get(call.asked_by)
    return asker is not None and asker[1] is not None


def _close(ports: Ports, db: Session, call: CallOrder, events: list[SwitchEvent]) -> None:
    """Settle a call by the records of its legs: what was talked is charged, the rest of the money is free again."""
    legs = legs_of(events)
    call = _with_caller(ports, db, call)
    last_sign = max((event.at for event in events), default=ports.clock())
    cdrs = _with_beginnings(db, call, cdrs_of(ports, call, events, last_sign))
    if call.kind is not CallKind.INCOMING:  # whose leg no trunk of ours was asked for
        routing.note_legs(ports, db, call, legs)
    book(ports, db, call, cdrs, paid_outcome(call, legs))


def _with_caller(ports: Ports, db: Session, call: CallOrder) -> CallOrder:
    """Return a call that was held ahead, for whoever might ring, at the price of who did; never at a higher one."""
    if call.kind is not CallKind.INCOMING or call.quote.b_number:
        return call
    leg = (call.switch, call.asked_by)
    linked_id = conversation_rows.linked_ids(db, call.owner_id, [leg]).get(leg, "")
    told = conversation_rows.find(db, call.owner_id, call.switch, linked_id)
    if told is None or not told.caller.isdigit():
        return call
    plan, rate = call.quote.b.source.split(" ")[1], call.quote.b.per_minute
    try:
        quote = ports.plans.quote_leg(plan, rate.currency, call.quote.a_number, told.caller, Kind.INCOMING)[1]
    except K5Error:
        return call  # from abroad, or a plan that is no more: what was held for
    return call_rows.price_anew(db, call, quote) if quote.b.per_minute.micro <= rate.micro else call


def _with_beginnings(db: Session, call: CallOrder, cdrs: Sequence[Cdr]) -> list[Cdr]:
    """Return the legs as they began: the records by which they are known come with the answer, or with the end. What a
    carrier takes of us for a caller of an 8-800 number is in no price list of what we call."""
    times = paid_rows.leg_times(db, call.owner_id, call.switch, [cdr.leg_uuid for cdr in cdrs])
    found = []
    for cdr in cdrs:
        began_at = times[cdr.leg_uuid][0] if cdr.leg_uuid in times else cdr.started_at
        cost = None if call.kind is CallKind.INCOMING else cdr.carrier_cost
        found.append(replace(cdr, started_at=min(began_at, cdr.started_at), carrier_cost=cost))
    return found


def end_earlier(ports: Ports, db: Session, question: Question) -> None:
    """Give back what a leg's earlier questions hold: it asks again, so nobody answered.

    In the caller's transaction, under the account's lock: the account is to be read after it.
    """
    for call in paid_rows.asked_by(db, question.switch, [question.leg_uuid]).get(question.leg_uuid, ()):
        is_dialled = call.kind is not CallKind.INCOMING and call.state is CallState.CALLING_B
        if call.owner_id == question.owner_id and is_dialled:
            _close(ports, db, call, call_rows.events(db, *split_call_id(call.id)))


def look_after(ports: Ports, read_until: Mapping[str, datetime], between: Callable[[], object] = lambda: None) -> None:
    """Look after calls without news: do again what their records prove, and close those that the switch has lost.

    The worker runs it every few seconds. `read_until`: up to when the records of each switch were read here; the
    database has it for the others.
    """
    with ports.sessions.read() as db:
        quiet = paid_rows.quiet(db, ports.clock() - LOOK_AGAIN)
        read_until = call_rows.looks(db) | dict(read_until)
    seen: dict[str, _Seen | None] = {}
    for call in quiet:
        if call.switch not in seen:
            seen[call.switch] = _see(ports, call.switch)
        until = read_until.get(call.switch, LONG_AGO)
        run_for_one_call(ports, call.id, partial(_look, ports, seen[call.switch], until, call))
        between()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a switch said in one sweep."""

    channels: Collection[str]
    started_at: datetime


def _see(ports: Ports, name: str) -> _Seen | None:
    try:
        switch = ports.switches.named(name)
        return _Seen(switch.channels(), switch.started_at())
    except SwitchUnreachable:
        return None


def _look(ports: Ports, seen: _Seen | None, read_until: datetime, call: CallOrder) -> None:
    is_overdue = ports.clock() > _last_limit(call) + LATE_RECORDS
    if call.cancel_requested_at is not None and seen is not None:
        ordering.end_legs(ports, call)  # it goes on: the switch did not hear the wish
    if call.state is CallState.TALKING and seen is not None and not is_overdue and call.asked_by in seen.channels:
        return  # the only record to come is the end
    advance(ports, call.id)
    if seen is None:
        if is_overdue:
            _close_gone(ports, call, _last_limit(call), (), is_overdue=True)
        return
    if is_overdue:
        _cut_off(ports, seen, call)
    died = seen.started_at > call.ordered_at
    if died and read_until > seen.started_at:
        _close_gone(ports, call, min(_last_limit(call), seen.started_at), seen.channels, is_overdue=is_overdue)
    elif is_overdue and read_until > _last_limit(call) + LATE_RECORDS:
        _close_gone(ports, call, _last_limit(call), seen.channels, is_overdue=True)


def _cut_off(ports: Ports, seen: _Seen, call: CallOrder) -> None:
    """End the legs that the switch should have cut off itself."""
    with ports.sessions.read() as db:
        legs = legs_of(call_rows.events(db, *split_call_id(call.id)))
    for leg in legs:
        if leg.ended_at is None and leg.uuid in seen.channels:
            logger.error("a leg is longer than its limit", extra={"call_id": call.id, "switch": call.switch})
            ports.switches.named(call.switch).end_leg(leg.uuid)


def _last_limit(call: CallOrder) -> datetime:
    """Return when the switch's own limits have ended the leg that costs, at the latest: its talk has a fuse of its own,
    from the answer on. An 8-800 call may be answered at the end of its ringing."""
    talk = timedelta(milliseconds=call.talk_ms)
    if call.b_answered_at is not None:
        return call.b_answered_at + talk
    rung_until = call.ordered_at + timedelta(seconds=call.leg_a_s)
    return rung_until + talk if call.kind is CallKind.INCOMING else rung_until


@transactional
def _close_gone(
    ports: Ports, call: CallOrder, ended_at: datetime, channels: Collection[str], *, is_overdue: bool
) -> None:
    """Close a call of which the switch has no leg any more, and no more records come: what its last sign proves."""
    owner_id, n = split_call_id(call.id)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        fresh = call_rows.lock(db, owner_id, n)
        if fresh is None or fresh.state.is_over:
            return
        events = call_rows.events(db, owner_id, n)
        legs = legs_of(events)
        is_asked_for = not (legs or is_overdue) and fresh.asked_by in channels
        if is_asked_for or any(leg.uuid in channels for leg in legs):
            return
        if any(leg.answered_at and not leg.ended_at for leg in legs):
            close_lost(ports, db, fresh, events, ended_at)
        else:
            _close(ports, db, fresh, events)
    logger.warning("a call is closed that the switch has lost", extra={"call_id": call.id})
