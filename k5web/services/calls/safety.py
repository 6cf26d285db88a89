"""Safety of orders: what may be called, what is left of the limits, what was refused, and who may change it."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import Purse
from k5web.domain.calls import own_limit, stops
from k5web.domain.calls.risk import (
    CLOSED,
    FIRST_DAY,
    UNANSWERED_WITHIN,
    Ceiling,
    Ceilings,
    Risk,
    SafetyLimits,
    call_risk,
    is_open,
    leg_risk,
)
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Quote, Rate
from k5web.errors import (
    CallsStopped,
    DailyLimit,
    DirectionClosed,
    EmergencyNumber,
    FirstDayLimit,
    K5Error,
    NumberStopped,
    OwnLimitReached,
    OwnTrunkNumber,
    PhoneNotVerified,
    TollFreePhone,
    TooManyCalls,
    TooManyUnanswered,
)
from k5web.services.ports import Ports
from k5web.storage.books import ledger, promised_payment_rows
from k5web.storage.calls import caller_rows, limit_rows, stop_rows
from k5web.storage.calls.caller_rows import CallerFacts, Used
from k5web.storage.calls.stop_rows import Closed
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_OF_ALL = (own_limit.DAY, own_limit.CALL, own_limit.MINUTES)  # the others are of countries: calls are counted by number

# Refusals of an order that a person should notice when there are many of them
COUNTED = (
    CallsStopped,
    DailyLimit,
    DirectionClosed,
    EmergencyNumber,
    FirstDayLimit,
    NumberStopped,
    OwnLimitReached,
    OwnTrunkNumber,
    PhoneNotVerified,
    TooManyCalls,
    TooManyUnanswered,
)


@dataclass(frozen=True, slots=True)
class Safety:
    """What an account may call, what of it is used, what was refused."""

    limits: SafetyLimits
    ceilings: Ceilings
    opened: frozenset[str]
    refusals: dict[str, int]  # by the code of the refusal


def check_direction(ports: Ports, facts: CallerFacts, quote: Quote, closed: Closed) -> Risk:
    """Return the risk the call is counted as.

    Raises: CallsStopped, NumberStopped, OwnTrunkNumber, EmergencyNumber, DirectionClosed.
    """
    _check_stop(closed, quote)
    legs = [(quote.b_number, quote.b), (quote.a_number, quote.a)]
    return call_risk(quote, [_open_risk(ports, number, rate, facts.opened) for number, rate in legs])


def closed(db: Session, ports: Ports, owner_id: int, quote: Quote) -> Closed:
    """Return what the operator closed of a call. It is read anew for each order, so an entry counts at once."""
    return stop_rows.closed(db, stops.meant_by(owner_id, quote.a_number, quote.b_number), ports.clock())


def _check_stop(closed: Closed, quote: Quote) -> None:
    """Refuse what stands in the operator's stop-list."""
    if closed.stop is not None:
        raise stops.refusal(closed.stop, quote.a_number, quote.b_number)


def check_called(db: Session, ports: Ports, facts: CallerFacts, quote: Quote) -> Risk:
    """Return the risk that a call is counted as whose only paid leg is B: leg A begins at a line of ours.

    Raises: as `check_direction`.
    """
    _check_stop(closed(db, ports, facts.owner_id, quote), quote)
    return call_risk(quote, [_open_risk(ports, quote.b_number, quote.b, facts.opened)])


def check_caller(db: Session, ports: Ports, owner_id: int, quote: Quote) -> None:
    """Refuse a caller from a number on the stop-list, B here; and one to a subscriber or a number that is on it.

    Raises: CallsStopped, NumberStopped.
    """
    incoming = replace(quote, a_number=quote.b_number, b_number=quote.a_number)
    _check_stop(closed(db, ports, owner_id, incoming), incoming)


def check_own_phone(db: Session, ports: Ports, owner_id: int, number: str, rate: Rate) -> None:
    """Refuse what nobody has as a phone of their own; a satellite phone is one where it was opened.

    Raises: OwnTrunkNumber, EmergencyNumber, DirectionClosed, TollFreePhone.
    """
    if Msisdn(number).is_toll_free:
        raise TollFreePhone(number=number)
    risk = _open_risk(ports, number, rate, limit_rows.opened(db, owner_id))
    if risk in (Risk.PREMIUM, Risk.SHORT):
        raise DirectionClosed(number=number, direction=risk)


def _open_risk(ports: Ports, number: str, rate: Rate, opened: frozenset[str]) -> Risk:
    risk = leg_risk(number, rate, ports.own_numbers)
    if risk is Risk.OWN:
        raise OwnTrunkNumber(number=number)
    if risk is Risk.EMERGENCY:
        raise EmergencyNumber(text=f"+{number}")
    if risk in CLOSED and not is_open(risk, number, opened):
        raise DirectionClosed(number=number, direction=risk)
    return risk


def spendable(db: Session, purse: Purse, risk: Risk) -> Money:
    """Return what of an account a call of this risk may hold: promised money is for ordinary directions alone."""
    return purse.available if risk is Risk.ORDINARY else promised_payment_rows.own_of(db, purse)


