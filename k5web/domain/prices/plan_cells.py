"""The cells of a plan: for every use that the plan prices, exactly one rule. Gaps and overlaps are found here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from k5web.domain.prices.plan import Plan, RateRule, State
from k5web.domain.prices.usage import Kind, UsageEvent, Zone

MOST_CELLS = 5_000  # of a kind; a plan for people has some dozens

Cell = tuple[Kind, Zone, str, tuple[State, ...]]  # kind, zone, group, the states of the options that rules ask for


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a rule, and its name in the file; "" where the fault lies in no one rule."""

    rule: str
    words: str


class PriceGrid:
    """A plan's rules, by cell: one look finds the rule of an event."""

    __slots__ = ("_asked", "_rules", "kinds", "plan")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.kinds = frozenset(rule.kind for rule in plan.rates)
        self._asked = {kind: asked_options(plan.rates, kind) for kind in self.kinds}
        self._rules = {cell: rules[0] for cell, rules in cells(plan) if rules}

    def rule_of(self, event: UsageEvent, group: str) -> RateRule | None:
        """Return the rule that prices an event of this direction group."""
        states = tuple([state_of(event, option) for option in self._asked.get(event.kind, ())])
        return self._rules.get((event.kind, event.zone, group, states))


def state_of(event: UsageEvent, option: str) -> State:
    """Return how an option stood when the event began."""
    if option in event.options:
        return State.ON
    return State.UNPAID if option in event.unpaid else State.OFF


def asked_options(rules: Iterable[RateRule], kind: Kind) -> tuple[str, ...]:
    """Return the options that rules of this kind ask for, in one order."""
    return tuple(sorted({c.option for rule in rules if rule.kind is kind for c in rule.conditions}))


def cells(plan: Plan) -> Iterator[tuple[Cell, list[RateRule]]]:
    """Yield each cell of the kinds that a plan prices, with the rules that hold there."""
    for kind in dict.fromkeys(rule.kind for rule in plan.rates):
        rules = [rule for rule in plan.rates if rule.kind is kind]
        asked = asked_options(rules, kind)
        for zone, group, states in product(Zone, _groups(plan, kind), product(State, repeat=len(asked))):
            by_option = dict(zip(asked, states, strict=True))
            yield (kind, zone, group, states), [rule for rule in rules if _holds(rule, zone, group, by_option)]


def _groups(plan: Plan, kind: Kind) -> list[str]:
    return [""] if kind is Kind.DATA else list(plan.groups.groups) or [""]


def _count(plan: Plan, kind: Kind) -> int:
    """Return how many cells a kind has: three states of each option that rules ask for."""
    return prod([len(Zone), len(_groups(plan, kind)), *(len(State) for _ in asked_options(plan.rates, kind))])


def _holds(rule: RateRule, zone: Zone, group: str, states: Mapping[str, State]) -> bool:
    return zone in rule.zones and (not rule.groups or group in rule.groups) and rule.allows(states)


def find_faults(plan: Plan) -> list[Fault]:
    """Return gaps, overlaps and rules that can never be reached, each kind once for a rule."""
    found: dict[Fault, None] = {}
    for kind in {rule.kind: None for rule in plan.rates}:
        if _count(plan, kind) > MOST_CELLS:
            options = len(asked_options(plan.rates, kind))
            found[Fault("", f"{kind} has too many cases: {options} options in {len(_groups(plan, kind))} groups")] = (
                None
            )
    if found:
        return list(found)
    reached: set[str] = set()
    for cell, rules in cells(plan):
        reached |= {rule.name for rule in rules}
        if not rules:
            found[Fault("", f"no rule prices {_words(plan, cell)}")] = None
        for rule in rules[1:]:
            found[Fault(rule.name, f"prices the same as {rules[0].name}: {_words(plan, cell)}")] = None
    for rule in plan.rates:
        if rule.name not in reached:
            found[Fault(rule.name, "can never be reached: nothing fits all its conditions")] = None
    return list(found)


def _words(plan: Plan, cell: Cell) -> str:
    kind, zone, group, states = cell
    asked = asked_options(plan.rates, kind)
    options = [f"{option} {state}" for option, state in zip(asked, states, strict=True)]
    to = [f"to {group}"] if group else []
    return ", ".join([f"{kind} {to[0]}" if to else str(kind), f"zone {zone}", *options])
