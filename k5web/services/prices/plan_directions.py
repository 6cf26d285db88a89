"""What a subscriber's own plan asks for directions: the direction groups that it prices alike, and single numbers."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Plan, RateRule
from k5web.domain.prices.plan_cells import PriceGrid
from k5web.domain.prices.plan_quote import own_rate
from k5web.domain.prices.rating import Quote, Rate
from k5web.domain.prices.tariff import TariffPage, TariffRow, fold
from k5web.domain.prices.usage import Kind, UsageEvent, Zone
from k5web.errors import NoDeck, NoRate, NotInPlan
from k5web.services.ports import Ports
from k5web.services.prices import call_covers, tariffs
from k5web.services.prices.call_covers import Standing


def is_by_list(plan: Plan) -> bool:
    """Return whether one price list has what the plan asks for calls to all directions."""
    decks = {rule.deck for rule in plan.rates if rule.kind is Kind.CALL and Zone.HOME in rule.zones}
    return len(decks) == 1 and "" not in decks


def quote(ports: Ports, caller: Subscriber, a: Msisdn, b: Msisdn) -> Quote:
    """Return the price of a callback by the subscriber's plan, with the options that are in force.

    Raises: NotInPlan, NoRate, NoDeck, CurrencyMismatch.
    """
    return _quote(ports, caller, a.digits, b.digits)


def own_leg(ports: Ports, caller: Subscriber) -> Rate | None:
    """Return what a call to the subscriber's own phone adds to each price, None where there is no such price.

    Raises: NoDeck, CurrencyMismatch.
    """
    if caller.phone is None:
        return None
    with suppress(NoRate, NotInPlan):
        return quote(ports, caller, caller.phone, caller.phone).a
    return None


def rate_of(ports: Ports, caller: Subscriber, digits: str) -> Rate | None:
    """Return what a minute costs to numbers that begin with these digits; what the plan closes is told as blocked.

    None where so few digits decide nothing, or where there is no price. Raises: NoDeck, CurrencyMismatch.
    """
    grid, event = _asked(ports, caller)
    group = _group_of(grid.plan, digits)
    rule = None if group is None else grid.rule_of(event, group)
    if group is None or rule is None:
        return None
    if not rule.deck:
        return _rate(grid.plan, rule, group)
    with suppress(NoRate, NotInPlan):
        return _quote(ports, caller, digits, digits).b
    return None


def search(ports: Ports, caller: Subscriber, gazetteer: str, query: str) -> TariffPage:
    """Return the direction groups of the subscriber's plan with their prices: all, or those that words or digits name.

    A place that no group has in its title is found by its codes in the price list `gazetteer`.
    Raises: NoDeck, CurrencyMismatch.
    """
    grid, event = _asked(ports, caller)
    rows = list(_rows(grid, event))
    query = query.strip()[: tariffs.LONGEST_QUERY]
    digits, words = tariffs.digits_of(query), fold(query)
    if digits is not None:
        there = _groups_of(grid.plan, [digits])
        return TariffPage(rate_of(ports, caller, digits), tuple(row for group, row in rows if group in there), None)
    there = _groups_of(grid.plan, _codes_of(ports, gazetteer, query)) if words else set()
    found = (row for group, row in rows if words in fold(row.destination) or group in there)
    return TariffPage(None, tuple(found), None)


def _asked(ports: Ports, caller: Subscriber) -> tuple[PriceGrid, UsageEvent]:
    """Return the plan's prices, and a call with the options that are in force now."""
    grid, now = ports.plans.grid(caller.plan_code), _standing(ports, caller)
    return grid, UsageEvent(ports.clock(), Kind.CALL, options=now.options, unpaid=now.unpaid)


def _quote(ports: Ports, caller: Subscriber, a_digits: str, b_digits: str) -> Quote:
    now = _standing(ports, caller)
    return ports.plans.quote(caller, a_digits, b_digits, now.options, now.unpaid)[1]


def _standing(ports: Ports, caller: Subscriber) -> Standing:
    with ports.sessions.read() as db:
        return call_covers.standing(db, caller.id, ports.plans.of(caller))


def _rows(grid: PriceGrid, event: UsageEvent) -> Iterator[tuple[str, TariffRow]]:
    """Yield each group with its row, in the order of the file; a plan without groups has one, named ""."""
    prefixes: dict[str, list[str]] = {}
    for prefix, group in sorted(grid.plan.groups.table.entries.items()):
        prefixes.setdefault(group, []).append(prefix)
    for group in grid.plan.groups.groups or [""]:
        rule = grid.rule_of(event, group)
        if rule is not None:
            rate = None if rule.deck else _rate(grid.plan, rule, group)
            title = grid.plan.groups.title_of(group)
            yield group, TariffRow(title, own_rate(grid.plan, rule).per_minute, tuple(prefixes.get(group, ())), rate)


def _rate(plan: Plan, rule: RateRule, group: str) -> Rate:
    return replace(own_rate(plan, rule, plan.groups.title_of(group)), is_blocked=bool(rule.closed))


def _group_of(plan: Plan, digits: str) -> str | None:
    """Return the group of numbers that begin so, None where these digits are the beginning of several."""
    table = plan.groups.table
    is_short = any(prefix.startswith(digits) for prefix in table.entries)
    return table.longest(digits) or (None if is_short else plan.groups.rest)


def _groups_of(plan: Plan, prefixes: Sequence[str]) -> set[str]:
    """Return the groups in which numbers that begin so may lie."""
    table = plan.groups.table
    inside = {group for prefix, group in table.entries.items() if prefix.startswith(tuple(prefixes))}
    return inside | {table.longest(prefix) or plan.groups.rest for prefix in prefixes}


def _codes_of(ports: Ports, gazetteer: str, query: str) -> list[str]:
    with suppress(NoDeck):
        return [prefix for row in tariffs.search(ports, gazetteer, query).rows for prefix in row.prefixes]
    return []
