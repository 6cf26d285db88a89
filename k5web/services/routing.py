"""Finding the way of a call with what the base knows of lines and health, and remembering how it went."""

import logging
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy.orm import Session

from k5web.domain.call import CallOrder, Cdr, Switch, Trunk
from k5web.domain.money import Money
from k5web.domain.outcome import LegRecord, is_route_failure
from k5web.domain.rating import RateTable, charge_leg
from k5web.domain.routing import Route, RouteKind, Search, Traffic, carrier_rate, find_route, rest_after
from k5web.errors import NoDeck, NoRate
from k5web.services.ports import Ports
from k5web.storage import routes
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


def way_for(ports: Ports, traffic: Traffic, call: CallOrder, refused_by: Collection[str] = ()) -> Route | None:
    """Return the way for this order's next try, None where nothing is free.

    A switch that refused an order is not asked for it again; a trunk by which leg A failed is not tried again,
    unless it was the switch that refused.
    """
    quote = call.quote
    failed_a = () if refused_by else call.trunks_a
    search = Search(quote.a_number, quote.b_number, quote.per_minute.currency, refused_by, failed_a)
    return find_route(search, ports.switches, _decks(ports), traffic)


def carrier_cost(ports: Ports, leg: Cdr) -> Money | None:
    """Return what the leg's carrier takes for it; None where its trunk has no deck that knows the number."""
    trunk = next((trunk for trunk in trunks(ports.switches) if trunk.code == leg.trunk), None)
    if trunk is None:
        return None
    try:
        rate = carrier_rate(leg.number, trunk, _decks(ports, [trunk]))
    except NoRate:
        return None
    return None if rate is None else charge_leg(rate, leg.duration_us).charge


def margin(charged: Money, legs: Iterable[Cdr]) -> Money | None:
    """Return what is left of a charge when the carriers have theirs; None where a cost is unknown."""
    left = charged
    for leg in legs:
        if leg.answered_at is None:
            continue
        if leg.carrier_cost is None or leg.carrier_cost.currency != charged.currency:
            return None
        left -= leg.carrier_cost
    return left


def trunks(switches: Iterable[Switch]) -> list[Trunk]:
    """Return all trunks, each once, in the order of the settings."""
    return list({trunk.code: trunk for switch in switches for trunk in switch.trunks}.values())


def note_legs(ports: Ports, db: Session, legs: Iterable[LegRecord]) -> None:
    """Remember how the trunks of finished legs did: an answer or a busy phone proves a trunk, a failed route counts."""
    legs = [leg for leg in legs if leg.trunk and leg.cause is not None]
    failed = {leg.trunk: leg for leg in legs if is_route_failure(leg)}
    well = {leg.trunk for leg in legs if leg.answered_at or not is_route_failure(leg)} - set(failed)
    if well:
        routes.forget_trouble(db, "trunk", well)
    for trunk, leg in failed.items():
        note_failure(ports, db, "trunk", trunk, f"cause {leg.cause}")


def note_failure(ports: Ports, db: Session, kind: RouteKind, name: str, reason: str) -> None:
    """Remember that a switch or trunk failed; after some failures it rests."""
    now = ports.clock()
    known = routes.find_trouble(db, kind, name)
    failures = known.failures + 1 if known else 1
    rest = rest_after(kind, failures)
    routes.write_trouble(db, routes.Trouble(kind, name, failures, now + rest, now, reason[:200]))
    if rest:
        logger.warning("%s rests", kind, extra={kind: name, "failures": failures, "rest_s": rest.seconds})


@transactional
def switch_failed(ports: Ports, name: str, reason: str) -> None:
    """Remember that a switch refused or was silent."""
    with ports.sessions.begin() as db:
        note_failure(ports, db, "switch", name, reason)


def switch_answered(ports: Ports, name: str) -> None:
    """Forget the failures of a switch that answers, where it had some."""
    with ports.sessions.read() as db:
        was_ill = is_ill(db, name)
    if was_ill:
        switch_is_well(ports, name)


def is_ill(db: Session, name: str) -> bool:
    """Return whether this switch failed lately."""
    return any(trouble.kind == "switch" and trouble.name == name for trouble in routes.troubles(db))


@transactional
def switch_is_well(ports: Ports, name: str) -> None:
    """Forget the failures of a switch."""
    with ports.sessions.begin() as db:
        routes.forget_trouble(db, "switch", [name])


def _decks(ports: Ports, of: Collection[Trunk] | None = None) -> Mapping[str, RateTable]:
    """Return the carriers' price lists in force; one that was never imported is left out."""
    found = {}
    for name in {trunk.deck for trunk in (trunks(ports.switches) if of is None else of) if trunk.deck}:
        try:
            found[name] = ports.rates.table(name)
        except NoDeck:
            continue
    return found
