"""What staff see of calls and lines: one call with its records, calls under way and past, what waits for a person."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallOrder, CallState, Cdr, Switch, SwitchEvent, split_call_id
from k5web.domain.calls.charging import CallCharge, charge_call
from k5web.domain.calls.routing import RouteKind, Traffic
from k5web.domain.calls.search import CallSearch, is_stuck
from k5web.domain.calls.trunk import Trunk, TrunkOff
from k5web.domain.money import Money
from k5web.domain.reason import checked_reason
from k5web.errors import NoDeck, NotFound
from k5web.services.calls import ordering
from k5web.services.calls.routing import margin, trunks
from k5web.services.ports import Ports, start_of_day
from k5web.storage import incidents
from k5web.storage.calls import call_rows, found_call_rows, routes
from k5web.storage.calls.routes import Trouble
from k5web.storage.incidents import Incident
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LISTED = 100  # rows
PAGE = 25  # of past calls


@dataclass(frozen=True, slots=True)
class CallSheet:
    """Everything about one call."""

    call: CallOrder
    legs: Sequence[Cdr]
    records: Sequence[SwitchEvent]
    charge: CallCharge | None  # when it is settled
    margin: Money | None  # None: a carrier's cost is unknown
    incidents: Sequence[Incident]


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call under way, with what is still to come."""

    call: CallOrder
    ends_by: datetime | None  # when the granted talk is over; None: they do not talk yet
    is_stuck: bool  # nobody knows whether it rings


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A call that was looked for, and the kinds of incidents about it that wait for a person."""

    call: CallOrder
    doubts: Sequence[str]
    is_stuck: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A switch or trunk: its load, its limit, its health."""

    name: str
    load: int
    limit: int
    trouble: Trouble | None
    rests: bool


@dataclass(frozen=True, slots=True)
class TrunkLine(Line):
    """A trunk, with the switches that have it and its carrier's price list."""

    trunk: Trunk
    switches: Sequence[str]
    deck_version: int | None  # None: none is in force
    off: TrunkOff | None  # None: staff have not switched it off

    @property
    def is_on(self) -> bool:
        """Whether calls are sent there: neither the settings nor staff have switched it off."""
        return self.trunk.is_enabled and self.off is None


@dataclass(frozen=True, slots=True)
class Lines:
    """All switches and trunks."""

    switches: Sequence[Line]
    trunks: Sequence[TrunkLine]


def sheet(ports: Ports, call_id: str) -> CallSheet:
    """Return everything about one call, whoever's. Raises: NotFound."""
    owner_id, n = split_call_id(call_id)
    with ports.sessions.read() as db:
        call = NotFound.unless(call_rows.find(db, owner_id, n), f"call {call_id}")
        legs = call_rows.cdrs(db, owner_id, n)
        records = call_rows.events(db, owner_id, n)
        listed = incidents.of_call(db, owner_id, call_id)
    is_settled = call.state is CallState.SETTLED
    return CallSheet(
        call=call,
        legs=legs,
        records=records,
        charge=charge_call(call, legs) if is_settled else None,
        margin=margin(call.cost, legs) if is_settled and call.cost else None,
        incidents=listed,
    )


def live_calls(ports: Ports) -> list[CallOrder]:
    """Return the calls that are not over, oldest first."""
    with ports.sessions.read() as db:
        return call_rows.unfinished(db, LISTED)


def calls_of(ports: Ports, owner_id: int) -> list[CallOrder]:
    """Return a subscriber's calls, newest first."""
    with ports.sessions.read() as db:
        return call_rows.page(db, owner_id, None, LISTED)


def open_incidents(ports: Ports, at_most: int = LISTED) -> list[Incident]:
    """Return what waits for a person, oldest first."""
    with ports.sessions.read() as db:
        return incidents.unresolved(db, at_most)


@transactional
def resolve_incident(ports: Ports, kind: str, reference: str, actor: str) -> None:
    """Note that somebody has dealt with an incident. Raises: NotFound."""
    with ports.sessions.begin() as db:
        if not incidents.resolve(db, kind, reference, ports.clock(), actor):
            raise NotFound(what=f"incident {kind} {reference} that waits for a person")


def watch(ports: Ports) -> list[LiveCall]:
    """Return the calls that are not over, oldest first, with the end of what was granted."""
    now = ports.clock()
    return [LiveCall(call, _ends_by(call), is_stuck(call, now)) for call in live_calls(ports)]


def _ends_by(call: CallOrder) -> datetime | None:
    return call.b_answered_at and call.b_answered_at + timedelta(milliseconds=call.talk_ms)


def end(ports: Ports, call_id: str, actor: str, reason: str) -> CallOrder:
    """End a call under way, whoever's, as its owner would; one that is over stays as it is. Return it as it was.

    Raises: NotFound, WrongReason.
    """
    checked_reason(reason)
    owner_id, n = split_call_id(call_id)
    with ports.sessions.read() as db:
        call = NotFound.unless(call_rows.find(db, owner_id, n), f"call {call_id}")
    ordering.end_call(ports, owner_id, call.id)
    logger.info("call ended by staff", extra={"call_id": call.id, "actor": actor})
    return call


@transactional
def past(ports: Ports, search: CallSearch, before: str = "") -> list[FoundCall]:
    """Return a page of the calls that are looked for, newest first, those older than one of them. Raises: NotFound."""
    now = ports.clock()
    span = start_of_day(search.first), start_of_day(search.last + timedelta(days=1))
    with ports.sessions.read() as db:
        last = call_rows.find(db, *split_call_id(before)) if before else None
        calls = found_call_rows.found(db, search, span, now, last, PAGE)
        kinds = found_call_rows.doubts(db, calls)
    return [FoundCall(call, kinds.get(call.id, ()), is_stuck(call, now)) for call in calls]


def lines(ports: Ports) -> Lines:
    """Return how every switch and trunk stands now."""
    with ports.sessions.read() as db:
        return lines_in(ports, db)


def lines_in(ports: Ports, db: Session) -> Lines:
    """Return the same within a transaction."""
    traffic = routes.traffic(db, ports.clock())
    troubles = {(trouble.kind, trouble.name): trouble for trouble in routes.troubles(db)}
    off = {each.code: each for each in routes.off(db)}
    return Lines(
        switches=[_switch_line(switch, traffic, troubles) for switch in ports.switches],
        trunks=[_trunk_line(ports, trunk, traffic, troubles, off.get(trunk.code)) for trunk in trunks(ports.switches)],
    )


def _switch_line(switch: Switch, traffic: Traffic, troubles: dict[tuple[RouteKind, str], Trouble]) -> Line:
    name = switch.name
    trouble = troubles.get(("switch", name))
    return Line(name, traffic.calls.get(name, 0), switch.calls_at_once, trouble, name in traffic.resting_switches)


def _trunk_line(
    ports: Ports,
    trunk: Trunk,
    traffic: Traffic,
    troubles: dict[tuple[RouteKind, str], Trouble],
    off: TrunkOff | None,
) -> TrunkLine:
    try:
        version = ports.rates.table(trunk.deck).version if trunk.deck else None
    except NoDeck:
        version = None
    return TrunkLine(
        name=trunk.code,
        load=traffic.legs.get(trunk.code, 0),
        limit=trunk.calls_at_once,
        trouble=troubles.get(("trunk", trunk.code)),
        rests=trunk.code in traffic.resting_trunks,
        trunk=trunk,
        switches=[switch.name for switch in ports.switches if trunk in switch.trunks],
        deck_version=version,
        off=off,
    )
