"""The price of a callback by a plan: the rule of each leg, its price list's rate or its own price."""

from dataclasses import replace
from typing import Protocol

from k5web.domain.money import Price
from k5web.domain.prices.number import HOME, Msisdn
from k5web.domain.prices.plan import Plan, RateRule
from k5web.domain.prices.plan_cells import PriceGrid
from k5web.domain.prices.rating import Quote, Rate
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.errors import CurrencyMismatch, NotInPlan


class FindsDeckRate(Protocol):
    """The price lists in force, each in the currency of the account."""

    def __call__(self, deck: str, number: str) -> Rate:
        """Return the rate of a number. Raises: NoRate, NoDeck."""


def quote_call(grid: PriceGrid, event: UsageEvent, a_number: str, currency: str, find_rate: FindsDeckRate) -> Quote:
    """Return the price of a callback from this phone to the number of the event, for an account in this currency.

    Where a plan charges leg B alone, leg A is free to a phone of the operator's own country; abroad it is paid.

    Raises: NotInPlan, NoRate, NoDeck, CurrencyMismatch.
    """
    a, b = (leg_rate(grid, replace(event, to=number), currency, find_rate) for number in (a_number, event.to))
    is_free = not grid.plan.pays_leg_a and Msisdn(a_number).region == HOME
    return Quote(a_number, event.to, free(a) if is_free else a, b, grid.plan.a_leg_from)


def leg_rate(grid: PriceGrid, event: UsageEvent, currency: str, find_rate: FindsDeckRate) -> Rate:
    """Return what a leg of this kind costs to, or from, the number of the event, in the currency of the account.

    Raises: NotInPlan, NoRate, NoDeck, CurrencyMismatch.
    """
    rate = _leg_rate(grid, event, find_rate)
    if rate.per_minute.currency != currency:
        raise CurrencyMismatch(left=rate.per_minute.currency, right=currency)
    return rate


def dearest_rate(plan: Plan, kind: Kind, currency: str) -> Rate:
    """Return the dearest of the prices that a plan itself names for a kind of call: of whoever shows no number.

    Raises: NotInPlan, CurrencyMismatch.
    """
    named = [own_rate(plan, rule) for rule in plan.rates if rule.kind is kind and rule.price is not None]
    if not named:
        raise NotInPlan(plan=plan.code, what=f"{kind} of a hidden number")
    if plan.currency != currency:
        raise CurrencyMismatch(left=plan.currency, right=currency)
    return max(named, key=lambda rate: rate.per_minute.micro)


def _leg_rate(grid: PriceGrid, event: UsageEvent, find_rate: FindsDeckRate) -> Rate:
    plan = grid.plan
    group = plan.groups.group_of(event.to)
    rule = grid.rule_of(event, group)
    if rule is None or rule.closed:
        raise NotInPlan(plan=plan.code, what=f"{event.kind} to +{event.to} in zone {event.zone}")
    return find_rate(rule.deck, event.to) if rule.deck else own_rate(plan, rule, plan.groups.title_of(group))


def own_rate(plan: Plan, rule: RateRule, destination: str = "") -> Rate:
    """Return a rule as a rate by minutes, with its way to count seconds; what is closed is counted too."""
    return Rate(
        prefix="",  # a group of many
        destination=destination,
        per_minute=rule.price or Price(0, plan.currency),
        increment_s=rule.increment_s,
        minimum_s=rule.minimum_s,
        free_below_s=rule.free_below_s,
    )


def free(rate: Rate) -> Rate:
    """Return what a leg costs that the operator pays for."""
    return replace(rate, per_minute=Price(0, rate.per_minute.currency), connect_fee=None)
