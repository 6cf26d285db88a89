"""Plans for people: side by side, and the price of a direction on each."""

from dataclasses import dataclass, replace

from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.plan_rating import PlanMeter
from k5web.domain.prices.rating import MINUTE_US
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.errors import K5Error, NotInPlan
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.services.prices import coming_prices
from k5web.services.prices.coming_prices import ComingPlan
from k5web.services.prices.dated_tables import DatedRates

MOST_CALLS = 5000  # of a month that is priced anew


@dataclass(frozen=True, slots=True)
class PlanPrice:
    """A plan, and what a minute to a number costs with the options that it begins with; None where it is not called."""

    plan: Plan
    minute: Money | None = None  # of leg B
    refusal: K5Error | None = None
    coming: ComingPlan | None = None


def choices(ports: Ports) -> list[Plan]:
    """Return the plans in force, cheapest fee first."""
    found = [ports.plans.current(code) for code in ports.plans.codes()]
    return sorted(found, key=lambda plan: (sum(fee.amount.minor for fee in plan.fees), plan.title))


def compare(ports: Ports, number: Msisdn | None) -> list[PlanPrice]:
    """Return all plans, with the price of a minute to a number where one is given."""
    found = [_price(ports, plan, number) for plan in choices(ports)]
    return [replace(price, coming=coming_prices.of_plan(ports, price.plan.code)) for price in found]


def _price(ports: Ports, plan: Plan, number: Msisdn | None) -> PlanPrice:
    if number is None:
        return PlanPrice(plan)
    now = ports.clock().astimezone(OPERATOR_ZONE)
    minute = UsageEvent(now, Kind.CALL, number.digits, MINUTE_US, options=plan.begins_with)
    try:
        use = PlanMeter(replace(plan, pays_leg_a=False), DatedRates(ports)).rate(minute, {})
        return PlanPrice(plan, use.charge, refusal=NotInPlan(plan=plan.code, what=use.refused) if use.refused else None)
    except K5Error as error:
        if error.status >= 500:
            raise
        return PlanPrice(plan, refusal=error)
