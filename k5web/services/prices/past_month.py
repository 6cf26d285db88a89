"""«Прошлый месяц на тарифе X»: a subscriber's own last month, as it would have been on another plan."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.calls.call import CallOrder, Cdr, durations, split_call_id
from k5web.domain.money import Money
from k5web.domain.prices.allowances import AllowanceBook
from k5web.domain.prices.plan import Fee, Plan
from k5web.domain.prices.plan_rating import Left, RatedUse
from k5web.domain.prices.usage import Every, Kind, UsageEvent
from k5web.errors import K5Error
from k5web.services.ports import OPERATOR_ZONE, Ports, start_of_day
from k5web.services.prices.dated_plans import DatedPlan, Terms
from k5web.storage.calls import past_call_rows
from k5web.storage.prices import subscription_rows

MOST_CALLS = 5000  # of a month that is priced anew

Talk = tuple[CallOrder, list[Cdr]]


@dataclass(frozen=True, slots=True)
class MonthOn:
    """The subscriber's last month: what it cost, and what it would have cost on a plan."""

    plan: Plan  # as it is now
    since: datetime
    calls: int
    priced: int  # of the calls: those that the plan has a price for
    calls_were: Money
    fees_were: Money  # of the plans and options of that month
    calls_on_plan: Money
    fees_on_plan: Money
    is_changed: bool  # the plan has another version by now than at the end of that month

    @property
    def was(self) -> Money:
        """What was paid for calls, plans and options."""
        return self.calls_were + self.fees_were

    @property
    def on_plan(self) -> Money:
        """Calls, and the fees of the plan and of what begins with it."""
        return self.calls_on_plan + self.fees_on_plan

    @property
    def difference(self) -> Money:
        """What it would have been more, below zero less."""
        return self.on_plan - self.was


def last_month_on(ports: Ports, subscriber: Subscriber, code: str) -> MonthOn:
    """Return the last whole month of a subscriber priced on a plan, by the versions of the plan in force in its days.

    The options that begin with the plan are connected, no others. Before the plan's first version that one counts.
    Raises: NoPlan; CurrencyMismatch where the plan has no price list in the account's currency.
    """
    plan = DatedPlan.published(ports, code, subscriber.currency)
    since, until = last_month(ports)
    with ports.sessions.read() as db:
        talks = talks_of(db, subscriber.id, since, until)
        calls = [call for call, _ in talks]
        fees_were = subscription_rows.fees_between(db, subscriber.id, ["plan", "option"], since.date(), until.date())
    now, then = plan.nearest(ports.today()), plan.nearest(until.date() - timedelta(days=1))
    charges = list(charges_on(plan, talks))
    nothing = Money(0, now.plan.currency)
    return MonthOn(
        plan=now.plan,
        since=since,
        calls=len(calls),
        priced=len(charges),
        calls_were=sum((call.cost for call in calls if call.cost), Money(0, subscriber.currency)),
        fees_were=Money(fees_were, subscriber.currency),
        calls_on_plan=sum(charges, nothing),
        fees_on_plan=sum(fees_on(plan, since.date(), until.date()), nothing),
        is_changed=now.version != then.version,
    )


def last_month(ports: Ports) -> tuple[datetime, datetime]:
    """Return the first moment of the last whole month, and the first after it."""
    until = start_of_day(ports.today().replace(day=1))
    return start_of_day((until.date() - timedelta(days=1)).replace(day=1)), until


def talks_of(db: Session, owner_id: int, since: datetime, until: datetime) -> list[Talk]:
    """Return a subscriber's settled calls of a span with their legs, the oldest first."""
    calls = past_call_rows.settled_between(db, owner_id, since, until, MOST_CALLS)
    legs = past_call_rows.cdrs_of(db, owner_id, [split_call_id(call.id)[1] for call in calls])
    return [(call, legs.get(split_call_id(call.id)[1], [])) for call in calls]


def charges_on(plan: DatedPlan, talks: Iterable[Talk]) -> Iterator[Money]:
    """Yield what each call costs, in the order of time; what the plan has no price for is left out."""
    book = AllowanceBook(plan.plan_on)
    for call, legs in sorted(talks, key=lambda talk: talk[0].ordered_at):
        at = call.ordered_at.astimezone(OPERATOR_ZONE)
        terms = plan.nearest(at.date())
        event = UsageEvent(at, Kind.CALL, call.quote.b_number, options=terms.plan.begins_with)
        try:
            use = _rated(terms, event, call.quote.a_number, legs, book.left(event))
        except K5Error as error:
            if error.status >= 500:
                raise
            continue
        book.take(use.used)
        if not use.refused:
            yield use.charge


def _rated(terms: Terms, event: UsageEvent, own_number: str, legs: list[Cdr], left: Left) -> RatedUse:
    a_us, b_us = durations(legs, terms.plan.a_leg_from)
    return terms.meter.rate(replace(event, quantity=b_us), left, own_number, a_us)


def fees_on(plan: DatedPlan, since: date, until: date) -> Iterator[Money]:
    """Yield the fees of a month that is held from its first day to its last."""
    for n in range((until - since).days):
        day = since + timedelta(days=n)
        terms = plan.nearest(day)
        begun = [terms.plan.options[code].fee for code in terms.plan.begins_with]
        yield from (fee.amount for fee in (*terms.plan.fees, *begun) if _is_due(fee, day))


def _is_due(fee: Fee, day: date) -> bool:
    return fee.every is Every.DAY or (fee.every is Every.MONTH and day.day == 1)
