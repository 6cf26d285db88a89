"""Plans, options and services from the cabinet: what is connected, the step that connects more, and its end.

Nothing is switched on by changing something else but what the new plan itself begins with, and the first step says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName, Move, Purpose, Purse
from k5web.domain.money import Money
from k5web.domain.prices.plan import Fee, Plan
from k5web.domain.prices.subscription import Sort, Subscription, SubscriptionState, fee_from
from k5web.domain.prices.usage import Every
from k5web.errors import InsufficientFunds, NotFound, PlanNotOpen, SumChanged, TermsChanged
from k5web.services.ports import Ports
from k5web.services.prices import allowance_accounts, billing
from k5web.services.prices.allowance_accounts import AllowanceLeft
from k5web.services.prices.fee_batch import FeeBatch
from k5web.services.prices.steps import Step, option_step, step_of
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows
from k5web.storage.session import transactional


@dataclass(frozen=True, slots=True)
class Held:
    """Something that a subscriber is connected to, as the cabinet shows it. `fee`: of its next period."""

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


def overview(ports: Ports, subscriber: Subscriber) -> Overview:
    """Return what a subscriber is connected to."""
    with ports.sessions.read() as db:
        return overview_in(ports, db, subscriber, ledger.purses(db, subscriber.id))


def overview_in(ports: Ports, db: Session, subscriber: Subscriber, purses: Mapping[Purpose, Purse]) -> Overview:
    """Return the same within the caller's transaction, by the accounts that it has read."""
    plan = ports.plans.of(subscriber)
    live = subscription_rows.live(db, subscriber.id)
    others = [ports.plans.current(each.code) for each in live if each.sort == "plan" and each.code != plan.code]
    allowances = allowance_accounts.remainders(purses, [plan, *others], live)
    held = tuple(_held(ports.plans.current(found.plan_code), found) for found in live)
    return Overview(plan, held, allowances, purses["main"].available)


def _held(plan: Plan, subscription: Subscription) -> Held:
    title = plan.title_of(subscription.sort, subscription.code)
    option = plan.options.get(subscription.code) if subscription.sort == "option" else None
    return Held(subscription, title, billing.fee_of(plan, subscription.next_one), option.text if option else "")


@transactional
def connect(
    ports: Ports,
    subscriber: Subscriber,
    sort: Sort,
    code: str,
    form_key: str,
    seen: Money,
    pieces: int = 1,
    version: int | None = None,
) -> Subscription:
    """Connect a plan, an option or pieces of a service and take what it costs now, in one transaction.

    `pieces` of a service are all that there will be: of one that is held there may be more. The same form gets what it
    ordered. `seen` is the sum that the subscriber agreed to, `version` of the plan the one
    that they saw. Raises: SumChanged, TermsChanged where these are others now; InsufficientFunds, AlreadyThere,
    PlanNotOpen, NotInPlan, NoPlan, SubscriberBlocked, ServicesSuspended; nothing was done.
    """
    with ports.sessions.begin() as db:
        batch = FeeBatch.of(ports, db, subscriber.id)
        known = subscription_rows.find_by_form_key(db, subscriber.id, form_key)
        if known:
            return known
        fresh = subscribers.serve(db, subscriber.id)
        step = step_of(ports, db, fresh, sort, code, pieces, batch.today)
        if step.held_pieces == pieces and ledger.is_known(db, subscriber.id, EventName("order", form_key)):
            return next(each for each in batch.live(subscriber.id) if (each.sort, each.code) == (sort, code))
        if step.refusal:
            raise step.refusal
        if step.now != seen:
            raise SumChanged(shown=seen, due=step.now)
        if version not in (None, step.terms.version):
            raise TermsChanged(plan=step.terms.plan.title)
        begin = _begin_plan if sort == "plan" else _add_pieces if step.held_pieces else _begin_part
        begun = begin(batch, db, fresh, step, form_key)
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
            batch.save(replace(found, ends_on=found.next_due, next_pieces=None))
        batch.write()
    return found


@transactional
def have_fewer(ports: Ports, subscriber: Subscriber, n: int, pieces: int) -> Subscription:
    """Let fewer pieces of a service go on: from its next period, or at once where the present one is not paid, which
    the next run takes the smaller fee of if there is money. A second time is fine.

    Raises: NotFound, also where so many are not there, or it ends.
    """
    with ports.sessions.begin() as db:
        batch = FeeBatch.of(ports, db, subscriber.id)
        found = _live_one(batch, subscriber.id, n)
        if not 0 < pieces <= found.pieces or found.ends_on is not None:
            raise NotFound(what=f"{pieces} pieces of subscription {n}")
        if found.state is SubscriptionState.SUSPENDED:
            found = batch.save(replace(found, pieces=pieces, next_pieces=None))
            subscription_rows.look_again(db, subscriber.id)
        else:
            found = batch.save(replace(found, next_pieces=pieces if pieces < found.pieces else None))
        batch.write()
    return found


