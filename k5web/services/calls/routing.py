"""Chooses the switch and the trunks of a call by their load and health, and remembers how they did."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallOrder, Cdr, Switch
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.outcome import LegRecord
from k5web.domain.calls.routing import (
    MOST_TRIES,
    Route,
    Search,
    Traffic,
    carrier_rate,
    find_route,
    ready,
    rest_after,
    strikes,
)
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import Money, Price
from k5web.domain.prices.rating import Quote, RateTable, charge_leg
from k5web.errors import NoDeck, NoRate, NoRoute
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.calls import routes
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

NUMBERS_KEPT = 20  # of a trunk in trouble: more than any patience needs


def way_for(ports: Ports, traffic: Traffic, call: CallOrder, refused_by: Collection[str] = ()) -> Route | None:
    """Return the route of this order's next try, None if nothing is free.

    A switch that refused an order is not asked for it again; a trunk by which leg A failed is not tried again,
    unless it was the switch that refused.
    """
    return find_route(_search(ports, call, refused_by), ports.switches, decks_of(ports), traffic)


def has_way_soon(ports: Ports, traffic: Traffic, call: CallOrder, refused_by: Collection[str] = ()) -> bool:
    """Return whether a route is free, or will be when the pace of its trunk lets the next leg A begin."""
    return way_for(ports, replace(traffic, pausing_trunks=frozenset()), call, refused_by) is not None


def check_way(ports: Ports, quote: Quote, trunks_off: frozenset[str]) -> None:
    """Refuse a call that no carrier takes, however idle and well all lines are. Raises: NoRoute, with the number."""
    idle = Traffic(trunks_off=trunks_off)
    decks, currency = decks_of(ports), quote.per_minute.currency
    if find_route(Search(quote.a_number, quote.b_number, currency), ports.switches, decks, idle) is None:
        lines = [trunk for switch in ports.switches for trunk in switch.trunks]
        is_b = not ready(quote.b_number, lines, decks, currency, idle)
        raise NoRoute(number=quote.b_number if is_b else quote.a_number)


def trunks_of_leg(ports: Ports, db: Session, switch: Switch, plan_code: str, quote: Quote) -> tuple[str, ...]:
    """Return by which trunks a switch may send the only paid leg of a call, in this order; none: it is to wait."""
    traffic = routes.traffic(db, ports.clock())
    if traffic.calls.get(switch.name, 0) >= switch.calls_at_once:
        return ()
    decks, price = decks_of(ports, switch.trunks), quote.b.per_minute
    most = _within_margin(price, ports.least_margins.get(plan_code))
    found = []
    for trunk in ready(quote.b_number, switch.trunks, decks, price.currency, traffic):
        rate = carrier_rate(quote.b_number, trunk, decks)
        is_known = rate is not None and rate.per_minute.currency == price.currency
        if most is None or rate is None or not is_known or rate.per_minute.micro <= most.micro:
            found.append(trunk.code)
    return tuple(found[:MOST_TRIES])


def would_lose(ports: Ports, traffic: Traffic, call: CallOrder) -> bool:
    """Return whether every route of this order leaves less than the least margin of its plan."""
    search = _search(ports, call)
    decks, idle = decks_of(ports), traffic.idle()
    return (
        search.most_cost is not None
        and find_route(search, ports.switches, decks, idle) is None
        and find_route(replace(search, most_cost=None), ports.switches, decks, idle) is not None
    )


def _search(ports: Ports, call: CallOrder, refused_by: Collection[str] = ()) -> Search:
    quote = call.quote
    failed_a = () if refused_by else call.trunks_a
    return Search(
        quote.a_number, quote.b_number, quote.per_minute.currency, refused_by, failed_a, _most_cost(ports, call)
    )


def _most_cost(ports: Ports, call: CallOrder) -> Price | None:
    """Return the most that carriers may take for a minute; None if the plan has no least margin."""
    if not ports.least_margins:
        return None
    with ports.sessions.read() as db:
        margin_ = ports.least_margins.get(subscribers.plan_code(db, call.owner_id) or "")
    return _within_margin(call.quote.per_minute, margin_)


def _within_margin(price: Price, margin_: Fraction | None) -> Price | None:
    return None if margin_ is None else Price(int(price.micro * (1 - margin_)), price.currency)


def carrier_cost(ports: Ports, leg: Cdr) -> Money | None:
    """Return what the carrier charges for the leg; None if no deck of its trunk has the number."""
    trunk = next((trunk for trunk in trunks(ports.switches) if trunk.code == leg.trunk), None)
    if trunk is None:
        return None
    try:
        rate = carrier_rate(leg.number, trunk, decks_of(ports, [trunk]))
    except NoRate:
        return None
    return None if rate is None else charge_leg(rate, leg.duration_us).charge


def margin(charged: Money, legs: Iterable[Cdr]) -> Money | None:
    """Return the charge less the carriers' costs; None if a cost is unknown."""
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


