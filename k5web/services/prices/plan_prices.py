"""Plans for people: side by side, the price of a direction on each, one's own last month on another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.call import durations, split_call_id
from k5web.domain.money import Money
from k5web.domain.prices.allowances import AllowanceBook
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.plan_rating import PlanMeter
from k5web.domain.prices.rating import MINUTE_US
from k5web.domain.prices.usage import Every, Kind, UsageEvent
from k5web.errors import K5Error, NotInPlan
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices.dated_tables import DatedRates
from k5web.storage.calls import call_rows, past_call_rows

MOST_CALLS = 5000  # of a month that is priced anew


@dataclass(frozen=True, slots=True)
class PlanPrice:
    """A plan, and what a minute to a number costs on it without options; None where it cannot be called."""

    plan: Plan
    minute: Money | None = None  # of leg B
    refusal: K5Error | None = None


@dataclass(frozen=True, slots=True)
class MonthOn:
    """The subscriber's last month: what it cost, and what it would have cost on a plan."""

    plan: Plan
    since: datetime
    calls: int
    priced: int  # of the calls: those that the plan has a price for
    was: Money
    calls_on_plan: Money
    fees_on_plan: Money

    @property
    def on_plan(self) -> Money:
        """Calls and the plan's own fees."""
        return self.calls_on_plan + self.fees_on_plan

    @property
    def difference(self) -> Money:
        """What it would have been more, below zero less."""
        return self.on_plan - self.was


def choices(ports: Ports) -> list[Plan]:
    """Return the plans in force, cheapest fee first."""
    found = [ports.plans.current(code) for code in ports.plans.codes()]
    return sorted(found, key=lambda plan: (sum(fee.amount.minor for fee in plan.fees), plan.title))


def compare(ports: Ports, number: Msisdn | None) -> list[PlanPrice]:
    """Return all plans, with the price of a minute to a number where one is given."""
    return [_price(ports, plan, number) for plan in choices(ports)]


def _price(ports: Ports, plan: Plan, number: Msisdn | None) -> PlanPrice:
    if number is None:
        return PlanPrice(plan)
    minute = UsageEvent(ports.clock().astimezone(OPERATOR_ZONE), Kind.CALL, number.digits, MINUTE_US)
    try:
        use = PlanMeter(replace(plan, pays_leg_a=False), DatedRates(ports)).rate(minute, {})
        return PlanPrice(plan, use.charge, refusal=NotInPlan(plan=plan.code, what=use.refused) if use.refused else None)
    except K5Error as error:
        if error.status >= 500:
            raise
        return PlanPrice(plan, refusal=error)


def last_month_on(ports: Ports, subscriber: Subscriber, code: str) -> MonthOn:
    """Return the last whole month of a subscriber priced on a plan, without options. Raises: NoPlan."""
    plan = ports.plans.current(code)
    until = start_of_day(ports.today().replace(day=1))
    since = start_of_day((until.date() - timedelta(days=1)).replace(day=1))
    with ports.sessions.read() as db:
        calls = past_call_rows.settled_between(db, subscriber.id, since, until, MOST_CALLS)
        legs = {call.id: call_rows.cdrs(db, *split_call_id(call.id)) for call in calls}
    was = Money(sum(call.cost.minor for call in calls if call.cost), subscriber.currency)
    uses = [
        (call.quote.a_number, _use(call.quote.b_number, durations(legs[call.id], "b_answer")[1], call.ordered_at))
        for call in calls
    ]
    charges = _charges(ports, plan, uses)
    return MonthOn(
        plan=plan,
        since=since,
        calls=len(calls),
        priced=len(charges),
        was=was,
        calls_on_plan=sum(charges, Money(0, plan.currency)),
        fees_on_plan=sum((fee.amount for fee in plan.fees if fee.every is Every.MONTH), Money(0, plan.currency)),
    )


def _use(to: str, talk_us: int, at: datetime) -> UsageEvent:
    return UsageEvent(at.astimezone(OPERATOR_ZONE), Kind.CALL, to, talk_us)


def _charges(ports: Ports, plan: Plan, uses: Sequence[tuple[str, UsageEvent]]) -> list[Money]:
    """Return what each use costs, in the order of time; what the plan has no price for is left out."""
    meter, book, found = PlanMeter(plan, DatedRates(ports)), AllowanceBook(plan), []
    for own_number, event in sorted(uses, key=lambda use: use[1].at):
        try:
            use = meter.rate(event, book.left(event), own_number)
        except K5Error as error:
            if error.status >= 500:
                raise
            continue
        book.take(use.used)
        found.append(use.charge)
    return found
