"""What changes from one version of a plan to another: what becomes dearer or worse for a subscriber, and what else.

Whatever cannot be shown to cost no more counts as dearer: it needs its notice (docs/plans.md).
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TypeVar

from k5web.domain.money import Money
from k5web.domain.prices.plan import Allowance, ChangeRule, IdleRule, Option, Plan, ServicePrice
from k5web.domain.prices.rate_difference import Change, group_pairs, rate_changes
from k5web.domain.prices.usage import Every

NOTHING = "nothing"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """The lines of a difference, in words: what becomes dearer or worse, and all other changes."""

    dearer: tuple[str, ...]
    other: tuple[str, ...]


def compare_plans(before: Plan, after: Plan) -> PlanDifference:
    """Return what changes for a subscriber of a plan."""
    changes = [
        *_calling(before, after),
        *rate_changes(before, after),
        *_fees(before, after),
        *_options(before, after),
        *_allowances(before, after),
        *_services(before, after),
        *_rules(before, after),
        *_texts(before, after),
    ]
    dearer = tuple(change.words for change in changes if change.is_dearer)
    return PlanDifference(dearer, tuple(change.words for change in changes if not change.is_dearer))


def _changed(what: str, was: object, now: object, is_dearer: bool) -> Iterator[Change]:
    """Yield the line of a value that may have changed."""
    if was != now:
        yield Change(f"{what}: {_said(was)} → {_said(now)}", is_dearer)


def _said(value: object) -> str:
    return {"": NOTHING, "True": "yes", "False": "no"}.get(str(value), str(value))


def _calling(before: Plan, after: Plan) -> Iterator[Change]:
    yield from _changed("currency", before.currency, after.currency, True)
    legs = {True: "both legs are paid for", False: "the subscriber's own leg is free"}
    yield from _changed("legs", legs[before.pays_leg_a], legs[after.pays_leg_a], after.pays_leg_a)
    is_longer = after.pays_leg_a and after.a_leg_from == "a_answer"
    yield from _changed("leg A counts from", before.a_leg_from, after.a_leg_from, is_longer)
    is_fewer = after.calls_at_once < before.calls_at_once
    yield from _changed("calls at once", before.calls_at_once, after.calls_at_once, is_fewer)
    is_shorter = after.max_talk_minutes < before.max_talk_minutes
    yield from _changed("longest talk, minutes", before.max_talk_minutes, after.max_talk_minutes, is_shorter)
    for currency in sorted(before.other_decks.keys() | after.other_decks.keys()):
        was, now = (plan.other_decks.get(currency, NOTHING) for plan in (before, after))
        yield from _changed(f"price list of accounts in {currency}", was, now, was != NOTHING)


def _fees(before: Plan, after: Plan) -> Iterator[Change]:
    for every in (Every.MONTH, Every.DAY):
        was, now = _fee(before, every), _fee(after, every)
        yield from _changed(f"fee of a {every}", was, now, now.minor > was.minor)
    first, now_first = (_set(fee.first for fee in plan.fees) or "prorated" for plan in (before, after))
    yield from _changed("first fee", first, now_first, "full" in now_first)


def _fee(plan: Plan, every: Every) -> Money:
    return Money(sum(fee.amount.minor for fee in plan.fees if fee.every is every), plan.currency)


def _options(before: Plan, after: Plan) -> Iterator[Change]:
    for code, was, now in _both(before.options, after.options):
        if was is None or now is None:
            yield Change(f"option {code} {'is new' if was is None else 'goes'}", now is None)
        elif was != now:
            yield from _option(f"option {code}", was, now)
    for option in after.options.values():
        if option.starts_with_plan and option.code not in before.options and option.fee.amount.minor:
            yield Change(f"option {option.code} is connected with the plan, for {option.fee.amount}", True)


def _option(name: str, was: Option, now: Option) -> Iterator[Change]:
    is_dearer = now.fee.amount.minor > was.fee.amount.minor
    yield from _changed(f"{name}, fee", was.fee.amount, now.fee.amount, is_dearer)
    yield from _changed(f"{name}, every", was.fee.every, now.fee.every, bool(now.fee.amount.minor))
    yield from _changed(f"{name}, first fee", was.fee.first, now.fee.first, now.fee.first == "full")
    by_itself = now.starts_with_plan and bool(now.fee.amount.minor)
    yield from _changed(f"{name}, connected with the plan", was.starts_with_plan, now.starts_with_plan, by_itself)
    yield from _changed(f"{name}, needs the plan paid", was.needs_paid_plan, now.needs_paid_plan, now.needs_paid_plan)
    yield from _changed(f"{name}, excludes", _set(was.excludes), _set(now.excludes), bool(now.excludes - was.excludes))


def _allowances(before: Plan, after: Plan) -> Iterator[Change]:
    old, new = ({allowance.code: allowance for allowance in plan.allowances} for plan in (before, after))
    for code, was, now in _both(old, new):
        if was is None or now is None:
            yield Change(f"allowance {code} {'is new' if was is None else 'goes'}", now is None)
        elif was != now or before.groups != after.groups:
            yield from _allowance(f"allowance {code}", before, after, was, now)
    order, now_order = (_order(plan, old.keys() & new.keys()) for plan in (before, after))
    yield from _changed("order in which allowances are used", order, now_order, True)


def _order(plan: Plan, codes: Set[str]) -> str:
    return ", ".join(allowance.code for allowance in plan.allowances_in_use if allowance.code in codes)


def _allowance(name: str, before: Plan, after: Plan, was: Allowance, now: Allowance) -> Iterator[Change]:
    is_less = was.unit != now.unit or now.amount < was.amount
    yield from _changed(f"{name}, amount", f"{was.amount} {was.unit}", f"{now.amount} {now.unit}", is_less)
    yield from _changed(f"{name}, every", was.every, now.every, True)
    yield from _changed(f"{name}, rolls over", was.rolls_over, now.rolls_over, was.rolls_over)
    is_dearer = _micro(now) > _micro(was) or _reaches_more(after, was, now)
    yield from _changed(f"{name}, price", was.price or "", now.price or "", is_dearer)
    # What is used for more is used up sooner: another use, a dearer one, may then be paid for
    yield from _changed(f"{name}, with option", was.option, now.option, True)
    yield from _changed(f"{name}, kinds", _set(was.kinds), _set(now.kinds), True)
    yield from _changed(f"{name}, zones", _set(was.zones), _set(now.zones), True)
    lost, gained = _moved(before, after, was, now)
    if lost or gained or was.groups != now.groups:
        words = f"{_set(was.groups) or 'all'} → {_set(now.groups) or 'all'}"
        less = f", no longer all of {_set(lost)}" if lost else ""
        yield Change(f"{name}, directions: {words}{less}", bool(lost or gained))


def _moved(before: Plan, after: Plan, was: Allowance, now: Allowance) -> tuple[list[str], list[str]]:
    """Return the groups of numbers that an allowance does not cover any more, and of those that it covers newly."""
    lost, gained = [], []
    for old, new in group_pairs(before, after):
        covered, covers = not was.groups or old in was.groups, not now.groups or new in now.groups
        lost += [old] if covered and not covers else []
        gained += [new] if covers and not covered else []
    return lost, gained


def _reaches_more(plan: Plan, was: Allowance, now: Allowance) -> bool:
    """Return whether a lower price may pay for uses that money paid for: an allowance covers what costs more."""
    rules = [rule for rule in plan.rates if rule.kind in now.kinds]
    return _micro(now) < _micro(was) and any(
        rule.deck or (rule.price is not None and _micro(now) < rule.price.micro <= _micro(was)) for rule in rules
    )


def _micro(allowance: Allowance) -> int:
    return allowance.price.micro if allowance.price else 0


def _services(before: Plan, after: Plan) -> Iterator[Change]:
    for code, was, now in _both(before.services, after.services):
        if was is None or now is None:
            yield Change(f"service {code} {'is new' if was is None else 'goes'}", now is None)
        else:
            yield from _service(f"service {code}", was, now)


def _service(name: str, was: ServicePrice, now: ServicePrice) -> Iterator[Change]:
    yield from _changed(f"{name}, price", was.price, now.price, now.price.minor > was.price.minor)
    yield from _changed(f"{name}, every", was.every, now.every, bool(now.price.minor))
    yield from _changed(f"{name}, included", was.included, now.included, now.included < was.included)
    is_fewer = now.most is not None and (was.most is None or now.most < was.most)
    most, now_most = ("any number" if service.most is None else service.most for service in (was, now))
    yield from _changed(f"{name}, most", most, now_most, is_fewer)
    yield from _changed(f"{name}, counted with", was.together_with, now.together_with, True)


def _rules(before: Plan, after: Plan) -> Iterator[Change]:
    yield from _change_rule(before.change, after.change)
    yield from _idle_rule(before.idle, after.idle)
    is_narrower = bool(after.needs_plan) and (not before.needs_plan or bool(before.needs_plan - after.needs_plan))
    yield from _changed("runs beside", _set(before.needs_plan), _set(after.needs_plan), is_narrower)
    is_more = bool(after.unpaid_stops - before.unpaid_stops)
    users, now_users = (plan.pbx_users or 0 for plan in (before, after))
    yield from _changed("people of the PBX", users, now_users, now_users < users)
    yield from _changed("stops while a fee is unpaid", _set(before.unpaid_stops), _set(after.unpaid_stops), is_more)


def _change_rule(was: ChangeRule | None, now: ChangeRule | None) -> Iterator[Change]:
    if was is None or now is None:
        yield from _changed("change to this plan", was or "free", now or "free", now is not None)
        return
    yield from _changed("change to this plan, fee", was.fee, now.fee, now.fee.minor > was.fee.minor)
    days, now_days = was.free_after_days, now.free_after_days
    is_later = now_days > days if days and now_days else bool(days)  # 0: the fee is always taken
    yield from _changed("change to this plan, free after days", days, now_days, is_later)
    needs, now_needs = was.needs_first_fee, now.needs_first_fee
    yield from _changed("change to this plan, needs the first fee", needs, now_needs, now_needs)


def _idle_rule(was: IdleRule | None, now: IdleRule | None) -> Iterator[Change]:
    words, now_words = (f"after {rule.days} days {rule.becomes}" if rule else NOTHING for rule in (was, now))
    is_same_or_later = was is not None and now is not None and now.becomes == was.becomes and now.days >= was.days
    yield from _changed("without paid use", words, now_words, now is not None and not is_same_or_later)


def _texts(before: Plan, after: Plan) -> Iterator[Change]:
    for line in before.includes:
        if line not in after.includes:
            yield Change(f"no longer included: {line}", True)
    for line in after.includes:
        if line not in before.includes:
            yield Change(f"newly included: {line}", False)
    yield from _changed("title", before.title, after.title, False)
    yield from _changed("operator", before.operator, after.operator, False)
    yield from _changed("source", before.source, after.source, False)


def _both(old: Mapping[str, T], new: Mapping[str, T]) -> Iterator[tuple[str, T | None, T | None]]:
    for code in dict.fromkeys((*old, *new)):
        yield code, old.get(code), new.get(code)


def _set(codes: Iterable[str]) -> str:
    return ", ".join(sorted(set(codes)))
