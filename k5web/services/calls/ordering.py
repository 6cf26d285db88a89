"""Ordering a callback, showing it and ending it. The worker places it: placing.py."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Phone, Subscriber, served
from k5web.domain.calls.call import CallKind, CallOrder, CallState, Offer, Outcome, split_call_id
from k5web.domain.calls.charging import CallCharge, charge_call
from k5web.domain.calls.outcome import legs_of
from k5web.domain.calls.own_limit import CALL
from k5web.domain.calls.risk import Risk
from k5web.domain.contacts.favourite import Favourite
from k5web.domain.money import Money
from k5web.domain.prices.call_cover import Cover
from k5web.domain.prices.call_limits import affordable, cost_of_minutes, minutes_of
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.rating import Agreed, Quote
from k5web.errors import (
    K5Error,
    NotFound,
    OwnNumber,
    PhoneNotVerified,
    PriceRose,
    SwitchUnreachable,
    TooManyCalls,
)
from k5web.services.calls import routing, safety
from k5web.services.calls.granting import grant, hold, within
from k5web.services.calls.settling import give_up
from k5web.services.ports import Count, Ports
from k5web.services.prices import call_covers
from k5web.services.prices.call_covers import Purses
from k5web.storage.accounts import phone_rows, subscribers
from k5web.storage.books import ledger
from k5web.storage.calls import beside_rows, call_rows, caller_rows, past_call_rows
from k5web.storage.calls.caller_rows import CallerFacts, Used
from k5web.storage.contacts import favourite_rows
from k5web.storage.session import transactional
from k5web.storage.wakeups import wake

AT_ONCE_PAUSE = timedelta(seconds=60)  # people reload pages: a second countdown so soon asks for the button


@dataclass(frozen=True, slots=True)
class PhoneChoice:
    """A phone that may be rung for a call, and the call's price then; None where there is none."""

    phone: Phone
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class BesidePrice:
    """What a subscriber has of their own that the page of a number shows."""

    legs: list[PhoneChoice]  # the verified phones that may be rung, where there are two or more
    entry: Favourite | None  # of the own list
    rents_number: bool


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as its page shows it: the order, what each leg was charged, how many orders wait before it."""

    call: CallOrder
    charge: CallCharge | None  # when it is settled
    queue_place: int | None


def offer(ports: Ports, caller: Subscriber, b: Msisdn) -> Offer:
    """Return what the call page shows before the button.

    Raises: as `order_call`; but a call under way, or too little money, is part of the offer.
    """
    with ports.sessions.read() as db:
        facts = caller_rows.facts(db, caller.id)
        plan, quote, covers = _price(ports, db, caller, facts.purses, b)
        live, last = past_call_rows.live_and_last_talk(db, caller.id, b.digits)
        risk = _check(ports, db, facts, quote)
        used = safety.used(db, ports, facts, quote.b_number)
        spendable = safety.spendable(db, facts.purse, risk)
    if not live:
        safety.check_unanswered(ports, facts, used, quote.b_number)
    ceilings = safety.ceilings(ports, facts, used, quote.b_number)
    plan = within(plan, ceilings)
    needed = cost_of_minutes(quote, plan, 1, covers)
    if not live:
        ceilings.check_country(needed)
    left = ceilings.tightest(risk).left
    payable = affordable(quote, plan, spendable, covers)
    limits = affordable(quote, plan, min(spendable, left), covers)
    if payable and not limits and not live:
        raise ceilings.refusal(risk, needed)
    nothing = Money(0, facts.purse.balance.currency)
    is_of_day = ceilings.tightest(risk).key != CALL
    return Offer(
        quote=quote,
        purse=facts.purse,
        minutes=limits.minutes if limits else 0,
        money_minutes=minutes_of(quote, plan, spendable, covers=covers),
        needed=needed,
        spendable=spendable,
        live_call=live[0] if live else None,
        last_talk=last,
        left_today=left if limits and payable and limits.minutes < payable.minutes and is_of_day else None,
        gift_minutes=minutes_of(quote, plan, nothing, plan.max_talk_minutes, covers) if covers else 0,
    )


def beside(ports: Ports, caller: Subscriber, b: Msisdn) -> BesidePrice:
    """Return what the page of a number shows of the subscriber's own."""
    with ports.sessions.read() as db:
        own = beside_rows.beside(db, caller.id, b.digits)
        phones = [phone for phone in own.phones if phone.verified_at is not None]
        priced = phones if len(phones) > 1 else []
        legs = [PhoneChoice(phone, _price_from(ports, db, caller, phone, b)) for phone in priced]
    return BesidePrice(legs, own.favourite, own.rents_number)


