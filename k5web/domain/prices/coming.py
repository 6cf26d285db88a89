"""What changes when other prices take force, as people read it: destinations, and the sums of a plan."""

from dataclasses import dataclass

from k5web.domain.prices.deck_difference import DeckDifference, PriceChange, is_worse
from k5web.domain.prices.plan import Allowance, Fee, Plan, ServicePrice
from k5web.domain.prices.rating import Rate

Sum = Fee | ServicePrice | Allowance


@dataclass(frozen=True, slots=True)
class ComingRate:
    """A destination by its present name, and its terms now and then; None: the list has no price for it."""

    destination: str
    now: Rate | None
    then: Rate | None


@dataclass(frozen=True, slots=True)
class ComingRates:
    """What becomes dearer or worse, and what else changes, by destination."""

    dearer: tuple[ComingRate, ...]
    other: tuple[ComingRate, ...]


@dataclass(frozen=True, slots=True)
class ComingSum:
    """A fee, a service or a gift of a plan, now and then; None: the plan has it not. `title` "": the plan's own fee."""

    title: str
    now: Sum | None
    then: Sum | None


def coming_rates(changes: DeckDifference) -> ComingRates:
    """Return a difference of price lists by destination; another name alone is no change."""
    kinds = (changes.dearer, changes.cheaper, changes.changed, changes.new, changes.gone)
    rows = {
        (_name_of(change), _terms(change.before), _terms(change.after)): ComingRate(
            _name_of(change), change.before, change.after
        )
        for kind in kinds
        for change in kind
        if _terms(change.before) != _terms(change.after)
    }
    found = sorted(rows.values(), key=lambda row: row.destination)
    dearer = tuple(row for row in found if is_worse(row.now, row.then))
    return ComingRates(dearer, tuple(row for row in found if not is_worse(row.now, row.then)))


def coming_sums(before: Plan, after: Plan) -> tuple[ComingSum, ...]:
    """Return the fees, options, services and gifts that change from one version of a plan to the next."""
    was, becomes = _sums(before), _sums(after)
    rows = (
        ComingSum(title, was.get(key), becomes.get(key)) for key, title in (_titles(after) | _titles(before)).items()
    )
    return tuple(row for row in rows if row.now != row.then)


def has_other_terms(before: Plan, after: Plan) -> bool:
    """Return whether anything else that subscribers may notice changes, such as prices of use."""
    return _other_terms(before) != _other_terms(after)


def _sums(plan: Plan) -> dict[str, Sum]:
    sums: dict[str, Sum] = {f"fee {n}": fee for n, fee in enumerate(plan.fees)}
    sums |= {f"option {option.code}": option.fee for option in plan.options.values()}
    sums |= {f"service {service.code}": service for service in plan.services.values()}
    return sums | {f"gift {allowance.code}": allowance for allowance in plan.allowances}


def _titles(plan: Plan) -> dict[str, str]:
    titles = {f"fee {n}": "" for n, _ in enumerate(plan.fees)}
    titles |= {f"option {option.code}": option.title for option in plan.options.values()}
    titles |= {f"service {service.code}": service.title for service in plan.services.values()}
    return titles | {f"gift {allowance.code}": allowance.title for allowance in plan.allowances}


def _other_terms(plan: Plan) -> tuple[object, ...]:
    calling = (plan.deck, plan.other_decks, plan.currency, plan.pays_leg_a, plan.a_leg_from, plan.calls_at_once)
    parts = (plan.unpaid_stops, plan.includes, plan.pbx_users, plan.change, plan.idle)
    return (*calling, plan.max_talk_minutes, plan.rates, *parts)


def _name_of(change: PriceChange) -> str:
    rate = change.after or change.before
    return rate.destination if rate else ""


def _terms(rate: Rate | None) -> tuple[object, ...]:
    if rate is None:
        return ()
    counting = (rate.increment_s, rate.minimum_s, rate.free_below_s)
    return (rate.per_minute.micro, rate.per_minute.currency, rate.fee.micro, *counting, rate.is_blocked)
