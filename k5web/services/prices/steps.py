"""What a step in the cabinet would do: what it costs now, what recurs, what begins and ends by it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Subscriber, unserved
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Fee, Option, Plan
from k5web.domain.prices.subscription import Sort, Subscription, SubscriptionState, fee_from, next_period
from k5web.domain.prices.usage import Every
from k5web.errors import AlreadyThere, InsufficientFunds, NotInPlan, PlanNotOpen, PlanUnpaid
from k5web.services.in_force.plans import PlanInForce
from k5web.services.ports import Ports
from k5web.services.prices import allowance_accounts, billing, number_plans
from k5web.services.prices.allowance_accounts import AllowanceLeft
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows


@dataclass(frozen=True, slots=True)
class Step:
    """What connecting something would do on a day. `now` is taken at once; `refusal` says why it cannot be done."""

    terms: PlanInForce  # the plan that is taken, or that sells the option or service
    day: date
    sort: Sort
    code: str
    title: str
    now: Money
    fee: Fee | None
    next_on: date | None
    one_off: Money
    available: Money
    begins_with: tuple[Option, ...] = ()  # options that the plan begins with
    replaces: tuple[str, ...] = ()  # what it takes the place of
    ends: tuple[str, ...] = ()  # titles of all that ends by it
    numbers: tuple[Msisdn, ...] = ()  # rented numbers that end by it
    is_beside: bool = False  # a plan that runs beside another one
    gives: tuple[AllowanceLeft, ...] = ()  # what a plan gives at once, and of how much
    pieces: int = 1
    held_pieces: int = 0  # of the service, before the step
    refusal: Exception | None = None
    first: tuple[tuple[str, Money], ...] = field(default=())  # what `now` is made of: words, sum

    @property
    def fees(self) -> tuple[Fee, ...]:
        """All that recurs by it: the fee of its own, and of what begins with it."""
        own = (self.fee,) if self.fee and self.fee.amount.minor else ()
        return own + tuple(option.fee for option in self.begins_with)

    @property
    def is_money_missing(self) -> bool:
        """True where nothing but money stands in the way."""
        return isinstance(self.refusal, InsufficientFunds)


def look_at(ports: Ports, subscriber: Subscriber, sort: Sort, code: str, pieces: int = 1) -> Step:
    """Return what connecting this would do; nothing is done. Raises: NoPlan, NotInPlan where there is no such thing."""
    with ports.sessions.read() as db:
        step = step_of(ports, db, subscriber, sort, code, pieces, ports.today())
    return replace(step, refusal=unserved(subscriber) or step.refusal)


def step_of(ports: Ports, db: Session, subscriber: Subscriber, sort: Sort, code: str, pieces: int, today: date) -> Step:
    """Return what connecting this would do on a day. Raises: NoPlan, NotInPlan."""
    live = subscription_rows.live(db, subscriber.id)
    available = ledger.purse(db, subscriber.id).available
    terms = ports.plans.version(code if sort == "plan" else subscriber.plan_code)
    if sort == "plan":
        return _plan_step(ports, db, subscriber, terms, today, live, available)
    return (option_step if sort == "option" else _service_step)(terms, today, code, pieces, live, available)


def _plan_step(
    ports: Ports,
    db: Session,
    subscriber: Subscriber,
    terms: PlanInForce,
    today: date,
    live: list[Subscription],
    available: Money,
) -> Step:
    plan = terms.plan
    fee = next(iter(plan.fees), None)
    first = fee_from(fee, today) if fee else Money(0, plan.currency)
    one_off = _change_fee(db, subscriber, plan, today)
    begun = [option for option in plan.options.values() if option.starts_with_plan]
    parts = [(plan.title, first), ("change", one_off), *((each.title, fee_from(each.fee, today)) for each in begun)]
    now = sum((amount for _, amount in parts), Money(0, plan.currency))
    beside = bool(plan.needs_plan)
    plans = [each for each in live if each.sort == "plan"]
    ends = [] if beside else [each for each in plans if plan.code not in _beside(ports, each)]
    stay = [each.code for each in plans if each not in ends]
    lost = [] if beside else number_plans.lost_with(ports, db, subscriber.id, [plan.code, *stay])
    return Step(
        terms=terms,
        day=today,
        sort="plan",
        code=plan.code,
        title=plan.title,
        now=now,
        fee=fee,
        next_on=next_period(fee.every, today) if fee else None,
        one_off=one_off,
        available=available,
        begins_with=tuple(begun),
        replaces=tuple(each.code for each in ends),
        is_beside=beside,
        gives=tuple(allowance_accounts.begins_with(db, subscriber.id, plan, fee, today)),
        ends=() if beside else _titles(ports, [each for each in live if each.sort != "plan" or each in ends]),
        numbers=tuple(each.msisdn for each in lost),
        refusal=_why_not_plan(subscriber, plan, live, available, now),
        first=tuple(part for part in parts if part[1].minor),
    )


def _titles(ports: Ports, ending: Iterable[Subscription]) -> tuple[str, ...]:
    return tuple(ports.plans.current(each.plan_code).title_of(each.sort, each.code) for each in ending)


def _beside(ports: Ports, subscription: Subscription) -> frozenset[str]:
    """Return the plans beside which a held plan may go on."""
    return ports.plans.current(subscription.code).needs_plan


def _why_not_plan(
    subscriber: Subscriber, plan: Plan, live: list[Subscription], available: Money, now: Money
) -> Exception | None:
    if plan.currency != subscriber.currency and subscriber.currency not in plan.decks:
        return PlanNotOpen(plan=plan.code, why=f"the account is in {subscriber.currency}")
    if plan.code == subscriber.plan_code or any(each.sort == "plan" and each.code == plan.code for each in live):
        return AlreadyThere(what=f"plan {plan.code}")
    if plan.needs_plan and subscriber.plan_code not in plan.needs_plan:
        return PlanNotOpen(plan=plan.code, why=f"it is open only on {', '.join(sorted(plan.needs_plan))}")
    return _why_not_paid(available, now)


def _why_not_paid(available: Money, now: Money) -> Exception | None:
    return InsufficientFunds(available=available, needed=now) if now.minor and available < now else None


def _change_fee(db: Session, subscriber: Subscriber, plan: Plan, today: date) -> Money:
    """Return what changing to a plan costs. Source: «Экономный», E5: free when the last change is 30 days old."""
    rule = plan.change
    if rule is None:
        return Money(0, plan.currency)
    last = subscription_rows.last_plan(db, subscriber.id)
    is_free = last is None or (rule.free_after_days and (today - last.began_on).days >= rule.free_after_days)
    return Money(0, rule.fee.currency) if is_free else rule.fee


def option_step(
    terms: PlanInForce, today: date, code: str, pieces: int, live: list[Subscription], available: Money
) -> Step:
    """Return what connecting an option of a plan would do. Raises: NotInPlan."""
    plan = terms.plan
    option = plan.options.get(code)
    if option is None:
        raise NotInPlan(plan=plan.code, what=f"option {code}")
    now = fee_from(option.fee, today)
    replaced = [each.code for each in live if each.sort == "option" and each.code in option.excludes]
    return Step(
        terms=terms,
        day=today,
        sort="option",
        code=code,
        title=option.title,
        now=now,
        fee=option.fee,
        next_on=next_period(option.fee.every, today),
        one_off=Money(0, plan.currency),
        available=available,
        replaces=tuple(replaced),
        ends=tuple(plan.options[other].title for other in replaced),
        refusal=_why_not_option(plan, code, live, available, now),
        first=((option.title, now),),
    )


def _why_not_option(plan: Plan, code: str, live: list[Subscription], available: Money, now: Money) -> Exception | None:
    if any(each.sort == "option" and each.code == code for each in live):
        return AlreadyThere(what=f"option {code}")
    if billing.waits_for_plan(plan, code, live):
        return PlanUnpaid(what=f"option {code}")
    return _why_not_paid(available, now)


def _service_step(
    terms: PlanInForce, today: date, code: str, pieces: int, live: list[Subscription], available: Money
) -> Step:
    plan = terms.plan
    service = plan.services.get(code)
    # What is done once is ordered where it is done: a number at the stock of numbers, a new SIM by staff
    if service is None or service.every is not Every.MONTH or pieces < 1 or pieces > (service.most or pieces):
        raise NotInPlan(plan=plan.code, what=f"{pieces} of service {code}")
    held = next((each for each in live if each.sort == "service" and each.code == code), None)
    fee = service.fee_of(pieces)
    more = Fee(fee.amount - service.fee_of(held.pieces).amount, fee.every) if held else fee
    now = fee_from(more, today) if more.amount.minor > 0 else Money(0, plan.currency)
    return Step(
        terms=terms,
        day=today,
        sort="service",
        code=code,
        title=service.title,
        now=now,
        fee=fee,
        next_on=next_period(fee.every, today),
        one_off=Money(0, plan.currency),
        available=available,
        pieces=pieces,
        held_pieces=held.pieces if held else 0,
        refusal=_why_not_service(held, code, pieces, available, now),
        first=((service.title, now),),
    )


def _why_not_service(
    held: Subscription | None, code: str, pieces: int, available: Money, now: Money
) -> Exception | None:
    """Return why these pieces of a service, all together, cannot be had: of a held one there may be more, not fewer."""
    if held is not None and (pieces <= held.pieces or held.ends_on is not None):
        return AlreadyThere(what=f"service {code}")
    if held is not None and held.state is SubscriptionState.SUSPENDED:
        return PlanUnpaid(what=f"service {code}")
    return _why_not_paid(available, now)
