"""Fees that take themselves: on the 1st, each day, and when there is money again. Any number of workers may run it.

One owner is one transaction under the lock of their main account. A fee has the name of its subscription and period,
so that whoever repeats it finds it taken; after days of standing still each period is taken, in its order.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move, Purse
from k5web.domain.money import Money
from k5web.domain.prices.plan import Fee, Plan
from k5web.domain.prices.subscription import Subscription, SubscriptionState, fee_from, next_period
from k5web.domain.prices.usage import Every
from k5web.errors import Unavailable
from k5web.services.ports import Ports, start_of_day
from k5web.services.prices import allowance_accounts
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows
from k5web.storage.prices.subscription_rows import Period
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

ACTOR = "job:fees"
OWNERS_AT_ONCE = 100


@dataclass(slots=True)
class BillingRun:
    """What a run did: fees taken, periods without money, subscriptions that ended or came back."""

    paid: int = 0
    suspended: int = 0
    resumed: int = 0
    ended: int = 0
    owners: int = 0
    failed: int = 0  # owners whom a fault of ours kept from being billed

    def add(self, other: "BillingRun") -> None:
        """Count another run in."""
        for name in BillingRun.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def run(ports: Ports, until: date | None = None, progress: Callable[[int], None] = lambda owners: None) -> BillingRun:
    """Take every fee that is due by a day, today unless another is given, and bring back what can be paid again.

    Repeatable: nothing is taken twice. Trouble with one owner is logged and does not stop the run. Raises: Unavailable.
    """
    until = until or ports.today()
    whole = BillingRun()
    for owner_id in _owners(ports, until):
        try:
            whole.add(bill_owner(ports, owner_id, until))
        except Unavailable:
            logger.warning("fees wait for the next run", extra={"owner_id": owner_id})
            continue
        except Exception:  # else nobody after this owner is billed, in no run
            logger.exception("a fault in one owner's fees", extra={"owner_id": owner_id})
            whole.failed += 1
            continue
        whole.owners += 1
        progress(whole.owners)
    return whole


def _owners(ports: Ports, until: date) -> Iterator[int]:
    """Yield owners with something due, then those with something suspended."""
    for ask in (lambda db, at: subscription_rows.owners_due(db, until, at, OWNERS_AT_ONCE), _suspended):
        after = 0
        while True:
            with ports.sessions.read() as db:
                found = ask(db, after)
            yield from found
            if len(found) < OWNERS_AT_ONCE:
                break
            after = found[-1]


def _suspended(db: Session, after: int) -> list[int]:
    return subscription_rows.owners_suspended(db, after, OWNERS_AT_ONCE)


@transactional
def bill_owner(ports: Ports, owner_id: int, until: date) -> BillingRun:
    """Take what is due of one owner, the plan first, and bring back what can be paid again, in one transaction."""
    done = BillingRun()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        for subscription in subscription_rows.live(db, owner_id):
            _bill(ports, db, subscription, until, done)
        if until >= ports.today():  # else the present period is not due yet, and an old one is over
            bring_back(ports, db, owner_id, done)
            subscription_rows.note_no_money(db, owner_id)
    return done


def bring_back(ports: Ports, db: Session, owner_id: int, done: BillingRun) -> None:
    """Take the fee of the present period where it was not to be had before, from today on (B9).

    The caller holds the lock of the owner's main account.
    """
    today = ports.today()
    for subscription in subscription_rows.live(db, owner_id):
        plan = ports.plans.current(subscription.plan_code)
        fee = fee_of(plan, subscription)
        is_over = subscription.ends_on is not None and subscription.ends_on <= today
        if subscription.state is not SubscriptionState.SUSPENDED or fee is None or is_over:
            continue
        period = subscription_rows.periods(db, owner_id, subscription.n)[-1].began_on
        if take(ports, db, subscription, plan, fee, period, fee_from(fee, max(today, period))):
            subscription_rows.change(db, subscription, state=SubscriptionState.ACTIVE)
            done.resumed += 1


def fee_of(plan: Plan, subscription: Subscription) -> Fee | None:
    """Return what recurs for a subscription, None where nothing does."""
    if subscription.sort == "plan":
        return next(iter(plan.fees), None)
    if subscription.sort == "option":
        option = plan.options.get(subscription.code)
        return option.fee if option else None
    service = plan.services.get(subscription.code)
    if service is None or service.every is Every.ONCE:
        return None
    paid = max(0, subscription.pieces - service.included)
    return Fee(Money(service.price.minor * paid, service.price.currency), service.every)


def _bill(ports: Ports, db: Session, subscription: Subscription, until: date, done: BillingRun) -> None:
    """Take the periods of one subscription that have begun, in their order."""
    while subscription.next_due is not None and subscription.next_due <= until:
        period = subscription.next_due
        if subscription.ends_on is not None and subscription.ends_on <= period:
            end(ports, db, subscription, period)
            done.ended += 1
            return
        plan = ports.plans.version(subscription.plan_code, start_of_day(period))[1]
        fee = fee_of(plan, subscription)
        if fee is None:  # the plan's newer version has it no more
            end(ports, db, subscription, period)
            done.ended += 1
            return
        is_paid = take(ports, db, subscription, plan, fee, period, fee.amount)
        done.paid, done.suspended = done.paid + is_paid, done.suspended + (not is_paid)
        subscription = _moved_on(ports, db, subscription, plan, is_paid, period, next_period(fee.every, period))


def _moved_on(
    ports: Ports, db: Session, subscription: Subscription, plan: Plan, is_paid: bool, period: date, next_due: date
) -> Subscription:
    state = SubscriptionState.ACTIVE if is_paid else SubscriptionState.SUSPENDED
    subscription_rows.change(db, subscription, state=state, next_due=next_due)
    if not is_paid:
        given = allowance_accounts.of_subscription(plan, subscription)
        allowance_accounts.expire_all(ports, db, subscription, given, f"{period.isoformat()}:unpaid")
    return replace(subscription, state=state, next_due=next_due)


def take(
    ports: Ports, db: Session, subscription: Subscription, plan: Plan, fee: Fee, period: date, amount: Money
) -> bool:
    """Take the fee of a period where the account has it, and give what the period gives; False where it has not."""
    now = ports.clock()
    key = subscription.fee_key(period, fee.every)
    is_paid = can_pay(ledger.purse(db, subscription.owner_id), amount) and not _waits(db, plan, subscription)
    if is_paid and amount.minor:
        charge(ports, db, subscription.owner_id, EventName("fee", key), amount, "sale.fee")
    version = ports.plans.version(plan.code, start_of_day(period))[0]
    row = Period(
        owner_id=subscription.owner_id,
        n=subscription.n,
        began_on=period,
        state="paid" if is_paid else "suspended",
        fee_minor=amount.minor if is_paid else 0,
        fee_key=key,
        plan_version=version,
    )
    subscription_rows.note_period(db, row, now)
    if is_paid:
        owner_id, sort, code = subscription.owner_id, subscription.sort, subscription.code
        for given in allowance_accounts.of_subscription(plan, subscription):
            month = period.replace(day=1)
            brings = allowance_accounts.first_amount(db, owner_id, sort, code, given, fee, amount, month)
            allowance_accounts.grant(ports, db, subscription, given, period, brings)
    return is_paid


def can_pay(purse: Purse, amount: Money) -> bool:
    """Return whether an account has what a fee takes, beside what calls under way hold."""
    return not amount.minor or purse.available >= amount


def _waits(db: Session, plan: Plan, subscription: Subscription) -> bool:
    is_option = subscription.sort == "option"
    return is_option and waits_for_plan(plan, subscription.code, subscription_rows.live(db, subscription.owner_id))


def waits_for_plan(plan: Plan, option_code: str, live: Iterable[Subscription]) -> bool:
    """Return whether an option may be used only while the plan's own fee is paid, and that is not."""
    option = plan.options.get(option_code)
    if option is None or not option.needs_paid_plan:
        return False
    begun = {other.code for other in plan.options.values() if other.starts_with_plan}
    return any(
        other.state is SubscriptionState.SUSPENDED
        for other in live
        if other.sort == "plan" or (other.sort == "option" and other.code in begun)
    )


def charge(
    ports: Ports, db: Session, owner_id: int, name: EventName, amount: Money, counter: str, actor: str = ACTOR
) -> None:
    """Take a sum of the main account under its name. Raises: InsufficientFunds."""
    now = ports.clock()
    move = Move(ledger.purse(db, owner_id).account_id, -amount.minor, counter)
    ledger.charge(db, Event(owner_id, name, (move,), actor, now), ports.today(), now)


def end(ports: Ports, db: Session, subscription: Subscription, day: date) -> None:
    """End a subscription; what is left of its allowances goes with it."""
    plan = ports.plans.current(subscription.plan_code)
    given = allowance_accounts.of_subscription(plan, subscription)
    allowance_accounts.expire_all(ports, db, subscription, given, "end")
    subscription_rows.change(db, subscription, state=SubscriptionState.ENDED, ended_on=day)
