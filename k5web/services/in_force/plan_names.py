"""What a plan file names: options, services, direction groups, other plans; what is not there is a mistake."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Protocol

from k5web.domain.prices.deck_cells import shown
from k5web.domain.prices.plan import Condition, Fee, Plan, State


class Notes(Protocol):
    """Where the mistakes of a file are noted."""

    def fault(self, words: str, table: str = "", n: int = 0, key: str = "") -> None:
        """Note a mistake at a key of the n-th table of this name; without a table, at a key before all tables."""


def check_names(notes: Notes, plan: Plan) -> None:
    """Note options, services and direction groups that the plan names and does not have."""
    for n, rule in enumerate(plan.rates, start=1):
        _known(notes, rule.groups, plan.groups.groups, "direction group", "rate", n, "to")
        for condition in rule.conditions:
            _known(notes, {condition.option}, plan.options, "option", "rate", n, _key_of(condition))
    priced = {rule.kind for rule in plan.rates}
    for n, allowance in enumerate(plan.allowances, start=1):
        _known(notes, allowance.groups, plan.groups.groups, "direction group", "allowance", n, "to")
        _known(notes, {allowance.option} - {""}, plan.options, "option", "allowance", n, "option")
        for kind in sorted(allowance.kinds - priced):
            notes.fault(f"can never be used: no rate is of kind {kind}", "allowance", n, "kind")
    for n, option in enumerate(plan.options.values(), start=1):
        _known(notes, option.excludes, plan.options, "option", "option", n, "excludes")
    for n, service in enumerate(plan.services.values(), start=1):
        _known(notes, {service.together_with} - {""}, plan.services, "service", "service", n, "together_with")


def check_plans(notes: Notes, plan: Plan, others: Collection[str]) -> None:
    """Note other plans that the plan names and that are not there, or are the plan itself."""
    becomes = {plan.idle.becomes} if plan.idle else set()
    for names, table, n, key in ((plan.needs_plan, "", 0, "needs_plan"), (becomes, "idle", 1, "becomes")):
        if plan.code in names:
            notes.fault(f"{key}: '{plan.code}' is this plan itself", table, n, key)
        _known(notes, names - {plan.code}, {*others} - {plan.code}, "plan", table, n, key)


def check_giving(notes: Notes, plan: Plan) -> None:
    """Note what is never taken or given: a plan takes one fee, and an allowance comes with the fee of its giver."""
    for n, _ in enumerate(plan.fees[1:], start=2):
        notes.fault(
            "a plan has one fee that recurs: add this one to it, or make it an option's (starts_with_plan = true)",
            "fee",
            n,
        )
    for n, allowance in enumerate(plan.allowances, start=1):
        fee = _fee_of(plan, allowance.option)
        if fee is None:
            notes.fault("is never given: the plan has no fee that recurs; one of 0.00 gives it", "allowance", n)
        elif fee.every is not allowance.every:
            giver = f"option {allowance.option}" if allowance.option else "the plan"
            words = f'every: {giver} is paid by the {fee.every} and gives it then: write "{fee.every}"'
            notes.fault(words, "allowance", n, "every")


def meant(word: str, known: Iterable[str]) -> str:
    """Return what may have been meant by a word, for the end of a sentence; else what there is."""
    begun = [name for name in known if len(word) > 2 and name.startswith(word)]
    close = begun or get_close_matches(word[:40], list(known), n=1)
    return f": did you mean '{close[0]}'?" if close else f"; there are: {', '.join(sorted(known))}"


def _fee_of(plan: Plan, option: str) -> Fee | None:
    return plan.options[option].fee if option else next(iter(plan.fees), None)


def _key_of(condition: Condition) -> str:
    """Return the key under which a condition was written, the first of them."""
    keys = {State.ON: "with", State.UNPAID: "unpaid", State.OFF: "without"}
    return next(key for state, key in keys.items() if state in condition.states)


def _known(notes: Notes, named: Iterable[str], there: Iterable[str], what: str, table: str, n: int, key: str) -> None:
    for name in sorted(set(named) - set(there)):
        notes.fault(f"there is no {what} '{shown(name)}'{meant(name, there)}", table, n, key)
