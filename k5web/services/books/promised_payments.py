"""Promised payments: offered by the operator's terms, taken one at a time, ended by the worker in time."""

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from k5web.domain.books import promised_payment
from k5web.domain.books.ledger import Event, EventName, Move, Purse
from k5web.domain.books.promised_payment import EndedWhy, PromisedPayment, PromiseTerms
from k5web.domain.money import Money
from k5web.errors import PromiseRefused
from k5web.services.ports import Ports, start_of_day
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger, promised_payment_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands with promises. `refusal`: why none may be taken now, None where one may be."""

    terms: PromiseTerms | None
    open: PromisedPayment | None
    owed: Money  # what promises let be spent and was not paid back
    last_day: date | None  # of the open one, else of one that would be taken today
    refusal: PromiseRefused | None


@transactional
def standing(ports: Ports, owner_id: int) -> Standing:
    """Return how an account stands with promises. Raises: NotFound."""
    with ports.sessions.read() as db:
        purse = ledger.purse(db, owner_id)
        last = promised_payment_rows.newest(db, owner_id)
        terms = ports.promise.in_currency(purse.balance.currency) if ports.promise else None
        refusal = _refusal(ports, db, purse, last, None)
    debt = max(-purse.balance, Money(0, purse.balance.currency)) if last else Money(0, purse.balance.currency)
    if last is not None and last.is_open:
        return Standing(terms, last, debt, _last_day(ports, last), refusal)
    return Standing(terms, None, debt, terms.last_day(ports.today()) if terms else None, refusal)


@transactional
def check(ports: Ports, owner_id: int, amount: Money) -> None:
    """Let this sum be promised. Raises: PromiseRefused, NotFound."""
    with ports.sessions.read() as db:
        purse, last = ledger.purse(db, owner_id), promised_payment_rows.newest(db, owner_id)
        refusal = _refusal(ports, db, purse, last, amount)
    if refusal is not None:
        raise refusal


@transactional
def take(ports: Ports, owner_id: int, amount: Money, form_key: str) -> PromisedPayment:
    """Lower the account's floor by this sum until the end of the last day, and take the fee. The same form gives the
    first answer.

    Raises: PromiseRefused, SubscriberBlocked, ServicesSuspended, AccountClosed, NotFound.
    """
    now = ports.clock()
    with ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, owner_id)
        known = promised_payment_rows.by_form(db, owner_id, form_key)
        if known is not None:
            return known
        subscribers.serve(db, owner_id)
        refusal = _refusal(ports, db, purse, promised_payment_rows.newest(db, owner_id), amount)
        if refusal is not None or ports.promise is None:
            raise refusal or PromiseRefused(why="off")
        due_at = start_of_day(ports.promise.last_day(ports.today()) + timedelta(days=1))
        taken = promised_payment_rows.take(db, purse, form_key, amount, now, due_at)
        if ports.promise.fee.minor:
            move = Move(purse.account_id, -ports.promise.fee.minor, "sale.order")
            name = EventName(promised_payment.ORIGIN, str(taken.n))
            ledger.charge(db, Event(owner_id, name, (move,), f"subscriber:{owner_id}", now), ports.today(), now)
    logger.info("payment promised", extra={"owner_id": owner_id, "n": taken.n})
    return taken


@transactional
def end_early(ports: Ports, owner_id: int) -> None:
    """End the open promise where nothing of it is used, as the subscriber asks; where none is open nothing happens.

    Raises: PromiseRefused (promised money is in use), NotFound.
    """
    with ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, owner_id)
        last = promised_payment_rows.newest(db, owner_id)
        if last is None or not last.is_open:
            return
        if promised_payment_rows.own_of(db, purse).minor < 0:
            raise PromiseRefused(why="using")
        promised_payment_rows.end(db, owner_id, last.n, EndedWhy.PAID, ports.clock())


def end_due(ports: Ports) -> int:
    """End every promise whose term is over; return how many. Any number of workers may do so at once, and one that
    stood still for days ends what is left over. An account that is busy waits for the next sweep. Raises: Unavailable.
    """
    with ports.sessions.read() as db:
        due = promised_payment_rows.due(db, ports.clock())
    return sum(_end(ports, promised) for promised in due)


@transactional
def _end(ports: Ports, promised: PromisedPayment) -> bool:
    owner_id, n = promised.owner_id, promised.n
    with ports.sessions.begin() as db:
        is_ended = ledger.lock_free(db, owner_id, promised.account_id) and promised_payment_rows.end(
            db, owner_id, n, EndedWhy.DUE, ports.clock()
        )
    if is_ended:
        logger.info("promised payment ended", extra={"owner_id": owner_id, "n": n})
    return is_ended


def _refusal(
    ports: Ports, db: Session, purse: Purse, last: PromisedPayment | None, amount: Money | None
) -> PromiseRefused | None:
    try:
        promised_payment.check(
            ports.promise.in_currency(purse.balance.currency) if ports.promise else None,
            amount,
            age=ports.clock() - subscribers.registered_at(db, purse.owner_id),
            paid_in=promised_payment_rows.paid_in(db, purse),
            is_open=last is not None and last.is_open,
            own=promised_payment_rows.own_of(db, purse),
        )
    except PromiseRefused as refusal:
        return refusal
    return None


def _last_day(ports: Ports, promised: PromisedPayment) -> date:
    """Return the last whole day of a promise: it ends when the next one begins."""
    return ports.day_of(promised.due_at - timedelta(seconds=1))