@transactional
def keep(ports: Ports, subscriber: Subscriber, n: int) -> Subscription:
    """Take back the end of something that still runs, or that fewer pieces of it go on. Raises: NotFound."""
    with ports.sessions.begin() as db:
        batch = FeeBatch.of(ports, db, subscriber.id)
        found = batch.save(replace(_live_one(batch, subscriber.id, n), ends_on=None, next_pieces=None))
        batch.write()
    return found


def fall_back(batch: FeeBatch, db: Session, subscriber: Subscriber, code: str, key: str) -> None:
    """Move a subscriber to a plan without a fee of the change, whatever is on the account. Raises: NoPlan."""
    step = step_of(batch.ports, db, subscriber, "plan", code, 1, batch.today)
    _begin_plan(batch, db, subscriber, replace(step, one_off=Money(0, subscriber.currency)), key)
    batch.write()


def _live_one(batch: FeeBatch, owner_id: int, n: int) -> Subscription:
    return NotFound.unless(next((each for each in batch.live(owner_id) if each.n == n), None), f"subscription {n}")


def _begin_plan(batch: FeeBatch, db: Session, subscriber: Subscriber, step: Step, form_key: str) -> Subscription:
    """Take a plan, with the options that it begins with; what it takes the place of ends."""
    plan = step.terms.plan
    if not plan.needs_plan:
        for old in batch.live(subscriber.id):
            if old.sort != "plan" or old.code in step.replaces:
                billing.end(batch, old, step.day)
        subscribers.set_plan(db, subscriber.id, plan.code)
    if step.one_off.minor:
        _pay_order(batch, subscriber.id, form_key, step.one_off)
    begun = _begin(batch, subscriber.id, step, form_key)
    for option in plan.options.values():
        if option.starts_with_plan:
            own = option_step(step.terms, step.day, option.code, 1, [], step.available)
            _begin(batch, subscriber.id, own, f"{form_key}:{option.code}")
    return begun


def _begin_part(batch: FeeBatch, db: Session, subscriber: Subscriber, step: Step, form_key: str) -> Subscription:
    """Begin an option or a service; the options that it takes the place of end."""
    for old in batch.live(subscriber.id):
        if old.sort == "option" and old.code in step.replaces:
            billing.end(batch, old, step.day)
    return _begin(batch, subscriber.id, step, form_key)


def _add_pieces(batch: FeeBatch, db: Session, subscriber: Subscriber, step: Step, form_key: str) -> Subscription:
    """Give a service more pieces. What they cost until its next fee is paid once, under the name of the form."""
    if step.now.minor:
        _pay_order(batch, subscriber.id, form_key, step.now)
    held = next(each for each in batch.live(subscriber.id) if (each.sort, each.code) == (step.sort, step.code))
    return batch.save(replace(held, pieces=step.pieces, next_pieces=None))


def _begin(batch: FeeBatch, owner_id: int, step: Step, form_key: str) -> Subscription:
    """Write a subscription and take its first fee; what is paid once has the name of the form."""
    new = Subscription(
        owner_id=owner_id,
        n=0,
        sort=step.sort,
        code=step.code,
        plan_code=step.terms.plan.code,
        pieces=step.pieces,
        state=SubscriptionState.ACTIVE,
        began_on=step.day,
        next_due=step.next_on,
    )
    added = batch.add(new, form_key)
    if step.fee:
        first = fee_from(step.fee, step.day)
        if not billing.take(batch, added, step.terms, step.fee, step.day, first):
            raise InsufficientFunds(available=step.available, needed=first)  # nothing begins unpaid
    elif step.sort == "plan":  # a plan without a fee gives its allowances for ever
        for allowance in allowance_accounts.of_subscription(step.terms.plan, added):
            allowance_accounts.grant(batch, added, allowance, step.day, allowance.amount)
    return added


def _pay_order(batch: FeeBatch, owner_id: int, form_key: str, amount: Money) -> None:
    purse = batch.purse(owner_id)
    assert purse is not None  # it is locked
    move = Move(purse.account_id, -amount.minor, "sale.order")
    batch.charge(owner_id, EventName("order", form_key), move, f"subscriber:{owner_id}")
