"""What another version of a plan would have taken for the last month of those who have the plan."""

from collections.abc import Iterable
from dataclasses import dataclass

from k5web.domain.money import Money


@dataclass(frozen=True, slots=True)
class SubscriberMonth:
    """A subscriber's last month by the version there is and by the new one: calls, and the fees of plan and options."""

    now: Money
    then: Money
    calls: int
    unpriced: int  # calls that the new version has no price for


@dataclass(frozen=True, slots=True)
class PlanEffect:
    """The months of all subscribers together. Units: minor; one for each currency."""

    currency: str
    subscribers: int = 0
    calls: int = 0
    unpriced: int = 0
    now: int = 0
    then: int = 0
    dearer: int = 0  # subscribers who would have paid more
    cheaper: int = 0
    most: int = 0  # that one of them would have paid more


def plan_effects(months: Iterable[SubscriberMonth]) -> list[PlanEffect]:
    """Return the sums, by currency."""
    found: dict[str, PlanEffect] = {}
    for month in months:
        known = found.get(month.now.currency, PlanEffect(month.now.currency))
        more = month.then.minor - month.now.minor
        found[known.currency] = PlanEffect(
            known.currency,
            known.subscribers + 1,
            known.calls + month.calls,
            known.unpriced + month.unpriced,
            known.now + month.now.minor,
            known.then + month.then.minor,
            known.dearer + (more > 0),
            known.cheaper + (more < 0),
            max(known.most, more),
        )
    return [found[currency] for currency in sorted(found)]
