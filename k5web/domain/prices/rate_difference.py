"""Which prices of use change from one version of a plan to another, number by number, option by option."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from k5web.domain.prices.plan import Plan, RateRule, State
from k5web.domain.prices.plan_cells import asked_options
from k5web.domain.prices.usage import Kind, Zone

PER = {Kind.SMS: "sms", Kind.DATA: "MB"}  # what a price is of; of everything else, a minute

Pair = tuple[str, str]  # the direction groups of the same numbers, before and after


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a difference, in words; `is_dearer` where some use, fee or right becomes worse for a subscriber."""

    words: str
    is_dearer: bool


def group_pairs(before: Plan, after: Plan) -> list[Pair]:
    """Return in which groups numbers lie before and after, each pair once; a plan without groups has one, named ""."""
    old, new = before.groups.table, after.groups.table
    found: dict[Pair, None] = {}
    for prefix in sorted(old.entries.keys() | new.entries.keys()):
        found[old.longest(prefix) or before.groups.rest, new.longest(prefix) or after.groups.rest] = None
    found[before.groups.rest, after.groups.rest] = None
    return list(found)


def rate_changes(before: Plan, after: Plan) -> Iterator[Change]:
    """Yield what changes in the prices of use, each change of a rule into another once."""
    for kind in dict.fromkeys(rule.kind for rule in (*before.rates, *after.rates)):
        found: dict[tuple[str, bool], list[str]] = {}
        for place, old, new in _cells(before, after, kind):
            if old != new and (told := _compared(kind, old, new)) is not None:
                found.setdefault((told.words, told.is_dearer), []).append(place)
        for (words, is_dearer), places in found.items():
            yield Change(f"{kind}{_joined(places)}: {words}", is_dearer)


def _cells(before: Plan, after: Plan, kind: Kind) -> Iterator[tuple[str, RateRule | None, RateRule | None]]:
    """Yield each place where a use may lie, with its rule before and after."""
    asked = {*asked_options(before.rates, kind), *asked_options(after.rates, kind)} & before.options.keys()
    pairs = [("", "")] if kind is Kind.DATA else group_pairs(before, after)
    for (old, new), zone, states in product(pairs, Zone, product(State, repeat=len(asked))):
        by_option = dict(zip(sorted(asked), states, strict=True))
        place = [*([f"to {old or new}"] if old or new else []), f"zone {zone}"]
        place += [f"{option} {state}" for option, state in by_option.items()]
        found = (_rule(before, kind, zone, old, by_option), _rule(after, kind, zone, new, by_option))
        yield ", ".join(place), *found


def _rule(plan: Plan, kind: Kind, zone: Zone, group: str, states: Mapping[str, State]) -> RateRule | None:
    """Return the rule of a use; an option that the plan does not have is off."""
    held = {option: states.get(option, State.OFF) for option in plan.options}
    for rule in plan.rates:
        if rule.kind is kind and zone in rule.zones and (not rule.groups or group in rule.groups) and rule.allows(held):
            return rule
    return None


def _compared(kind: Kind, old: RateRule | None, new: RateRule | None) -> Change | None:
    """Return what becomes of a use, None for nothing. A price list instead of a price may make some number dearer."""
    was, now = _words(kind, old), _words(kind, new)
    if old and new and old.closed and new.closed:  # allowances may still pay for it
        was, now = (f"closed, counted {_counting(rule)}" for rule in (old, new))
    return None if was == now else Change(f"{was} → {now}", _is_worse(old, new))


def _is_worse(old: RateRule | None, new: RateRule | None) -> bool:
    if old is None:
        return False
    if new is None or (new.closed and not old.closed):
        return True
    if new.price is not None and not new.price.micro:
        return False
    if old.closed:  # its allowances last no shorter
        return not _counts_no_worse(old, new)
    if old.price is None or new.price is None:
        return old.deck != new.deck
    return new.price.micro > old.price.micro or not _counts_no_worse(old, new)


def _counts_no_worse(old: RateRule, new: RateRule) -> bool:
    """Return whether no use is counted longer. A step that does not divide the old one may count one longer."""
    if old.kind is Kind.DATA:
        return old.step_kb % new.step_kb == 0
    if not old.kind.is_timed:
        return True
    is_step_fine = old.increment_s % new.increment_s == 0
    return is_step_fine and new.minimum_s <= old.minimum_s and new.free_below_s >= old.free_below_s


def _words(kind: Kind, rule: RateRule | None) -> str:
    if rule is None:
        return "no price"
    if rule.closed:
        return "closed"
    if rule.price is None:
        return f"price list {rule.deck}"
    price = f"{rule.price} {rule.price.currency}/{PER.get(kind, 'min')}"
    return f"{price} {_counting(rule)}".strip()


def _counting(rule: RateRule) -> str:
    """Return how a use is counted: data by steps, talk by seconds, messages by themselves."""
    if rule.kind is Kind.DATA:
        return f"by {rule.step_kb} KB"
    counting = f"by {rule.increment_s} s, at least {rule.minimum_s} s, free below {rule.free_below_s} s"
    return counting if rule.kind.is_timed else ""


def _joined(places: Iterable[str]) -> str:
    first, *others = places
    more = f" and {len(others)} more cases" if others else ""
    return f" {first}{more}"
