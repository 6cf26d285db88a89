"""Numbers that a subscriber rents: looked for, reserved, connected for a fee, given back; freed when their time ends.

Everything of one subscriber happens under the lock of the account, so two forms cannot both pass a limit. Of two who
want one number the second is told that it is taken.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.orm import Session

from k5web.domain.accounts.stock_number import (
    MOST_A_DAY,
    PAGE,
    RESERVED_FOR,
    RESTS_FOR,
    HeldPlan,
    NumberOffer,
    NumberSearch,
    NumberState,
    StockNumber,
    number_offer,
    plan_of_code,
    unpaid_plan,
)
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import Event, EventName, Purse
from k5web.domain.books.ledger import Move as LedgerMove
from k5web.domain.books.service import order_name
from k5web.domain.money import Money
from k5web.errors import (
    Conflict,
    FeeRose,
    NotFound,
    NotOffered,
    NumberLimit,
    NumberTaken,
    NumberUnpaid,
    OneReservation,
    ReservationOver,
    TooManyReserved,
)
from k5web.services.ports import Ports
from k5web.services.prices import number_plans
from k5web.storage.accounts import number_rows, subscribers
from k5web.storage.accounts.number_rows import HOUSE, Move
from k5web.storage.books import ledger
from k5web.storage.pbx import pbx_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

COUNTER = "sale.order"  # the house account of the fee
SWEEPER = "job:numbers"
SWEPT_AT_ONCE = 100
LOOKS = 3  # at a number that somebody changes at the same moment: its reservation's end, then another's reservation


@dataclass(frozen=True, slots=True)
class NumberPage:
    """Free numbers that fit, how many of each code there are, where the next page begins."""

    rows: tuple[StockNumber, ...]
    free: dict[str, int]
    next_after: str | None


@transactional
def search(ports: Ports, wanted: NumberSearch, after: str = "") -> NumberPage:
    """Return a page of free numbers; `after` is the last page's `next_after`."""
    now = ports.clock()
    with ports.sessions.read() as db:
        found = number_rows.find_free(db, wanted, after, PAGE + 1, now)
        free = number_rows.count_free(db, now)
    rows = tuple(found[:PAGE])
    return NumberPage(rows, free, rows[-1].msisdn.digits if len(found) > PAGE else None)


@transactional
def of_owner(ports: Ports, owner_id: int) -> list[StockNumber]:
    """Return the numbers that a subscriber rents, and the one that is reserved, where it still is."""
    now = ports.clock()
    with ports.sessions.read() as db:
        return [found for found in number_rows.of_owner(db, owner_id) if not found.is_over(now)]


@transactional
def show(ports: Ports, owner_id: int, digits: str) -> StockNumber:
    """Return a number that is free, or this subscriber's. Raises: NotFound; whose others are is not told."""
    now = ports.clock()
    with ports.sessions.read() as db:
        found = number_rows.get(db, digits)
    if not (found.is_free(now) or found.owner_id == owner_id):
        raise NotFound(what=f"free number {found.msisdn}")
    return found


@transactional
def offer(ports: Ports, owner_id: int, code: str) -> NumberOffer:
    """Return what a number of this code would cost this subscriber now.

    Raises: NotOffered, NumberLimit, NumberUnpaid.
    """
    with ports.sessions.read() as db:
        return _offer(ports, subscribers.get(db, owner_id), db, code)


@transactional
def offers(
    ports: Ports, subscriber: Subscriber, own: Sequence[StockNumber], codes: Iterable[str]
) -> Mapping[str, NumberOffer]:
    """Return the same for several codes, without those that are not offered; `own`: the subscriber's numbers."""
    with ports.sessions.read() as db:
        plans = number_plans.held(ports, db, subscriber)
    rented, found = _rented_codes(own), {}
    for code in codes:
        with suppress(NotOffered, NumberLimit, NumberUnpaid):
            found[code] = _offered(ports, subscriber, plans, rented, code)
    return found


@transactional
def reserve(ports: Ports, owner_id: int, digits: str) -> StockNumber:
    """Keep a free number for this subscriber for a while; one that is kept for them already is not kept longer.

    Raises: NotFound, NumberTaken, OneReservation, TooManyReserved, NotOffered, NumberLimit, NumberUnpaid,
    SubscriberBlocked, ServicesSuspended.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        found = number_rows.get(db, digits)
        if found.is_reserved_by(owner_id, now) or found.is_rented_by(owner_id):
            return found
        _offer(ports, subscribers.serve(db, owner_id), db, found.code)
        _make_room(ports, db, owner_id)
        to = Move(NumberState.RESERVED, owner_id, now, _actor(owner_id), until=now + RESERVED_FOR)
        return _take(ports, db, found, to)


@transactional
def let_go(ports: Ports, owner_id: int, digits: str) -> None:
    """Give up a reservation. Raises: NotFound (there is none)."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        found = number_rows.get(db, digits)
        if not found.is_reserved_by(owner_id, now):
            raise NotFound(what=f"reservation of {found.msisdn}")
        number_rows.move(db, found, Move(NumberState.FREE, owner_id, now, _actor(owner_id)))


