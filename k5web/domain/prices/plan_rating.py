"""What a use costs under a plan: its direction group, its rule, what allowances pay, what money pays; all explained.

Nothing here knows a clock or a database: what is left of the allowances is told, and what was used is answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from k5web.domain.money import Money
from k5web.domain.prices.plan import Allowance, Plan, RateRule
from k5web.domain.prices.plan_cells import PriceGrid
from k5web.domain.prices.rating import MICROSECONDS, Rate, billed_seconds, cost, cost_of_seconds
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.errors import NotInPlan

BYTES_PER_KB, KB_PER_MB = 1024, 1024
MONEY = "MONEY"
UNITS = {Kind.SMS: "SMS", Kind.DATA: "KB"}  # what is counted; of everything else, seconds

Left = Mapping[str, int]  # what is left of each allowance, by its code: seconds, parts, KB, minor units


class FindsRates(Protocol):
    """The price lists of plans that price by prefix."""

    def __call__(self, deck: str, event: UsageEvent, number: str) -> Rate:
        """Return the rate of a number when the event began. Raises: NoRate, NoDeck."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the units, paid in one way. Units: seconds, message parts, KB."""

    units: int
    charge: Money
    allowance: str = ""  # "": money
    price: str = ""  # of a minute, a part, a megabyte, as text for people


@dataclass(frozen=True, slots=True)
class RatedUse:
    """What one use costs, and why. The charge is the sum of the parts less what money allowances paid."""

    event: UsageEvent
    group: str
    rule: str
    counted: int  # units after rounding up: seconds, parts, KB
    parts: tuple[Part, ...]
    charge: Money
    used: Mapping[str, int] = field(default_factory=dict)  # of each allowance
    destination: str = ""
    refused: str = ""  # why it, or what allowances do not cover of it, cannot be used

    @property
    def unit(self) -> str:
        """What is counted: SEC, SMS or KB."""
        return UNITS.get(self.event.kind, "SEC")


class PlanMeter:
    """Rates the uses of one plan, one after another; it keeps nothing between them."""

    def __init__(self, plan: Plan, find_rate: FindsRates) -> None:
        self.plan = plan
        self._find_rate = find_rate
        self._grid = PriceGrid(plan)
        self._nothing = Money(0, plan.currency)
        self._own_rates = {rule.name: _rate_of(plan, rule) for rule in plan.rates if rule.price and rule.kind.is_timed}
        # Most uses meet no allowance at all, or those of one kind
        self._allowances = {kind: [a for a in plan.allowances if kind in a.kinds] for kind in Kind}

    def rate(self, event: UsageEvent, left: Left, own_number: str = "") -> RatedUse:
        """Return what an event costs. `own_number`: the subscriber's phone, a leg of a callback where the plan says so.

        Raises: NotInPlan (the plan has no price for it), NoRate, NoDeck.
        """
        legs = [self._rate_leg(event, event.to, left)]
        if event.kind is Kind.CALL and self.plan.pays_leg_a:
            if not own_number:
                raise NotInPlan(plan=self.plan.code, what="a call without the number of the subscriber's own phone")
            legs.append(self._rate_leg(event, own_number, _less(left, legs[0].used)))
        return legs[0] if len(legs) == 1 else _joined(legs)

    def _rate_leg(self, event: UsageEvent, number: str, left: Left) -> RatedUse:
        group = "" if event.kind is Kind.DATA else self.plan.groups.group_of(number)
        rule = self._grid.rule_of(event, group)
        if rule is None:
            raise NotInPlan(plan=self.plan.code, what=_what(event, number))
        rate = self._rate_by(rule, event, number)
        counted = _counted(rule, rate, event)
        is_free = rule.price is not None and not rule.price.micro
        covering = [] if is_free or not counted else self._covering(event, group, left)
        covered = _spread(covering, left, counted)
        rest = counted - sum(units for _, units in covered)
        if rule.closed:
            refused = rule.closed if rest or not counted else ""
            charges = [(allowance.code, units, self._nothing) for allowance, units in covered]
            return self._answer(event, group, rule, rate, counted - rest, charges, left, refused)
        return self._answer(event, group, rule, rate, counted, self._charges(rule, rate, event, covered, rest), left)

    def _rate_by(self, rule: RateRule, event: UsageEvent, number: str) -> Rate | None:
        """Return the rate by minutes: the rule's own, or the price list's."""
        return self._find_rate(rule.deck, event, number) if rule.deck else self._own_rates.get(rule.name)

    def _covering(self, event: UsageEvent, group: str, left: Left) -> list[Allowance]:
        return [
            a for a in self._allowances[event.kind] if a.unit != MONEY and left.get(a.code) and a.covers(event, group)
        ]

    def _charges(
        self, rule: RateRule, rate: Rate | None, event: UsageEvent, covered: list[tuple[Allowance, int]], rest: int
    ) -> list[tuple[str, int, Money]]:
        """Return units and charge of what each allowance covers and of the rest, which has the code ""."""
        found = [(a.code, units, self._covered_cost(a, units, event.kind)) for a, units in covered]
        whole = self._whole_cost(rule, rate, event, covered, rest)
        paid = sum((charge.minor for _, _, charge in found), 0)
        if rest or not found or whole.minor != paid:
            found.append(("", rest, Money(whole.minor - paid, whole.currency)))
        return found

    def _covered_cost(self, allowance: Allowance, units: int, kind: Kind) -> Money:
        return cost(allowance.price, units, _per(kind)) if allowance.price else self._nothing

    def _whole_cost(
        self, rule: RateRule, rate: Rate | None, event: UsageEvent, covered: list[tuple[Allowance, int]], rest: int
    ) -> Money:
        """Return what all of it costs, rounded once."""
        covered_micro = sum(a.price.micro * units for a, units in covered if a.price)
        if rate is not None:
            if not billed_seconds(rate, event.quantity):
                return self._nothing
            return cost_of_seconds(rate, rest, covered_micro)
        assert rule.price is not None
        return cost(rule.price, rest, _per(event.kind), covered_micro)

    def _answer(
        self,
        event: UsageEvent,
        group: str,
        rule: RateRule,
        rate: Rate | None,
        counted: int,
        charges: list[tuple[str, int, Money]],
        left: Left,
        refused: str = "",
    ) -> RatedUse:
        price = rate.per_minute if rate else rule.price
        parts = tuple(
            Part(units, charge, code, str(price) if price and not code else "") for code, units, charge in charges
        )
        used = {code: units for code, units, _ in charges if code}
        charge = Money(sum(part.charge.minor for part in parts), self.plan.currency)
        for allowance in self._allowances[event.kind]:
            if allowance.unit == MONEY and charge.minor and left.get(allowance.code) and allowance.covers(event, group):
                used[allowance.code] = min(charge.minor, left[allowance.code])
                charge = Money(charge.minor - used[allowance.code], charge.currency)
        destination = rate.destination if rate else ""
        return RatedUse(event, group, rule.name, counted, parts, charge, used, destination, refused)