def cheaper_leg(legs: list[PhoneChoice], quote: Quote) -> PhoneChoice | None:
    """Return the phone from which each minute of a call is cheapest, None where none is cheaper than `quote`: a phone
    whose connection costs more is none, for how long they will talk nobody knows."""
    saving = [
        (each.quote.per_minute.micro, at)
        for at, each in enumerate(legs)
        if each.quote is not None
        and each.quote.per_minute.micro < quote.per_minute.micro
        and each.quote.connect_fee.micro <= quote.connect_fee.micro
    ]
    return legs[min(saving)[1]] if saving else None


def _price_from(ports: Ports, db: Session, caller: Subscriber, phone: Phone, b: Msisdn) -> Quote | None:
    rung = replace(caller, phone=phone.number, phone_verified_at=phone.verified_at)
    try:
        return _price(ports, db, rung, {}, b)[1]
    except K5Error:
        return None  # its own page says why


def appraise(ports: Ports, caller: Subscriber, b: Msisdn) -> tuple[Quote, Risk]:
    """Return the price and the risk of a call. Money and limits are not asked.

    Raises: ServicesSuspended, NotInPlan, NoRate, NoRoute, NoDeck, OwnNumber, PhoneNotVerified, CallsStopped,
    NumberStopped, OwnTrunkNumber, EmergencyNumber, DirectionClosed.
    """
    with ports.sessions.read() as db:
        _, quote, _ = _price(ports, db, caller, {}, b)
        return quote, _check(ports, db, caller_rows.facts(db, caller.id), quote)


@safety.counts_refusals
@transactional
def order_call(
    ports: Ports,
    caller: Subscriber,
    b: Msisdn,
    form_key: str,
    seen: Agreed | None,
    *,
    at_once: bool = False,
    count: Count | None = None,
) -> CallOrder:
    """Hold the money for the whole affordable time and put the call in the queue; the worker places it.

    The same form key gets the same call again. `seen` is what the subscriber agreed to: the terms on a page, or the
    dearest first minute. Dearer terms are refused, cheaper ones are taken; None agrees to any. `caller.phone` is rung,
    which must be one of theirs when the order is written. The account's lock lets
    one order of an owner in at a time, so two orders cannot both use what is left of a limit. `count` is called for a
    new order that nothing else refuses.
    Raises: SubscriberBlocked, ServicesSuspended, NotYourPhone, NotInPlan, NoRate, OwnNumber, PriceRose,
    InsufficientFunds; what `safety.COUNTED` names; what `count` raises (nothing was held).
    """
    with ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, caller.id)
        known = call_rows.find_by_form_key(db, caller.id, form_key)
        if known:
            return known
        rung = phone_rows.rung_at(db, subscribers.serve(db, caller.id), caller.phone)
        facts = caller_rows.facts(db, caller.id)
        used = safety.used(db, ports, facts, b.digits)
        plan, quote, covers, risk = _admit(ports, db, rung, facts, used, b, seen)
        limits = grant(db, ports, facts, used, plan, quote, risk, covers)
        if count is not None:
            count(db)
        call = call_rows.add(
            db,
            owner_id=caller.id,
            account_id=purse.account_id,
            form_key=form_key,
            quote=quote,
            limits=limits,
            a_leg_from=plan.a_leg_from,
            ring_a_s=plan.ring_a_s,
            ring_b_s=plan.ring_b_s,
            at_once=at_once,
            press_1=rung.press_1 or ports.press_1,
            risk=risk,
            ordered_at=ports.clock(),
        )
        hold(db, call, purse, limits)
        wake(db)
    return call


def _admit(
    ports: Ports, db: Session, caller: Subscriber, facts: CallerFacts, used: Used, b: Msisdn, seen: Agreed | None
) -> tuple[Plan, Quote, tuple[Cover, ...], Risk]:
    """Return the terms of a call that nothing but money forbids, and that the subscriber agreed to."""
    plan, quote, covers = _price(ports, db, caller, facts.purses, b)
    risk = _check(ports, db, facts, quote)
    live = call_rows.live(db, caller.id)
    if len(live) >= plan.calls_at_once or any(call.quote.a_number == quote.a_number for call in live):
        raise TooManyCalls(live_call_id=live[0].id, live_number=live[0].quote.b_number)
    safety.check_unanswered(ports, facts, used, quote.b_number)
    if seen is not None and not quote.is_agreed(seen):
        raise _rose(quote, seen)
    return plan, quote, covers, risk


def _check(ports: Ports, db: Session, facts: CallerFacts, quote: Quote) -> Risk:
    """Return the risk of a call that may be rung and can be. Raises: as `safety.check_direction`; NoRoute."""
    closed = safety.closed(db, ports, facts.owner_id, quote)
    risk = safety.check_direction(ports, facts, quote, closed)
    routing.check_way(ports, quote, closed.trunks_off)
    return risk


