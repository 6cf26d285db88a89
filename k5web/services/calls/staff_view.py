"""What staff see of calls and lines: the route and margin of a call, what is under way, what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from k5web.domain.calls.call import CallOrder, CallState, Cdr, Switch, Trunk, split_call_id
from k5web.domain.calls.charging import CallCharge, charge_call
from k5web.domain.calls.routing import RouteKind, Traffic
from k5web.domain.money import Money
from k5web.errors import NoDeck, NotFound
from k5web.services.calls.routing import margin, trunks
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.calls import call_rows, routes
from k5web.storage.calls.routes import Trouble
from k5web.storage.incidents import Incident
from k5web.storage.session import transactional

LISTED = 100  # rows


@dataclass(frozen=True, slots=True)
class CallSheet:
    """Everything about one call."""

    call: CallOrder
    legs: Sequence[Cdr]
    charge: CallCharge | None  # when it is settled
    margin: Money | None  # None: a carrier's cost is unknown
    incidents: Sequence[Incident]


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
        listed = incidents.of_call(db, owner_id, call_id)
    is_settled = call.state is CallState.SETTLED
    return CallSheet(
        call=call,
        legs=legs,
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


def open_incidents(ports: Ports) -> list[Incident]:
    """Return what waits for a person, oldest first."""
    with ports.sessions.read() as db:
        return incidents.unresolved(db, LISTED)


@transactional
def resolve_incident(ports: Ports, kind: str, reference: str, actor: str) -> None:
    """Note that somebody has dealt with an incident. Raises: NotFound."""
    with ports.sessions.begin() as db:
        if not incidents.resolve(db, kind, reference, ports.clock(), actor):
            raise NotFound(what=f"incident {kind} {reference} that waits for a person")


def lines(ports: Ports) -> Lines:
    """Return how every switch and trunk stands now."""
    now = ports.clock()
    with ports.sessions.read() as db:
        traffic = routes.traffic(db, now)
        troubles = {(trouble.kind, trouble.name): trouble for trouble in routes.troubles(db)}
    return Lines(
        switches=[_switch_line(switch, traffic, troubles) for switch in ports.switches],
        trunks=[_trunk_line(ports, trunk, traffic, troubles) for trunk in trunks(ports.switches)],
    )


def _switch_line(switch: Switch, traffic: Traffic, troubles: dict[tuple[RouteKind, str], Trouble]) -> Line:
    name = switch.name
    trouble = troubles.get(("switch", name))
    return Line(name, traffic.calls.get(name, 0), switch.calls_at_once, trouble, name in traffic.resting_switches)


def _trunk_line(
    ports: Ports, trunk: Trunk, traffic: Traffic, troubles: dict[tuple[RouteKind, str], Trouble]
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
    )