def _rate_of(plan: Plan, rule: RateRule) -> Rate:
    """Return a rule's price as a rate by minutes, with its way to count seconds."""
    assert rule.price is not None
    return Rate(
        prefix="",
        destination="",
        per_minute=rule.price,
        increment_s=rule.increment_s,
        minimum_s=rule.minimum_s,
        free_below_s=rule.free_below_s,
    )


def _counted(rule: RateRule, rate: Rate | None, event: UsageEvent) -> int:
    """Return the units after rounding up: seconds by the rate, whole steps of data, parts as they are."""
    if rate is not None:
        return billed_seconds(rate, event.quantity)
    if event.kind is Kind.DATA:
        return -(-event.quantity // (rule.step_kb * BYTES_PER_KB)) * rule.step_kb
    return -(-event.quantity // MICROSECONDS) if event.kind.is_timed else event.quantity


def _spread(covering: list[Allowance], left: Left, units: int) -> list[tuple[Allowance, int]]:
    """Return how many units each allowance covers, in their order."""
    found = []
    for allowance in covering:
        taken = min(units, left[allowance.code])
        if taken:
            found.append((allowance, taken))
            units -= taken
    return found


def _per(kind: Kind) -> int:
    """Return how many counted units a price is for."""
    return 60 if kind.is_timed else KB_PER_MB if kind is Kind.DATA else 1


def _less(left: Left, used: Mapping[str, int]) -> Left:
    return {code: amount - used.get(code, 0) for code, amount in left.items()} if used else left


def _joined(legs: list[RatedUse]) -> RatedUse:
    """Return both legs of a callback as one use."""
    first, second = legs
    used = {code: first.used.get(code, 0) + second.used.get(code, 0) for code in {**first.used, **second.used}}
    return replace(
        first,
        parts=first.parts + second.parts,
        charge=first.charge + second.charge,
        used=used,
        refused=first.refused or second.refused,
        destination=f"{first.destination} + {second.destination}",
    )


def _what(event: UsageEvent, number: str) -> str:
    to = f" to +{number}" if number and event.kind is not Kind.DATA else ""
    return f"{event.kind}{to} in zone {event.zone}"
