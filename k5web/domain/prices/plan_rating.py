"""What a use costs under a plan: its direction group, its rule, what allowances pay, what money pays; all explained.

Nothing here knows a clock or a database: what is left of the allowances is told, and what was used is answered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from k5web.domain.money import Money, Price
from k5web.domain.prices.plan import Allowance, Plan, RateRule
from k5web.domain.prices.plan_cells import PriceGrid
from k5web.domain.prices.plan_quote import own_rate
from k5web.domain.prices.rating import Rate, billed_seconds, cost, cost_of_seconds
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.errors import CurrencyMismatch, NotInPlan

BYTES_PER_KB, KB_PER_MB = 1024, 1024
MONEY = "MONEY"
UNITS = {Kind.SMS: "SMS", Kind.INCOMING_SMS: "SMS", Kind.DATA: "KB"}  # what is counted; of everything else, seconds

Left = Mapping[str, int]  # what is left of each allowance, by its code: seconds, parts, KB, minor units
Covered = list[tuple[Allowance, int]]  # how many units each allowance pays for


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
    price: Price | None = None  # of a minute, a part, a megabyte; None: nothing


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
    prefix: str = ""  # of the price list
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
        self._own_rates = {rule.name: own_rate(plan, rule) for rule in plan.rates if rule.kind.is_timed}
        first = plan.allowances_in_use
        self._units = {kind: [a for a in first if a.unit != MONEY and kind in a.kinds] for kind in Kind}
        self._money = {kind: [a for a in first if a.unit == MONEY and kind in a.kinds] for kind in Kind}

    def rate(self, event: UsageEvent, left: Left, own_number: str = "", own_us: int | None = None) -> RatedUse:
        """Return what an event costs. `own_number`: the subscriber's phone, a leg of a callback where the plan says so;
        `own_us`: how long that leg is paid for, where it is not the talk. Units: microseconds.

        Raises: NotInPlan (the plan has no price for it), NoRate, NoDeck.
        """
        leg = self.rate_leg(event, event.to, left)
        if event.kind is not Kind.CALL or not self.plan.pays_leg_a:
            return leg
        if not own_number:
            raise NotInPlan(plan=self.plan.code, what="a call without the number of the subscriber's own phone")
        own = event if own_us is None else replace(event, quantity=own_us)
        return _joined(leg, self.rate_leg(own, own_number, _less(left, leg.used)))

    def rate_leg(self, event: UsageEvent, number: str, left: Left) -> RatedUse:
        """Return what an event costs to this number, or to any of the direction group whose code stands in its place.

        Raises: NotInPlan, NoRate, NoDeck.
        """
        group = self._group_of(event, number)
        rule = self._grid.rule_of(event, group)
        if rule is None:
            raise NotInPlan(plan=self.plan.code, what=_what(event, number))
        rate = self._rate_by(rule, event, number)
        price = None if rule.closed else rate.per_minute if rate else rule.price
        counted = _counted(rule, rate, event)
        covered = self._covered(event, group, left, price, counted) if left else []
        rest = counted - sum([units for _, units in covered])
        refused = rule.closed if rest or not (counted or self._is_given(event, group, left)) else ""
        if rule.closed:
            counted, rest = counted - rest, 0
        whole = self._whole_cost(event, rate, price, covered, rest)
        used = {a.code: units for a, units in covered}
        charge = self._paid_by_money(event, group, left, whole, used)
        parts = tuple(self._parts(event, covered, rest, whole, price))
        destination, prefix = (rate.destination, rate.prefix) if rate else ("", "")
        return RatedUse(event, group, rule.name, counted, parts, charge, used, destination, prefix, refused)

    def _group_of(self, event: UsageEvent, number: str) -> str:
        if event.kind is Kind.DATA:
            return ""
        if number and not number.isdigit() and number not in self.plan.groups.groups:
            raise NotInPlan(plan=self.plan.code, what=f"direction group '{number}': it has none of this name")
        return self.plan.groups.group_of(number)

    def _rate_by(self, rule: RateRule, event: UsageEvent, number: str) -> Rate | None:
        """Return the rate by minutes: the rule's own, or the price list's."""
        if not rule.deck:
            return self._own_rates.get(rule.name)
        if not number.isdigit():
            raise NotInPlan(plan=self.plan.code, what=f"'{number}' without a number: it is priced by a list")
        rate = self._find_rate(rule.deck, event, number)
        if rate.per_minute.currency != self.plan.currency:
            raise CurrencyMismatch(left=self.plan.currency, right=rate.per_minute.currency)
        return rate

    def _covered(self, event: UsageEvent, group: str, left: Left, price: Price | None, units: int) -> Covered:
        """Return what each allowance pays for. One that costs as much as money does is left alone."""
        found: Covered = []
        for allowance in self._units[event.kind]:
            if not units or (price and price.micro <= (allowance.price.micro if allowance.price else 0)):
                break
            taken = min(units, left.get(allowance.code, 0))
            if taken > 0 and allowance.covers(event, group):
                found.append((allowance, taken))
                units -= taken
        return found

    def _is_given(self, event: UsageEvent, group: str, left: Left) -> bool:
        """Return whether something is left of an allowance for such uses."""
        return any(left.get(each.code, 0) > 0 and each.covers(event, group) for each in self._units[event.kind])

    def _whole_cost(
        self, event: UsageEvent, rate: Rate | None, price: Price | None, covered: Covered, rest: int
    ) -> Money:
        """Return what all of it costs, rounded once."""
        if not rest and not covered:
            return self._nothing
        extra = sum([a.price.micro * units for a, units in covered if a.price]) if covered else 0
        if rate is not None and price is not None:
            return cost_of_seconds(rate, rest, extra)
        return cost(price or Price(0, self.plan.currency), rest, _per(event.kind), extra)

    def _parts(
        self, event: UsageEvent, covered: Covered, rest: int, whole: Money, price: Price | None
    ) -> Iterable[Part]:
        """Yield what each allowance covers and the rest. Kopecks of allowances are rounded as they add up: the parts
        are never below nothing and sum to the whole."""
        told, exact = 0, 0
        for allowance, units in covered:
            if allowance.price is None:
                yield Part(units, self._nothing, allowance.code)
                continue
            exact += allowance.price.micro * units
            sofar = cost(Price(exact, self.plan.currency), 1, _per(event.kind)).minor
            yield Part(units, Money(sofar - told, self.plan.currency), allowance.code, allowance.price)
            told = sofar
        if rest or whole.minor != told:
            yield Part(rest, Money(whole.minor - told, self.plan.currency) if told else whole, "", price)

    def _paid_by_money(self, event: UsageEvent, group: str, left: Left, charge: Money, used: dict[str, int]) -> Money:
        """Return what is left to pay after the money that is given for such uses; what that paid is added to `used`."""
        for allowance in self._money[event.kind]:
            paid = min(charge.minor, left.get(allowance.code, 0))
            if paid > 0 and allowance.covers(event, group):
                used[allowance.code] = paid
                charge = Money(charge.minor - paid, charge.currency)
        return charge


def _counted(rule: RateRule, rate: Rate | None, event: UsageEvent) -> int:
    """Return the units after rounding up: seconds by the rate, whole steps of data, parts as they are."""
    if rate is not None:
        return billed_seconds(rate, event.quantity)
    if event.kind is Kind.DATA:
        return -(-event.quantity // (rule.step_kb * BYTES_PER_KB)) * rule.step_kb
    return event.quantity


def _per(kind: Kind) -> int:
    """Return how many counted units a price is for."""
    return 60 if kind.is_timed else KB_PER_MB if kind is Kind.DATA else 1


def _less(left: Left, used: Mapping[str, int]) -> Left:
    return {code: amount - used.get(code, 0) for code, amount in left.items()} if used else left


def _joined(first: RatedUse, second: RatedUse) -> RatedUse:
    """Return both legs of a callback as one use."""
    used = {code: first.used.get(code, 0) + second.used.get(code, 0) for code in {**first.used, **second.used}}
    return RatedUse(
        event=first.event,
        group=first.group,
        rule=first.rule,
        counted=first.counted,
        parts=first.parts + second.parts,
        charge=first.charge + second.charge,
        used=used,
        destination=f"{first.destination} + {second.destination}",
        prefix=first.prefix,
        refused=first.refused or second.refused,
    )


def _what(event: UsageEvent, number: str) -> str:
    to = "" if event.kind is Kind.DATA or not number else f" to +{number}" if number.isdigit() else f" to {number}"
    return f"{event.kind}{to} in zone {event.zone}"
