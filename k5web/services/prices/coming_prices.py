"""What is published and not in force yet, for everybody to see: of a price list, and of a plan."""

from dataclasses import dataclass
from datetime import date

from k5web.domain.prices.coming import ComingRates, ComingSum, coming_rates, coming_sums, has_other_terms
from k5web.domain.prices.deck_difference import difference
from k5web.services.ports import Ports


@dataclass(frozen=True, slots=True)
class ComingDeck:
    """The day on which a price list changes next, and what changes then."""

    day: date
    rates: ComingRates


@dataclass(frozen=True, slots=True)
class ComingPlan:
    """The day on which the next version of a plan takes force, and what it changes."""

    day: date
    sums: tuple[ComingSum, ...]
    has_more: bool  # prices of use or other terms change, too


def of_deck(ports: Ports, deck: str) -> ComingDeck | None:
    """Return what changes next in a price list, None where nothing is published. Raises: NoDeck, Unavailable."""
    following = ports.rates.following(deck)
    if following is None:
        return None
    now = ports.rates.snapshot(deck)
    if following.changes is None or following.changes[0] != now.edition:
        following.changes = now.edition, coming_rates(difference(now.table, following.table))
    found = following.changes[1]
    return ComingDeck(ports.day_of(following.edition.since), found) if found.dearer or found.other else None


def of_plan(ports: Ports, code: str) -> ComingPlan | None:
    """Return what changes next in a plan, None where no change is published. Raises: NoPlan, Unavailable."""
    following = ports.plans.following(code)
    if following is None:
        return None
    moment, after = following
    before = ports.plans.current(code)
    found = ComingPlan(ports.day_of(moment), coming_sums(before, after), has_other_terms(before, after))
    return found if found.sums or found.has_more else None
