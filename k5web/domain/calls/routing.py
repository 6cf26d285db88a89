"""Routing: which switch runs a call and by which trunks its legs go. Loads and health come as arguments."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from typing import Literal

from k5web.domain.calls.call import Switch
from k5web.domain.calls.trunk import Trunk
from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate, RateTable
from k5web.errors import NoRate

RouteKind = Literal["switch", "trunk"]

MOST_TRIES = 3  # of a leg: nobody waits for a fourth

# A switch rests after its first failure: each further order would be lost on it. A trunk is given three, for a carrier
# refuses single numbers too. The rest doubles with each strike that follows.
_PATIENCE: Mapping[RouteKind, int] = {"switch": 1, "trunk": 3}
_FIRST_REST: Mapping[RouteKind, timedelta] = {"switch": timedelta(seconds=5), "trunk": timedelta(seconds=30)}
_LONGEST_REST: Mapping[RouteKind, timedelta] = {"switch": timedelta(minutes=1), "trunk": timedelta(minutes=10)}


@dataclass(frozen=True, slots=True)
class Traffic:
    """What goes on now: calls under way by switch, legs by trunk, and who rests after failures."""

    calls: Mapping[str, int] = field(default_factory=dict)
    legs: Mapping[str, int] = field(default_factory=dict)
    resting_switches: frozenset[str] = frozenset()
    resting_trunks: frozenset[str] = frozenset()
    pausing_trunks: frozenset[str] = frozenset()  # a subscriber's leg began there just now: the next one waits
    trunks_off: frozenset[str] = frozenset()  # switched off by staff: no way, however idle the others are

    def has_room(self, trunk: Trunk, legs: int = 1) -> bool:
        """Return whether this many more legs fit into the trunk."""
        return self.legs.get(trunk.code, 0) + legs <= trunk.calls_at_once

    def idle(self) -> "Traffic":
        """Return the lines as they would be with nothing under way and nobody ill."""
        return Traffic(trunks_off=self.trunks_off)

    def takes(self, switch: Switch) -> bool:
        """Return whether the switch is well and below K5's own limit."""
        return switch.name not in self.resting_switches and self.calls.get(switch.name, 0) < switch.calls_at_once

    def share(self, switch: Switch) -> Fraction:
        """Return how full the switch is, 0 to 1."""
        return Fraction(self.calls.get(switch.name, 0), switch.calls_at_once)

    def plus(self, route: "Route") -> "Traffic":
        """Return the traffic with one more call."""
        legs = dict(self.legs)
        for trunk in (route.trunk_a, route.trunks_b[0]):
            legs[trunk] = legs.get(trunk, 0) + 1
        calls = dict(self.calls) | {route.switch: self.calls.get(route.switch, 0) + 1}
        pausing = self.pausing_trunks | {route.trunk_a} if route.pace_a else self.pausing_trunks
        return replace(self, calls=calls, legs=legs, pausing_trunks=pausing)


@dataclass(frozen=True, slots=True)
class Route:
    """The way of a call."""

    switch: str
    trunk_a: str
    trunks_b: tuple[str, ...]  # the switch tries them in this order
    pace_a: timedelta = timedelta(0)  # how long the next leg A waits for the same trunk


def carrier_rate(number: str, trunk: Trunk, decks: Mapping[str, RateTable]) -> Rate | None:
    """Return what the carrier takes for this number; None where its deck is unknown. Raises: NoRate."""
    table = decks.get(trunk.deck) if trunk.deck else None
    return table.find(number) if table is not None else None


