"""Allowances are accounts of the ledger: granted, spent first, expired by postings, so that none is given twice."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Move, Purpose, Purse, Unit
from k5web.domain.money import Money
from k5web.domain.prices.plan import Allowance, Fee, Plan
from k5web.domain.prices.subscription import Sort, Subscription, fee_from
from k5web.domain.prices.usage import Every
from k5web.services.prices.fee_batch import FeeBatch
from k5web.storage.books import ledger
from k5web.storage.prices import subscription_rows

PURPOSE = "allowance:"


@dataclass(frozen=True, slots=True)
class AllowanceLeft:
    """What is left of an allowance, and how much a period gives. Units: of the allowance."""

    title: str
    unit: Literal["SEC", "SMS", "KB", "MONEY"]
    left: int
    whole: int
    every: Every


def purpose_of(allowance: Allowance) -> str:
    """Return what the account of an allowance is for."""
    return PURPOSE + allowance.code


def unit_of(allowance: Allowance) -> Unit:
    """Return the unit of its account: what it counts, or the currency of money for calls."""
    return "RUB" if allowance.unit == "MONEY" else allowance.unit


def of_subscription(plan: Plan, subscription: Subscription) -> list[Allowance]:
    """Return what a paid period of a subscription gives."""
    if subscription.sort == "service":
        return []
    option = subscription.code if subscription.sort == "option" else ""
    return [allowance for allowance in plan.allowances if allowance.option == option]


def first_amount(
    db: Session, owner_id: int, sort: Sort, code: str, allowance: Allowance, fee: Fee, paid: Money, month: date
) -> int:
    """Return what a month brings that a part of its fee is paid for. Units: of the allowance.

    As much as the part buys, else a plan that is taken on a month's last day gives a month's minutes for a day's fee;
    to whoever paid for the same in this month before, also what was left then.
    """
    bought = allowance.share_for(paid, fee.amount)
    before = None if paid >= fee.amount else subscription_rows.last_paid_in(db, owner_id, sort, code, month)
    if before is None:
        return bought
    ended = ledger.find_event(db, owner_id, EventName("expire", f"{before}:{allowance.code}:end"))
    was_left = -ended.postings[0].amount.minor if ended else 0
    return min(allowance.amount, was_left + bought)


def begins_with(db: Session, owner_id: int, plan: Plan, fee: Fee | None, today: date) -> Iterator[AllowanceLeft]:
    """Yield what a plan gives at once to who takes it today."""
    for each in plan.allowances:
        if not each.option:
            brings = each.amount
            if fee:
                first, month = fee_from(fee, today), today.replace(day=1)
                brings = first_amount(db, owner_id, "plan", plan.code, each, fee, first, month)
            yield AllowanceLeft(each.title, each.unit, brings, each.amount, each.every)


def grant(batch: FeeBatch, subscription: Subscription, allowance: Allowance, period: date, amount: int) -> None:
    """Give what a period of an allowance brings; what was left of the one before is taken back unless it rolls over.

    A period is given once: the name of its grant is refused a second time, with all that goes with it.
    """
    owner_id, purpose = subscription.owner_id, purpose_of(allowance)
    purse = batch.purse(owner_id, purpose) or batch.open(owner_id, purpose, unit_of(allowance))
    key = f"{subscription.n}:{allowance.code}:{period.isoformat()}"
    if not allowance.rolls_over:
        _expire(batch, owner_id, purse, key)
    if amount:
        batch.record(owner_id, EventName("grant", key), Move(purse.account_id, amount, "gift"))


def expire_all(batch: FeeBatch, subscription: Subscription, allowances: Iterable[Allowance], why: str) -> None:
    """Take back what is left of the allowances of a subscription; `why` happens to it once: it names the event."""
    for allowance in allowances:
        owner_id, purpose = subscription.owner_id, purpose_of(allowance)
        purse = batch.purse(owner_id, purpose)
        if purse is not None and not batch.is_closed(owner_id, purpose):
            _expire(batch, subscription.owner_id, purse, f"{subscription.n}:{allowance.code}:{why}")


def _expire(batch: FeeBatch, owner_id: int, purse: Purse, key: str) -> None:
    """Take back what is left of an allowance and not held by a call."""
    amount = purse.balance.minor - purse.held.minor
    if amount > 0:
        batch.record(owner_id, EventName("expire", key), Move(purse.account_id, -amount, "expired"))


def left(db: Session, owner_id: int, plan: Plan) -> Mapping[str, int]:
    """Return what may still be used of each allowance, by its code. Units: seconds, parts, KB, minor units."""
    return _left(ledger.purses(db, owner_id), plan)


def _left(purses: Mapping[Purpose, Purse], plan: Plan) -> Mapping[str, int]:
    found = {allowance.code: purses.get(purpose_of(allowance)) for allowance in plan.allowances}
    return {code: max(0, purse.available.minor) for code, purse in found.items() if purse}


def remainders(
    purses: Mapping[Purpose, Purse], plans: Iterable[Plan], live: Iterable[Subscription]
) -> tuple[AllowanceLeft, ...]:
    """Return what is left of all that one's plans and live options give, for people."""
    options = {"", *(each.code for each in live if each.sort == "option")}
    found = []
    for plan in plans:
        units = _left(purses, plan)
        given = [each for each in plan.allowances if each.code in units and each.option in options]
        found += [AllowanceLeft(each.title, each.unit, units[each.code], each.amount, each.every) for each in given]
    return tuple(found)