def _rose(now: Quote, seen: Agreed) -> PriceRose:
    """Return the refusal, which names every term that is dearer now."""
    if not isinstance(seen, Quote):
        return PriceRose(was=seen, now=now.first_minute)
    facts: dict[str, object] = {}
    if now.connect_fee.micro > seen.connect_fee.micro:
        facts["fee"] = now.connect_fee
    if not (now.a.counts_no_worse_than(seen.a) and now.b.counts_no_worse_than(seen.b)):
        facts["counts"] = True
    if now.rings_at_cost(seen):
        facts["rings"] = True
    return PriceRose(was=seen.per_minute, now=now.per_minute, **facts)


def ordered(ports: Ports, owner_id: int, form_key: str) -> CallOrder | None:
    """Return the call that this form ordered, if it did."""
    with ports.sessions.read() as db:
        return call_rows.find_by_form_key(db, owner_id, form_key)


def show_call(ports: Ports, owner_id: int, call_id: str) -> CallView:
    """Return one of this owner's calls. Raises: NotFound, also for other people's."""
    owner, n = split_call_id(call_id)
    if owner != owner_id:
        raise NotFound(what=f"call {call_id}")
    with ports.sessions.read() as db:
        call = NotFound.unless(call_rows.find(db, owner_id, n), f"call {call_id}")
        place = call_rows.queue_place(db, call) if call.state is CallState.RESERVED else None
        legs = call_rows.cdrs(db, owner_id, n) if call.state is CallState.SETTLED else []
    if call.state is not CallState.SETTLED:
        return CallView(call, None, place)
    return CallView(call, charge_call(call, legs), place)


def end_call(ports: Ports, owner_id: int, call_id: str) -> None:
    """End a call in any state; one that is over stays as it is. Raises: NotFound."""
    call = _ask_to_end(ports, owner_id, call_id)
    if call.state.is_live and call.state is not CallState.RESERVED:
        try:
            if call.kind is CallKind.CALLBACK:
                ports.switches.named(call.switch).cancel(call.id, call.attempt)
            else:
                end_legs(ports, call)
        except SwitchUnreachable:
            return  # the wish is written down: the worker asks the switch again


def end_legs(ports: Ports, call: CallOrder) -> None:
    """End a call that a switch asked for: its own legs, whomever they are joined with by now; before any of them is
    known, the leg that asked, and with it whatever it asked for. Raises: SwitchUnreachable."""
    with ports.sessions.read() as db:
        legs = legs_of(call_rows.events(db, *split_call_id(call.id)))
    switch = ports.switches.named(call.switch)
    for leg in [leg.uuid for leg in legs if leg.ended_at is None] or [call.asked_by]:
        switch.end_leg(leg)


@transactional
def _ask_to_end(ports: Ports, owner_id: int, call_id: str) -> CallOrder:
    """Note that the call is to end. An order that still waits is given up at once. Return the order as it was."""
    owner, n = split_call_id(call_id)
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)  # accounts before calls, everywhere
        call = NotFound.unless(call_rows.lock(db, owner, n) if owner == owner_id else None, f"call {call_id}")
        if call.state is CallState.RESERVED:
            give_up(ports, db, call, Outcome.CANCELLED)
        elif call.state.is_live and call.cancel_requested_at is None:
            call_rows.change(db, call, now, cancel_requested_at=now)
    return call


def recent_numbers(ports: Ports, owner_id: int, limit: int = 5) -> list[Msisdn]:
    """Return the numbers called last, newest first."""
    with ports.sessions.read() as db:
        digits = dict.fromkeys(number for number, _at in past_call_rows.newest(db, owner_id))
        return [Msisdn(each) for each in islice(digits, limit)]


def may_call_at_once(ports: Ports, owner_id: int, number: Msisdn) -> bool:
    """Return whether a countdown may order a call to this number.

    The button must have been pressed for it by hand before, or it stands in the own list, so no web page can make the
    phone ring a costly number; and no countdown may have ordered it within the last minute."""
    with ports.sessions.read() as db:
        is_known = favourite_rows.is_listed(db, owner_id, number.digits)
        is_known = is_known or past_call_rows.last_to(db, owner_id, number.digits, at_once=False) is not None
        counted_down = past_call_rows.last_to(db, owner_id, number.digits, at_once=True)
    if not is_known:
        return False
    return counted_down is None or ports.clock() - counted_down.ordered_at >= AT_ONCE_PAUSE


def _price(
    ports: Ports, db: Session, caller: Subscriber, purses: Purses, b: Msisdn
) -> tuple[Plan, Quote, tuple[Cover, ...]]:
    served(caller)
    if caller.phone is None or caller.phone_verified_at is None:
        raise PhoneNotVerified
    if caller.phone == b:
        raise OwnNumber(number=b.digits)
    return call_covers.price_call(ports, db, caller, purses, caller.phone.digits, b.digits)