def used(db: Session, ports: Ports, facts: CallerFacts, b_number: str = "") -> Used:
    """Return what the calls so far used of the limits, and how often that number did not answer. An order asks under
    the account's lock."""
    today = ports.day_began_at()
    return caller_rows.used(
        db,
        facts.owner_id,
        b_number,
        today=today,
        # A call on credit is ordered before the first money moves: its charge is the first movement. Once that day is
        # over nobody asks what it cost, and no past is read
        first=_began_at(ports, facts) - FIRST_DAY if _is_first_day(ports, facts) else today,
        rung_since=ports.clock() - UNANSWERED_WITHIN,
        by_number=any(key not in _OF_ALL for key in _own_now(ports, facts)),
    )


def _began_at(ports: Ports, facts: CallerFacts) -> datetime:
    return facts.first_money_at or ports.clock()


def _is_first_day(ports: Ports, facts: CallerFacts) -> bool:
    return ports.clock() < _began_at(ports, facts) + FIRST_DAY


def _own_now(ports: Ports, facts: CallerFacts) -> dict[str, int]:
    now = ports.clock()
    return {key: amount for key, each in facts.own.items() if (amount := each.at(now)) is not None}


def check_unanswered(ports: Ports, facts: CallerFacts, used: Used, b_number: str) -> None:
    """Refuse to ring a phone again and again that nobody answers. Raises: TooManyUnanswered."""
    times, most = used.unanswered, facts.limits.unanswered_an_hour
    if len(times) >= most:
        until = times[-most] + UNANSWERED_WITHIN if most else ports.clock() + UNANSWERED_WITHIN
        raise TooManyUnanswered(number=b_number, times=most, until=until)


def ceilings(ports: Ports, facts: CallerFacts, used: Used, b_number: str | None = None) -> Ceilings:
    """Return the limits of an account and how much of each is used.

    `b_number`: of the subscriber's own limits only those that a call there is about; "": that any call is about.
    """
    limits, unit = facts.limits, facts.purse.balance.currency
    own, began_at = _own_now(ports, facts), _began_at(ports, facts)
    today = sum(used.today.values())
    first_day = None
    if _is_first_day(ports, facts):
        first_day = Ceiling(Money(limits.first_day_minor, unit), Money(used.first_day, unit))
    return Ceilings(
        daily=Ceiling(Money(limits.daily_minor, unit), Money(today, unit)),
        costly=Ceiling(Money(limits.costly_minor, unit), Money(today - used.today.get(Risk.ORDINARY, 0), unit)),
        first_day=first_day,
        first_day_until=began_at + FIRST_DAY,
        own=_own(own, unit, used, b_number),
        most_minutes=own.get(own_limit.MINUTES),
    )


def counts_refusals(
    order: Callable[Concatenate[Ports, Subscriber, P], T],
) -> Callable[Concatenate[Ports, Subscriber, P], T]:
    """Count the refusals of an order, after its own transaction, which is rolled back."""

    @wraps(order)
    def counted(ports: Ports, caller: Subscriber, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return order(ports, caller, *args, **kwargs)
        except COUNTED as refusal:
            _count(ports, caller.id, refusal)
            raise

    return counted


def _own(own: Mapping[str, int], unit: str, used: Used, b_number: str | None) -> tuple[Ceiling, ...]:
    """Return the subscriber's own limits of money."""
    spent = {own_limit.DAY: sum(used.today.values()), own_limit.CALL: 0}
    for number, minor in used.to_number.items():
        key = _country_key(number, own)
        spent[key] = spent.get(key, 0) + minor
    country = (_country_key(b_number, own),) if b_number else ()
    asked = None if b_number is None else (own_limit.DAY, own_limit.CALL, *country)
    return tuple(
        Ceiling(Money(amount, unit), Money(spent.get(key, 0), unit), key)
        for key, amount in own.items()
        if key != own_limit.MINUTES and (asked is None or key in asked)
    )


def _country_key(number: str, own: Collection[str]) -> str:
    key = own_limit.to_country(Msisdn(number).region or "")
    return key if key in own else own_limit.ELSEWHERE


@transactional
def _count(ports: Ports, owner_id: int, refusal: K5Error) -> None:
    logger.info("order refused", extra={"owner_id": owner_id, "code": refusal.code})
    with ports.sessions.begin() as db:
        limit_rows.count_refusal(db, owner_id, refusal.code, ports.clock())


def show(ports: Ports, owner_id: int) -> Safety:
    """Return what an account may call and how much of it. Raises: NotFound."""
    with ports.sessions.read() as db:
        return show_in(ports, db, caller_rows.facts(db, owner_id))


def show_in(ports: Ports, db: Session, facts: CallerFacts) -> Safety:
    """Return the same within the caller's transaction."""
    return Safety(
        limits=facts.limits,
        ceilings=ceilings(ports, facts, used(db, ports, facts)),
        opened=facts.opened,
        refusals=limit_rows.refusals(db, facts.owner_id),
    )


@transactional
def open_direction(ports: Ports, owner_id: int, direction: str) -> None:
    """Open a class of directions, or a prefix, for an account. Staff only."""
    with ports.sessions.begin() as db:
        limit_rows.open_direction(db, owner_id, direction, ports.clock())


@transactional
def close_direction(ports: Ports, owner_id: int, direction: str) -> None:
    """Close again what staff had opened."""
    with ports.sessions.begin() as db:
        limit_rows.close_direction(db, owner_id, direction)


@transactional
def set_limits(ports: Ports, owner_id: int, changes: dict[str, int | None]) -> None:
    """Set limits of an account by their names in `SafetyLimits`. Staff only. None means the general limit."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if changes:  # a form that is sent again changes nothing
            limit_rows.set_limits(db, owner_id, changes)
