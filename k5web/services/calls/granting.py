"""What a call may use of an account and is held for it: the rules of callbacks and of what a switch asks about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Purse
from k5web.domain.calls.call import PRESS_S, CallKind, CallOrder
from k5web.domain.calls.risk import Ceilings, Risk
from k5web.domain.money import Money
from k5web.domain.prices.call_cover import Cover
from k5web.domain.prices.call_limits import Limits, affordable, cost_of_minutes, with_room_for
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.rating import Quote
from k5web.errors import InsufficientFunds
from k5web.services.calls import safety
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.calls.caller_rows import CallerFacts, Used

HOLD_OUTLIVES_CALL = timedelta(minutes=15)  # room for late records before the hold expires by itself


def grant(
    db: Session,
    ports: Ports,
    facts: CallerFacts,
    used: Used,
    plan: Plan,
    quote: Quote,
    risk: Risk,
    covers: Sequence[Cover],
    called: str | None = None,
    others: Sequence[Quote] = (),
) -> Limits:
    """Return how long the call may last: what the account, its allowances and the tightest limit cover.

    `called`: in whose country's limit it counts, by itself the other party's; "": in none. `others`: legs of which one
    may begin while this one talks, and finds money then.
    Raises: InsufficientFunds, OwnLimitReached, DailyLimit, FirstDayLimit.
    """
    ceilings = safety.ceilings(ports, facts, used, quote.b_number if called is None else called)
    spendable, plan = safety.spendable(db, facts.purse, risk), within(plan, ceilings)
    needed = cost_of_minutes(quote, plan, 1, covers)
    ceilings.check_country(needed)
    available = min(spendable, ceilings.tightest(risk).left)
    limits = affordable(quote, plan, available, covers)
    if limits is not None:
        return with_room_for(limits, quote, plan, others, available) if others else limits
    if spendable < needed:
        raise InsufficientFunds(available=spendable, needed=needed)
    raise ceilings.refusal(risk, needed)


def within(plan: Plan, ceilings: Ceilings) -> Plan:
    """Return the plan with the shorter of its own longest call and the subscriber's."""
    most = ceilings.most_minutes
    return plan if most is None else replace(plan, max_talk_minutes=min(plan.max_talk_minutes, most))


def hold(db: Session, call: CallOrder, purse: Purse, limits: Limits) -> None:
    """Keep aside what the whole call may cost, in money and of allowances."""
    expires_at = call.ordered_at + timedelta(seconds=call.ring_a_s + PRESS_S + limits.leg_a_s) + HOLD_OUTLIVES_CALL
    if call.kind is CallKind.INCOMING:
        expires_at += timedelta(milliseconds=limits.talk_ms)  # it may begin at the end of the ringing
    keep_aside(db, purse, call.id, limits, call.ordered_at, expires_at)


def keep_aside(
    db: Session, purse: Purse, call_id: str, limits: Limits, opened_at: datetime, expires_at: datetime
) -> None:
    """Hold for a call, of this id, what these limits need."""
    held = [(cover.account_id, Money(cover.units, cover.unit)) for cover in limits.covers]
    if limits.hold.minor:  # a call that is free on both legs needs no money
        held.insert(0, (purse.account_id, limits.hold))
    for account_id, amount in held:
        ledger.hold(db, purse.owner_id, account_id, call_id, amount, opened_at, expires_at)