@transactional
def connect(ports: Ports, owner_id: int, digits: str, form_id: str, seen: Money) -> StockNumber:
    """Take the fee and rent the reserved number to its subscriber, in one transaction; a repeat changes nothing.

    `seen` is the fee that the form showed: a higher one is refused, a lower one is taken.
    Raises: NotFound, ReservationOver, FeeRose, InsufficientFunds, NotOffered, NumberLimit, NumberUnpaid,
    SubscriberBlocked, ServicesSuspended,
    AccountClosed, Conflict (the form took its fee once before); nothing was taken.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, owner_id)
        found = number_rows.get(db, digits)
        if found.is_rented_by(owner_id):
            return found
        if not found.is_reserved_by(owner_id, now):
            raise ReservationOver(number=found.msisdn)
        fee = _offer(ports, subscribers.serve(db, owner_id), db, found.code).fee
        if fee > seen:
            raise FeeRose(agreed=seen, due=fee)
        order = _charge(ports, db, purse, fee, order_name(found.msisdn, form_id)) if fee.minor else ""
        pbx_rows.touch(db, owner_id, now)
        return number_rows.move(db, found, Move(NumberState.RENTED, owner_id, now, _actor(owner_id), order=order))


@transactional
def give_back(ports: Ports, owner_id: int, digits: str) -> None:
    """Return a rented number at once; it rests before anybody has it again. Raises: NotFound (it is not theirs)."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        found = number_rows.get(db, digits)
        if not found.is_rented_by(owner_id):
            raise NotFound(what=f"rented number {found.msisdn}")
        to = Move(NumberState.QUARANTINE, owner_id, now, _actor(owner_id), until=now + RESTS_FOR)
        number_rows.move(db, found, to)
        pbx_rows.touch(db, owner_id, now)
    logger.info("number returned", extra={"owner_id": owner_id, "number": found.msisdn.masked})


def sweep(ports: Ports) -> int:
    """Write down which reservations and rests have ended (run by the worker; any number may run). Return how many."""
    freed = 0
    while step := sum(_free_one(ports, digits) for digits in _overdue(ports)):
        freed += step
    return freed


@transactional
def _overdue(ports: Ports) -> list[str]:
    with ports.sessions.read() as db:
        return number_rows.overdue(db, ports.clock(), SWEPT_AT_ONCE)


@transactional
def _free_one(ports: Ports, digits: str) -> bool:
    with ports.sessions.begin() as db:
        found = number_rows.get(db, digits)
        if not found.is_over(ports.clock()):
            return False
        try:
            _free(ports, db, found)
        except NumberTaken:
            return False  # somebody else freed it this moment
    return True


def _take(ports: Ports, db: Session, seen: StockNumber, to: Move) -> StockNumber:
    """Take a free number, also where the sweep frees it at this moment. Raises: NumberTaken."""
    for _ in range(LOOKS):
        try:
            return number_rows.move(db, _free(ports, db, seen) if seen.is_over(to.at) else seen, to)
        except NumberTaken:
            seen = number_rows.get(db, seen.msisdn.digits)
            if not seen.is_free(to.at):
                raise
    raise NumberTaken(number=seen.msisdn)


def _free(ports: Ports, db: Session, over: StockNumber) -> StockNumber:
    """Free a number whose reservation or rest has ended."""
    return number_rows.move(db, over, Move(NumberState.FREE, over.owner_id or HOUSE, ports.clock(), SWEEPER))


def _make_room(ports: Ports, db: Session, owner_id: int) -> None:
    """End what was reserved before and is over. Raises: OneReservation, TooManyReserved."""
    for other in number_rows.of_owner(db, owner_id):
        if other.is_over(ports.clock()):
            with suppress(NumberTaken):  # the sweep freed it this moment
                _free(ports, db, other)
        elif other.state is NumberState.RESERVED:
            raise OneReservation(number=other.msisdn)
    if number_rows.reserved_since(db, owner_id, ports.day_began_at()) >= MOST_A_DAY:
        raise TooManyReserved(most_times=MOST_A_DAY)


def _offer(ports: Ports, subscriber: Subscriber, db: Session, code: str) -> NumberOffer:
    rented = _rented_codes(number_rows.of_owner(db, subscriber.id))
    return _offered(ports, subscriber, number_plans.held(ports, db, subscriber), rented, code)


def _offered(
    ports: Ports, subscriber: Subscriber, plans: Sequence[HeldPlan], rented: Sequence[str], code: str
) -> NumberOffer:
    plan = plan_of_code(plans, code)
    waits_for = unpaid_plan(plans, plan)
    if waits_for is not None:
        raise NumberUnpaid(plan=waits_for.title or waits_for.code)
    found = number_offer(plan, code, rented, ports.today())
    if found.fee.currency != subscriber.currency:
        raise NotOffered(plan=plan.title or plan.code, code=code)
    return found


def _rented_codes(own: Sequence[StockNumber]) -> list[str]:
    return [found.code for found in own if found.state is NumberState.RENTED]


def _actor(owner_id: int) -> str:
    return f"subscriber:{owner_id}"


def _charge(ports: Ports, db: Session, purse: Purse, fee: Money, name: EventName) -> str:
    """Take the fee under the order's name and return its key. Raises: Conflict: a form is good for one connection."""
    move = LedgerMove(purse.account_id, -fee.minor, COUNTER)
    event = Event(purse.owner_id, name, (move,), _actor(purse.owner_id), ports.clock())
    if not ledger.charge(db, event, ports.today(), ports.clock()).is_new:
        raise Conflict(origin=name.origin, key=name.key)
    return name.key
