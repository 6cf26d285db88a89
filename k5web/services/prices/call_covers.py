"""What a subscriber's plan pays for of a call: which options are in force, and the allowances that may be used."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from k5web.domain.accounts.bonus import PURPOSE
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import Event, EventName, Move, Purpose, Purse
from k5web.domain.prices.call_cover import Cover
from k5web.domain.prices.plan import Allowance, Plan
from k5web.domain.prices.rating import Quote
from k5web.domain.prices.subscription import SubscriptionState, next_period
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.errors import CurrencyMismatch, NoDeck, NoRate, NotInPlan, PlanUnpaid
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.services.prices import allowance_accounts
from k5web.storage.books import ledger, statement_rows
from k5web.storage.prices import subscription_rows

Purses = Mapping[Purpose, Purse]  # a subscriber's accounts, by what they are for


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subscriber's options stand, whether the plan's fee is unpaid, which paid plans run beside it."""

    options: frozenset[str] = frozenset()
    unpaid: frozenset[str] = frozenset()
    is_plan_unpaid: bool = False
    beside: tuple[str, ...] = ()


NOTHING = Standing()


def standing(db: Session, owner_id: int, plan: Plan) -> Standing:
    """Return how things stand; a plan without fees and options asks the database nothing."""
    if not (plan.fees or plan.options):
        return NOTHING
    live = subscription_rows.live(db, owner_id)
    suspended = SubscriptionState.SUSPENDED
    return Standing(
        options=frozenset(each.code for each in live if each.sort == "option" and each.state is not suspended),
        unpaid=frozenset(each.code for each in live if each.sort == "option" and each.state is suspended),
        beside=tuple(
            each.code for each in live if each.sort == "plan" and each.code != plan.code and each.state is not suspended
        ),
        is_plan_unpaid=any(each.code == plan.code and each.state is suspended for each in live if each.sort == "plan"),
    )


def price_call(
    ports: Ports, db: Session, caller: Subscriber, purses: Purses, a_number: str, b_number: str
) -> tuple[Plan, Quote, tuple[Cover, ...]]:
    """Return plan, price and covers of a callback; `purses` are the caller's accounts.

    Raises: PlanUnpaid (the plan stops calls while its fee is unpaid), NotInPlan, NoRate, NoDeck, CurrencyMismatch.
    """
    plan = ports.plans.of(caller)
    now = standing(db, caller.id, plan)
    if now.is_plan_unpaid and "calls" in plan.unpaid_stops:
        raise PlanUnpaid(what="calls")
    plan, quote = ports.plans.quote(caller, a_number, b_number, now.options, now.unpaid)
    return plan, quote, covers(ports, purses, plan, quote, now)


def price_calls(
    ports: Ports, db: Session, caller: Subscriber, a_number: str, b_numbers: Iterable[str]
) -> dict[str, Quote]:
    """Return the prices of callbacks to several numbers, by number; one that has none is left out."""
    plan = ports.plans.of(caller)
    now = standing(db, caller.id, plan)
    if now.is_plan_unpaid and "calls" in plan.unpaid_stops:
        return {}
    quotes = {}
    for b_number in b_numbers:
        with suppress(NotInPlan, NoRate, NoDeck, CurrencyMismatch):
            quotes[b_number] = ports.plans.quote(caller, a_number, b_number, now.options, now.unpaid)[1]
    return quotes


def price_leg(
    ports: Ports, db: Session, caller: Subscriber, purses: Purses, ours: str, theirs: str, what: str
) -> tuple[Plan, Quote, tuple[Cover, ...]]:
    """Return plan, price and covers of a call from a line of ours, of which the leg to `theirs` alone is paid.

    `what` stops while the plan's fee is unpaid: calls, forwarding.
    Raises: as `price_call`.
    """
    plan = ports.plans.of(caller)
    now = standing(db, caller.id, plan)
    if now.is_plan_unpaid and what in plan.unpaid_stops:
        raise PlanUnpaid(what=what)
    plan, quote = ports.plans.quote_leg(plan.code, caller.currency, ours, theirs, Kind.CALL, now.options, now.unpaid)
    return plan, quote, covers(ports, purses, plan, quote, now)


