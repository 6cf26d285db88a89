"""Plans, options and services from the cabinet: what a step would cost, the step itself, and its end.

Nothing is switched on by changing something else but what the new plan itself begins with, and the first step says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName, Move
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Fee, Option, Plan
from k5web.domain.prices.subscription import Sort, Subscription, SubscriptionState, fee_from, next_period
from k5web.domain.prices.usage import Every
from k5web.errors import (
    AlreadyThere,
    InsufficientFunds,
    NotFound,
    NotInPlan,
    PlanNotOpen,
    PlanUnpaid,
    SumChanged,
)
from k5web.services.ports import Ports
from k5web.services.prices import allowance_accounts, billing, number_plans
from k5web.services.prices.allowance_accounts import AllowanceLeft
from k5web.services.prices.fee_batch import FeeBatch
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows
from k5web.storage.session import transactional


@dataclass(frozen=True, slots=True)
class Held:
    """Something that a subscriber is connected to, as the cabinet shows it."""

    subscription: Subscription
    title: str
    fee: Fee | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """What a subscriber has, what is left of it, and what the next month takes."""

    plan: Plan
    held: tuple[Held, ...]
    allowances: tuple[AllowanceLeft, ...]
    available: Money

    @property
    def leaves(self) -> tuple[Held, ...]:
        """What can be ended by itself: all but the plan, which ends by taking another."""
        plan = ("plan", self.plan.code)
        return tuple(held for held in self.held if (held.subscription.sort, held.subscription.code) != plan)

    @property
    def month_ahead(self) -> Money:
        """What all that recurs by the month, and does not end before, takes on the 1st."""
        going_on = [held.fee for held in self.held if held.fee and held.subscription.ends_on is None]
        fees = [fee.amount for fee in going_on if fee.every is Every.MONTH]
        return sum(fees, Money(0, self.available.currency))


@dataclass(frozen=True, slots=True)
class Step:
    """What connecting something would do on a day. `now` is taken at once; `refusal` says why it cannot be done."""

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


def overview(ports: Ports, subscriber: Subscriber) -> Overview:
    """Return what a subscriber is connected to."""
    plan = ports.plans.of(subscriber)
    with ports.sessions.read() as db:
        live = subscription_rows.live(db, subscriber.id)
        others = [ports.plans.current(each.code) for each in live if each.sort == "plan" and each.code != plan.code]
        allowances = allowance_accounts.remainders(db, subscriber.id, [plan, *others], live)
        available = ledger.purse(db, subscriber.id).available
    held = tuple(_held(ports.plans.current(found.plan_code), found) for found in live)
    return Overview(plan, held, allowances, available)


def _held(plan: Plan, subscription: Subscription) -> Held:
    fee = billing.fee_of(plan, subscription)
    if subscription.sort == "plan":
        return Held(subscription, plan.title, fee)
    if subscription.sort == "option":
        option = plan.options.get(subscription.code)
        return Held(subscription, option.title if option else subscription.code, fee, option.text if option else "")
    service = plan.services.get(subscription.code)
    return Held(subscription, service.title if service else subscription.code, fee)


def look_at(ports: Ports, subscriber: Subscriber, sort: Sort, code: str, pieces: int = 1) -> Step:
    """Return what connecting this would do; nothing is done. Raises: NoPlan, NotInPlan where there is no such thing."""
    with ports.sessions.read() as db:
        return _step(ports, db, subscriber, sort, code, pieces, ports.today())


@transactional
def connect(
    ports: Ports, subscriber: Subscriber, sort: Sort, code: str, form_key: str, seen: Money, pieces: int = 1
) -> Subscription:
    """Connect a plan, an option or pieces of a service and take what it costs now, in one transaction.

    The same form gets what it ordered. `seen` is the sum that the subscriber agreed to. Raises: SumChanged where it is
    another now; InsufficientFunds, AlreadyThere, PlanNotOpen, NotInPlan, NoPlan, SubscriberBlocked, ServicesSuspended;
    nothing was done.
    """
    with ports.sessions.begin() as db:
        batch = FeeBatch.of(ports, db, subscriber.id)
        known = subscription_rows.find_by_form_key(db, subscriber.id, form_key)
        if known:
            return known
        fresh = subscribers.serve(db, subscriber.id)
        step = _step(ports, db, fresh, sort, code, pieces, batch.today)
        if step.refusal:
            raise step.refusal
        if step.now != seen:
            raise SumChanged(shown=seen, due=step.now)
        begun = (_begin_plan if sort == "plan" else _begin_part)(batch, db, fresh, step, form_key)
        batch.write()
    return begun


@transactional
def disconnect(ports: Ports, subscriber: Subscriber, n: int) -> Subscription:
    """End an option or a service on the last day that was paid, at once where nothing is paid; a second time is fine.

    Raises: NotFound; PlanNotOpen for a plan, which ends by taking another.
    """
    with ports.sessions.begin() as db:
        batch = FeeBatch.of(ports, db, subscriber.id)
        found = _live_one(batch, subscriber.id, n)
        if found.sort == "plan" and found.code == subscriber.plan_code:
            raise PlanNotOpen(plan=found.code, why="take another plan instead")
        if found.next_due is None or found.state is SubscriptionState.SUSPENDED:
            billing.end(batch, found, batch.today)
        else:
            batch.save(replace(found, ends_on=found.next_due))
        batch.write()
    return found


@transactional
def keep(ports: Ports, subscriber: Subscriber, n: int) -> Subscription:
    """Take back the end of something that still runs. Raises: NotFound."""
    with ports.sessions.begin() as db:
        batch = FeeBatch.of(ports, db, subscriber.id)
        found = batch.save(replace(_live_one(batch, subscriber.id, n), ends_on=None))
        batch.write()
    return found


def fall_back(batch: FeeBatch, db: Session, subscriber: Subscriber, code: str, key: str) -> None:
    """Move a subscriber to a plan without a fee of the change, whatever is on the account. Raises: NoPlan."""
    step = _step(batch.ports, db, subscriber, "plan", code, 1, batch.today)
    _begin_plan(batch, db, subscriber, replace(step, one_off=Money(0, subscriber.currency)), key)
    batch.write()


def _live_one(batch: FeeBatch, owner_id: int, n: int) -> Subscription:
    found = next((each for each in batch.live(owner_id) if each.n == n), None)
    if found is None:
        raise NotFound(what=f"subscription {n}")
    return found


def _step(ports: Ports, db: Session, subscriber: Subscriber, sort: Sort, code: str, pieces: int, today: date) -> Step:
    live = subscription_rows.live(db, subscriber.id)
    available = ledger.purse(db, subscriber.id).available
    if sort == "plan":
        return _plan_step(ports, db, subscriber, ports.plans.current(code), today, live, available)
    plan = ports.plans.of(subscriber)
    return (_option_step if sort == "option" else _service_step)(plan, today, code, pieces, live, available)


def _plan_step(
    ports: Ports,
    db: Session,
    subscriber: Subscriber,
    plan: Plan,
    today: date,
    live: list[Subscription],
    available: Money,
) -> Step:
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
    return tuple(_held(ports.plans.current(each.plan_code), each).title for each in ending)


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


def _option_step(plan: Plan, today: date, code: str, pieces: int, live: list[Subscription], available: Money) -> Step:
    option = plan.options.get(code)
    if option is None:
        raise NotInPlan(plan=plan.code, what=f"option {code}")
    now = fee_from(option.fee, today)
    replaced = [each.code for each in live if each.sort == "option" and each.code in option.excludes]
    return Step(
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


def _service_step(plan: Plan, today: date, code: str, pieces: int, live: list[Subscription], available: Money) -> Step:
    service = plan.services.get(code)
    # What is done once is ordered where it is done: a number at the stock of numbers, a new SIM by staff
    if service is None or service.every is not Every.MONTH or pieces < 1 or pieces > (service.most or pieces):
        raise NotInPlan(plan=plan.code, what=f"{pieces} of service {code}")
    fee = Fee(Money(service.price.minor * max(0, pieces - service.included), plan.currency), service.every)
    now = fee_from(fee, today)
    there = any(each.sort == "service" and each.code == code for each in live)
    return Step(
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
        refusal=AlreadyThere(what=f"service {code}") if there else _why_not_paid(available, now),
        first=((service.title, now),),
    )


def _begin_plan(batch: FeeBatch, db: Session, subscriber: Subscriber, step: Step, form_key: str) -> Subscription:
    """Take a plan, with the options that it begins with; what it takes the place of ends."""
    plan = batch.ports.plans.current(step.code)
    if not plan.needs_plan:
        for old in batch.live(subscriber.id):
            if old.sort != "plan" or old.code in step.replaces:
                billing.end(batch, old, step.day)
        subscribers.set_plan(db, subscriber.id, plan.code)
    if step.one_off.minor:
        _pay_order(batch, subscriber.id, form_key, step.one_off)
    begun = _begin(batch, subscriber.id, plan, step, form_key)
    for option in plan.options.values():
        if option.starts_with_plan:
            own = _option_step(plan, step.day, option.code, 1, [], step.available)
            _begin(batch, subscriber.id, plan, own, f"{form_key}:{option.code}")
    return begun


def _begin_part(batch: FeeBatch, db: Session, subscriber: Subscriber, step: Step, form_key: str) -> Subscription:
    """Begin an option or a service; the options that it takes the place of end."""
    for old in batch.live(subscriber.id):
        if old.sort == "option" and old.code in step.replaces:
            billing.end(batch, old, step.day)
    return _begin(batch, subscriber.id, batch.ports.plans.of(subscriber), step, form_key)


def _begin(batch: FeeBatch, owner_id: int, plan: Plan, step: Step, form_key: str) -> Subscription:
    """Write a subscription and take its first fee; what is paid once has the name of the form."""
    new = Subscription(
        owner_id=owner_id,
        n=0,
        sort=step.sort,
        code=step.code,
        plan_code=plan.code,
        pieces=step.pieces,
        state=SubscriptionState.ACTIVE,
        began_on=step.day,
        next_due=step.next_on,
    )
    added = batch.add(new, form_key)
    if step.fee:
        first = fee_from(step.fee, step.day)
        if not billing.take(batch, added, plan, step.fee, step.day, first):
            raise InsufficientFunds(available=step.available, needed=first)  # nothing begins unpaid
    elif step.sort == "plan":  # a plan without a fee gives its allowances for ever
        for allowance in allowance_accounts.of_subscription(plan, added):
            allowance_accounts.grant(batch, added, allowance, step.day, allowance.amount)
    return added


def _pay_order(batch: FeeBatch, owner_id: int, form_key: str, amount: Money) -> None:
    purse = batch.purse(owner_id)
    assert purse is not None  # it is locked
    move = Move(purse.account_id, -amount.minor, "sale.order")
    batch.charge(owner_id, EventName("order", form_key), move, f"subscriber:{owner_id}")