def note_legs(ports: Ports, db: Session, call: CallOrder, legs: Sequence[LegRecord]) -> None:
    """Count what the end of a try says about its trunks. `legs` are those of all tries of the call so far.

    An answer or a ringing phone proves that a trunk works. A failure counts once for each number, so one bad number
    cannot bring a trunk down; it counts again if another trunk reached that number. A refusal that may be the number's
    own is only a doubt, until the trunk gives it for every number.
    """
    ended = [leg for leg in legs if leg.trunk and leg.cause is not None]
    attempt = max(call.attempt, 1)  # 0: K5 itself placed nothing, the switch asked for its leg B
    mine = [leg for leg in ended if leg.attempt == attempt]
    proved = {leg.trunk for leg in mine if _is_proof(leg)}
    if proved:
        routes.forget_trouble(db, "trunk", proved)
    doubtful = [leg for leg in ended if leg.trunk not in proved and leg.verdict]
    for leg in doubtful:
        if leg.attempt == attempt:
            _note_trunk(ports, db, leg, call.quote.number_of(leg.is_a))
    reached = {leg.is_a for leg in ended if _is_proof(leg)}
    for leg in doubtful:
        if leg.is_a in reached:
            routes.forget_number(db, leg.trunk, call.quote.number_of(leg.is_a))


def _is_proof(leg: LegRecord) -> bool:
    if leg.answered_at is not None:
        return True
    is_fault = leg.verdict is not None and leg.verdict.is_trunks_fault
    return not is_fault and leg.heard in {Heard.RINGING, None}  # None: of old records it is not known


def _note_trunk(ports: Ports, db: Session, leg: LegRecord, number: str) -> None:
    """Count what a leg says against its trunk, once for each number."""
    known = routes.find_trouble(db, "trunk", leg.trunk) or routes.Trouble.none("trunk", leg.trunk, ports.clock())
    is_fault = leg.verdict is not None and leg.verdict.is_trunks_fault
    if not is_fault and leg.heard is Heard.PROGRESS:
        return  # a voice or a phone: it says nothing about the trunk
    if number not in known.numbers:
        numbers = (*known.numbers, number)[-NUMBERS_KEPT:]
        known = replace(
            known, failures=known.failures + is_fault, doubts=known.doubts + (not is_fault), numbers=numbers
        )
        known = _rested(ports, known)
    code = f"SIP {leg.sip}, " if leg.sip else ""
    heard = "nothing heard" if leg.heard is Heard.NOTHING else leg.heard or "not known what was heard"
    reason = f"leg {'a' if leg.is_a else 'b'}: {code}cause {leg.cause}, {heard}"
    routes.write_trouble(db, replace(known, failed_at=ports.clock(), reason=reason))


def _rested(ports: Ports, trouble: routes.Trouble) -> routes.Trouble:
    """Return the trouble with the pause that it calls for, and log it."""
    count = strikes(trouble.failures, trouble.doubts)
    rest = rest_after(trouble.kind, count)
    if rest:
        facts = {trouble.kind: trouble.name, "failures": trouble.failures, "doubts": trouble.doubts}
        logger.warning("%s rests", trouble.kind, extra={**facts, "rest_s": rest.seconds})
    return replace(trouble, rests_until=ports.clock() + rest)


def _note_failure(ports: Ports, db: Session, name: str, reason: str) -> None:
    """Count a failure of a switch; it is not used for a while."""
    known = routes.find_trouble(db, "switch", name) or routes.Trouble.none("switch", name, ports.clock())
    known = replace(known, failures=known.failures + 1, failed_at=ports.clock(), reason=reason[:200])
    routes.write_trouble(db, _rested(ports, known))


@transactional
def switch_failed(ports: Ports, name: str, reason: str) -> None:
    """Count that a switch refused or was silent."""
    with ports.sessions.begin() as db:
        _note_failure(ports, db, name, reason)


def switch_answered(ports: Ports, name: str) -> None:
    """Clear the failures of a switch that answers, if it had any."""
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


def decks_of(ports: Ports, of: Collection[Trunk] | None = None) -> Mapping[str, RateTable]:
    """Return the carriers' rate decks in force. One that was never imported is left out."""
    found = {}
    for name in {trunk.deck for trunk in (trunks(ports.switches) if of is None else of) if trunk.deck}:
        try:
            found[name] = ports.rates.table(name)
        except NoDeck:
            continue
    return found