def carriers(number: str, trunks: Iterable[Trunk], decks: Mapping[str, RateTable], currency: str) -> list[Trunk]:
    """Return the trunks that reach this number, the best first.

    A trunk for a longer prefix goes before one for a shorter or for all numbers, then the lower priority, then the
    cheaper minute. A cost that is unknown, or in another currency than the call's, goes last among equals; a number
    that a carrier's deck does not know is not given to it.
    """
    found: list[tuple[tuple[int, int, bool, int, int], Trunk]] = []
    for place, trunk in enumerate(trunks):
        if not trunk.may_reach(number):
            continue
        match = max((len(prefix) for prefix in trunk.prefixes if number.startswith(prefix)), default=0)
        try:
            rate = carrier_rate(number, trunk, decks)
        except NoRate:
            continue
        is_unknown = rate is None or rate.per_minute.currency != currency
        micro = 0 if rate is None or is_unknown else rate.per_minute.micro
        found.append(((-match, trunk.priority, is_unknown, micro, place), trunk))
    return [trunk for _, trunk in sorted(found, key=lambda item: item[0])]


@dataclass(frozen=True, slots=True)
class Search:
    """What a route is wanted for: both numbers, the call's currency, and what was tried in vain."""

    a_number: str
    b_number: str
    currency: str
    refused_by: Collection[str] = ()  # switches
    failed_a: Collection[str] = ()  # trunks
    most_cost: Price | None = None  # what carriers may take for a minute of both legs; None: whatever they take


def find_route(
    search: Search, switches: Iterable[Switch], decks: Mapping[str, RateTable], traffic: Traffic
) -> Route | None:
    """Return the way for a call: the least loaded switch that is well, its best trunk for each leg; None: wait."""
    for switch in sorted(switches, key=traffic.share):
        if not traffic.takes(switch) or switch.name in search.refused_by:
            continue
        for trunk_a in ready(search.a_number, switch.trunks, decks, search.currency, traffic):
            if trunk_a.code in search.failed_a or trunk_a.code in traffic.pausing_trunks:
                continue
            free = [trunk for trunk in switch.trunks if traffic.has_room(trunk, 2 if trunk == trunk_a else 1)]
            ready_b = ready(search.b_number, free, decks, search.currency, traffic)
            trunks_b = [trunk for trunk in ready_b if _pays(search, trunk_a, trunk, decks)][:MOST_TRIES]
            if trunks_b:
                codes = tuple(trunk.code for trunk in trunks_b)
                return Route(switch.name, trunk_a.code, codes, trunk_a.pace)
    return None


def _pays(search: Search, trunk_a: Trunk, trunk_b: Trunk, decks: Mapping[str, RateTable]) -> bool:
    """Return whether both legs together leave the least margin; a cost that is unknown is taken for nothing."""
    if search.most_cost is None:
        return True
    legs = ((search.a_number, trunk_a), (search.b_number, trunk_b))
    rates = (carrier_rate(number, trunk, decks) for number, trunk in legs)
    known = [rate.per_minute for rate in rates if rate is not None and rate.per_minute.currency == search.currency]
    return sum(price.micro for price in known) <= search.most_cost.micro


def strikes(failures: int, doubts: int = 0) -> int:
    """Return what counts against a route: two doubts weigh as much as one failure."""
    return failures + doubts // 2


def is_failing(kind: RouteKind, count: int) -> bool:
    """Return whether so many strikes are more than chance."""
    return count >= _PATIENCE[kind]


def rest_after(kind: RouteKind, count: int) -> timedelta:
    """Return how long a switch or trunk rests after this many strikes in a row; nothing: it may go on."""
    beyond = count - _PATIENCE[kind]
    return min(_LONGEST_REST[kind], _FIRST_REST[kind] * 2 ** min(beyond, 10)) if beyond >= 0 else timedelta(0)


def ready(
    number: str, trunks: Sequence[Trunk], decks: Mapping[str, RateTable], currency: str, traffic: Traffic
) -> list[Trunk]:
    """Return a number's carriers with a free line, the best first; those that rest only where there is no other way."""
    on = [trunk for trunk in trunks if trunk.code not in traffic.trunks_off]
    free = [trunk for trunk in carriers(number, on, decks, currency) if traffic.has_room(trunk)]
    return [trunk for trunk in free if trunk.code not in traffic.resting_trunks] or free
