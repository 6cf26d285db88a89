"""Fees that take themselves: on the 1st, each day, and when there is money again. Any number of workers may run it.

250 owners are one transaction under the locks of their accounts. A fee has the name of its subscription and
period, so that nobody takes it twice; after days of standing still each period is taken, in its order.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Move, Purse
from k5web.domain.money import Money
from k5web.domain.prices.plan import Fee, Plan
from k5web.domain.prices.subscription import Subscription, SubscriptionState, fee_from, next_period
from k5web.domain.prices.usage import Every
from k5web.errors import Unavailable
from k5web.services.in_force.plans import PlanInForce
from k5web.services.messaging import sending
from k5web.services.ports import Ports, start_of_day
from k5web.services.prices import allowance_accounts, last_days
from k5web.services.prices.fee_batch import FeeBatch
from k5web.storage.prices import subscription_rows
from k5web.storage.prices.subscription_rows import Period
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

OWNERS_AT_ONCE = 250


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
    for waits in (False, True):  # first whoever is not busy: other workers bill the rest meanwhile
        whole.failed = 0
        for owners in _owners(ports, until):
            whole.add(_bill_apart(ports, owners, until, waits))
            progress(whole.owners)
    return whole


def _owners(ports: Ports, until: date) -> Iterator[list[int]]:
    """Yield owners with something due, then those with something suspended, a batch at a time."""
    for ask in (lambda db, at: subscription_rows.owners_due(db, until, at, OWNERS_AT_ONCE), _suspended):
        after = 0
        while True:
            with ports.sessions.read() as db:
                found = ask(db, after)
            if found:
                yield found
            if len(found) < OWNERS_AT_ONCE:
                break
            after = found[-1]


def _suspended(db: Session, after: int) -> list[int]:
    return subscription_rows.owners_suspended(db, after, OWNERS_AT_ONCE)


def _bill_apart(ports: Ports, owner_ids: list[int], until: date, waits: bool) -> BillingRun:
    """Bill a batch; where it fails bill each of its owners alone: the fault of one keeps nobody else waiting."""
    try:
        return bill_owners(ports, owner_ids, until, waits)
    except Unavailable:
        logger.warning("fees wait for the next run", extra={"owners": len(owner_ids)})
        return BillingRun()
    except Exception:  # whatever it is, it is told; the next run tries again
        if len(owner_ids) == 1:
            logger.exception("a fault in one owner's fees", extra={"owner_id": owner_ids[0]})
            return BillingRun(failed=1)
    apart = BillingRun()
    for owner_id in owner_ids:
        apart.add(_bill_apart(ports, [owner_id], until, waits))
    return apart


@transactional
def bill_owners(ports: Ports, owner_ids: list[int], until: date, waits: bool = True) -> BillingRun:
    """Take what is due of some owners, the plan first, and bring back what can be paid again, in one transaction.

    Owners whose account is busy are left out unless it `waits`. Of a contract that is to end nothing is taken of the
    time after its last day, also where it could not be ended yet.
    """
    done = BillingRun()
    with ports.sessions.begin() as db:
        batch = FeeBatch(ports, db, owner_ids, waits)
        is_present = until >= batch.today  # else the present period is not due yet, and an old one is over
        ending = last_days.last_days(ports, db, batch.owners, max(until, batch.today))
        for owner_id in batch.owners:
            if batch.is_closed(owner_id):
                _end_all(batch, owner_id, done)
            last_day = ending.get(owner_id, until)
            for subscription in batch.live(owner_id):
                _bill(batch, subscription, min(until, last_day), done)
            if is_present and last_day >= batch.today:
                _bring_back(batch, owner_id, done)
        batch.write()
        if is_present:
            batch.note_no_money()
        done.owners = len(batch.owners)
    return done


def _end_all(batch: FeeBatch, owner_id: int, done: BillingRun) -> None:
    """End what runs on a closed account: nothing can be taken there any more."""
    for subscription in batch.live(owner_id):
        end(batch, subscription, batch.today)
        done.ended += 1


def _bring_back(batch: FeeBatch, owner_id: int, done: BillingRun) -> None:
    """Take the fee of the present period where it was not to be had before, from today on (B9)."""
    for subscription in batch.live(owner_id):
        is_over = subscription.ends_on is not None and subscription.ends_on <= batch.today
        if subscription.state is not SubscriptionState.SUSPENDED or is_over:
            continue
        terms = batch.ports.plans.version(subscription.plan_code)
        fee = fee_of(terms.plan, subscription)
        if fee is None:
            continue
        period = batch.last_period(subscription)
        if take(batch, subscription, terms, fee, period, fee_from(fee, max(batch.today, period))):
            batch.save(subscription.become(SubscriptionState.ACTIVE))
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
    return service.fee_of(subscription.pieces)


def _bill(batch: FeeBatch, subscription: Subscription, until: date, done: BillingRun) -> None:
    """Take the periods of one subscription that have begun, in their order."""
    while subscription.next_due is not None and subscription.next_due <= until:
        period, subscription = subscription.next_due, subscription.next_one
        is_over = subscription.ends_on is not None and subscription.ends_on <= period
        terms = batch.ports.plans.version(subscription.plan_code, start_of_day(period))
        fee = fee_of(terms.plan, subscription)
        if is_over or fee is None:  # None: the plan's newer version has it no more
            end(batch, subscription, period)
            done.ended += 1
            return
        is_paid = take(batch, subscription, terms, fee, period, fee.amount)
        if not is_paid:
            _tell_suspended(batch, subscription, fee, period)
        done.paid, done.suspended = done.paid + is_paid, done.suspended + (not is_paid)
        subscription = _moved_on(batch, subscription, terms.plan, is_paid, next_period(fee.every, period))


def _tell_suspended(batch: FeeBatch, subscription: Subscription, fee: Fee, period: date) -> None:
    """Have the owner told that a fee was not to be had; once, until a period is paid again."""
    if subscription.state is SubscriptionState.SUSPENDED:
        return
    facts = {"code": subscription.code, "minor": fee.amount.minor, "currency": fee.amount.currency}
    message = f"fee_not_taken {subscription.n} {period.isoformat()}"
    sending.queue_notice(batch.db, subscription.owner_id, "fee_not_taken", facts, message, batch.ports.clock())


def _moved_on(batch: FeeBatch, subscription: Subscription, plan: Plan, is_paid: bool, next_due: date) -> Subscription:
    period, state = subscription.next_due, SubscriptionState.ACTIVE if is_paid else SubscriptionState.SUSPENDED
    if not is_paid:
        given = allowance_accounts.of_subscription(plan, subscription)
        allowance_accounts.expire_all(batch, subscription, given, f"{period}:unpaid")
    return batch.save(subscription.become(state, next_due=next_due))


def take(
    batch: FeeBatch, subscription: Subscription, terms: PlanInForce, fee: Fee, period: date, amount: Money
) -> bool:
    """Take the fee of a period where the account has it, and give what the period gives; False where it has not."""
    version, plan = terms
    owner_id, key = subscription.owner_id, subscription.fee_key(period, fee.every)
    purse = batch.purse(owner_id)
    assert purse is not None  # it is locked
    is_paid = can_pay(purse, amount) and not _waits(batch, plan, subscription)
    if is_paid and amount.minor:
        batch.charge(owner_id, EventName("fee", key), Move(purse.account_id, -amount.minor, "sale.fee"))
    state: Literal["paid", "suspended"] = "paid" if is_paid else "suspended"
    batch.note(Period(owner_id, subscription.n, period, state, amount.minor if is_paid else 0, key, version))
    if is_paid:
        sort, code, month = subscription.sort, subscription.code, period.replace(day=1)
        for given in allowance_accounts.of_subscription(plan, subscription):
            brings = allowance_accounts.first_amount(batch.db, owner_id, sort, code, given, fee, amount, month)
            allowance_accounts.grant(batch, subscription, given, period, brings)
    return is_paid


def can_pay(purse: Purse, amount: Money) -> bool:
    """Return whether an account has what a fee takes, beside what calls under way hold."""
    return not amount.minor or purse.available >= amount


def _waits(batch: FeeBatch, plan: Plan, subscription: Subscription) -> bool:
    is_option = subscription.sort == "option"
    return is_option and waits_for_plan(plan, subscription.code, batch.live(subscription.owner_id))


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


def end(batch: FeeBatch, subscription: Subscription, day: date) -> None:
    """End a subscription; what is left of its allowances goes with it."""
    plan = batch.ports.plans.current(subscription.plan_code)
    given = allowance_accounts.of_subscription(plan, subscription)
    allowance_accounts.expire_all(batch, subscription, given, "end")
    batch.save(subscription.become(SubscriptionState.ENDED, ended_on=day))