def covers(ports: Ports, purses: Purses, plan: Plan, quote: Quote, now: Standing) -> tuple[Cover, ...]:
    """Return what may pay for a call before the main account, in the order in which it is used up: bonuses last."""
    found = []
    moment = ports.clock().astimezone(OPERATOR_ZONE)
    given = [(giver, each) for giver in _givers(ports, plan, now) for each in giver.allowances_in_use]
    for giver, allowance in given:
        legs = _legs(plan, giver, quote, allowance, moment, now)
        purse = purses.get(allowance_accounts.purpose_of(allowance))
        if purse is not None and legs is not None and purse.available.minor > 0:
            found.append(_cover(allowance, legs, purse.account_id, purse.available.minor, moment))
    return (*found, *_bonuses(purses))


def _bonuses(purses: Purses) -> tuple[Cover, ...]:
    """Return what a sponsor earned: money for any call. Source: docs/ledger.md, the order of purses."""
    purse = purses.get(PURPOSE)
    if purse is None or purse.available.minor <= 0:
        return ()
    return (Cover(PURPOSE, purse.account_id, "", purse.available.minor, purse.available.currency),)


def _givers(ports: Ports, plan: Plan, now: Standing) -> list[Plan]:
    """Return the plans whose allowances pay for a call: one's plan, then those beside it."""
    return [plan, *(ports.plans.current(code) for code in now.beside)]


def _legs(plan: Plan, giver: Plan, quote: Quote, allowance: Allowance, moment: datetime, now: Standing) -> str | None:
    """Return which legs an allowance of `giver` pays for on this plan, "" for money of both; None: for nothing."""
    numbers = {"b": quote.b_number} | ({"a": quote.a_number} if plan.pays_leg_a else {})
    covered = ""
    for leg, number in numbers.items():
        event = UsageEvent(moment, Kind.CALL, number, options=now.options, unpaid=now.unpaid)
        covered += leg if allowance.covers(event, giver.groups.group_of(number)) else ""
    if not covered:
        return None
    return "" if allowance.unit == "MONEY" else covered


def _cover(allowance: Allowance, legs: str, account_id: int, units: int, moment: datetime) -> Cover:
    return Cover(
        code=allowance.code,
        account_id=account_id,
        legs=legs,
        units=units,
        unit=allowance_accounts.unit_of(allowance),
        price_micro=allowance.price.micro if allowance.price else 0,
        expires_on=None if allowance.rolls_over else next_period(allowance.every, moment.date()),
    )


def moves_of(used: Iterable[Cover]) -> tuple[Move, ...]:
    """Return the moves that take what a call used of its allowances."""
    return tuple(Move(cover.account_id, -cover.units, "sale.call") for cover in used)


def _is_over(db: Session, owner_id: int, call_id: str, cover: Cover, today: date) -> bool:
    """Return whether the period that a call began in ended meanwhile; another plan may end it before its time."""
    if cover.expires_on is None or cover.expires_on <= today:
        return cover.expires_on is not None
    hold = ledger.find_hold(db, owner_id, cover.account_id, call_id)
    return hold is not None and statement_rows.is_moved_since(
        db, owner_id, cover.account_id, ("grant", "expire"), hold.opened_at
    )


def expire_unused(
    ports: Ports, db: Session, owner_id: int, call_id: str, held: Iterable[Cover], used: Iterable[Cover]
) -> None:
    """Take back what a call held of a period that is over and did not use: the new period, or the plan that took its
    plan's place, has given its own."""
    taken = {cover.code: cover.units for cover in used}
    now, today = ports.clock(), ports.today()
    for cover in held:
        unused = cover.units - taken.get(cover.code, 0)
        if unused and _is_over(db, owner_id, call_id, cover, today):
            name = EventName("expire", f"call {call_id}:{cover.code}")
            move = Move(cover.account_id, -unused, "expired")
            ledger.record(db, Event(owner_id, name, (move,), "job:calls", now), today, now)
