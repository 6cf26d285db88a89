"""The unused advance goes back after the contract, by an application in the cabinet; staff pay it, once (B12)."""

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.accounts.ending import SETTLED_WITHIN, RefundApplication, Requisites
from k5web.domain.bank import requisites
from k5web.domain.books.ledger import Event, HoldState, Move, Posting
from k5web.domain.money import Money
from k5web.domain.reason import checked_reason
from k5web.errors import ContractNotEnded, InsufficientFunds, NothingToRefund
from k5web.services.ports import Ports
from k5web.storage.accounts import ending_rows, refund_rows, subscribers
from k5web.storage.books import ledger, promised_payment_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

KEPT_ASIDE_FOR = timedelta(days=3650)  # longer than any application waits: paying or declining it ends the hold


@transactional
def unused(ports: Ports, owner_id: int) -> Money:
    """Return what of the advance may be refunded: no promised money, nothing that is held."""
    with ports.sessions.read() as db:
        return _unused(db, owner_id)


@transactional
def of_owner(ports: Ports, owner_id: int) -> list[RefundApplication]:
    """Return a subscriber's applications, the oldest first."""
    with ports.sessions.read() as db:
        return refund_rows.of_owner(db, owner_id)


@transactional
def waiting(ports: Ports) -> list[RefundApplication]:
    """Return the applications that staff are to pay, the nearest term first."""
    with ports.sessions.read() as db:
        return refund_rows.waiting(db)


@transactional
def apply(ports: Ports, owner_id: int, to: Requisites) -> RefundApplication:
    """Take an application for all that is unused and keep it aside; while one is open a second changes nothing.

    Raises: WrongRefund, ContractNotEnded, NothingToRefund, SubscriberBlocked.
    """
    with ports.sessions.begin() as db:
        purse = ledger.lock_purse(db, owner_id)
        is_ended = subscribers.admit(db, owner_id).ended_at is not None
        ending = ending_rows.standing(db, owner_id)
        if not is_ended or ending is None:
            raise ContractNotEnded
        if (known := _open(db, owner_id)) is not None:
            return known
        amount = _unused(db, owner_id)
        if amount.minor <= 0:
            raise NothingToRefund
        checked = requisites.checked_receiver(to, purse.balance.currency)
        now = ports.clock()
        added = refund_rows.add(db, owner_id, amount, checked, now, _due(ports.today(), ending.settled_by))
        ledger.hold(db, owner_id, purse.account_id, added.hold, amount, now, now + KEPT_ASIDE_FOR)
    logger.info("refund of an advance is wished", extra={"owner_id": owner_id, "n": added.n})
    return added


@transactional
def pay(ports: Ports, owner_id: int, document: str, actor: str) -> RefundApplication:
    """Book the open application as paid by this document of the bank; a document pays one application, once.

    Raises: NothingToRefund, WrongReason, ContractNotEnded (it goes on again), InsufficientFunds (less is left by now:
    decline it, it is to be made anew).
    """
    with ports.sessions.begin() as db:
        paid, moved = pay_in(ports, db, owner_id, document, actor)
    if moved:
        logger.warning("an advance was refunded", extra={"owner_id": owner_id, "n": paid.n, "actor": actor})
    return paid


def pay_in(
    ports: Ports, db: Session, owner_id: int, document: str, actor: str
) -> tuple[RefundApplication, tuple[Posting, ...]]:
    """Do so in the caller's transaction; return what moved as well, nothing where it was booked before."""
    text, now = checked_reason(document), ports.clock()
    purse = ledger.lock_purse(db, owner_id)
    paid = [each for each in refund_rows.of_owner(db, owner_id) if each.paid_at and each.document == text]
    if paid:
        return paid[-1], ()
    application = _payable(db, owner_id)
    move = Move(purse.account_id, -application.amount.minor, "refund")
    event = Event(owner_id, application.event, (move,), actor, now)
    posted = ledger.settle(db, event, application.hold, ports.today(), now)
    refund_rows.note_paid(db, application, now, actor, text)
    return replace(application, paid_at=now, actor=actor, document=text), posted.postings


@transactional
def decline(ports: Ports, owner_id: int, reason: str, actor: str) -> None:
    """Close the open application without paying; the subscriber reads the reason.

    Raises: NothingToRefund, WrongReason.
    """
    text = checked_reason(reason)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if not decline_open(db, owner_id, text, actor, ports.clock()):
            raise NothingToRefund


def decline_open(db: Session, owner_id: int, reason: str, actor: str, now: datetime) -> bool:
    """Do so in the caller's transaction, which holds the account's lock; False where no application is open."""
    application = _open(db, owner_id)
    if application is None or not refund_rows.note_declined(db, application, now, actor, reason):
        return False
    ledger.release_all(db, owner_id, application.hold, now)
    return True


def _payable(db: Session, owner_id: int) -> RefundApplication:
    """Return the open application of a contract that is over, where the subscriber's own money still covers it.

    Raises: NothingToRefund, ContractNotEnded, InsufficientFunds.
    """
    application = _open(db, owner_id)
    if application is None:
        raise NothingToRefund
    if subscribers.get(db, owner_id).ended_at is None:
        raise ContractNotEnded
    left = _unused(db, owner_id) + _kept_aside(db, application)
    if left < application.amount:
        raise InsufficientFunds(available=max(left, Money(0, left.currency)), needed=application.amount)
    return application


def _open(db: Session, owner_id: int) -> RefundApplication | None:
    return next((each for each in refund_rows.of_owner(db, owner_id) if each.is_open), None)


def _kept_aside(db: Session, application: RefundApplication) -> Money:
    """Return what is kept aside for an application: nothing for one that is older than this rule."""
    account_id = ledger.purse(db, application.owner_id).account_id
    hold = ledger.find_hold(db, application.owner_id, account_id, application.hold)
    return hold.amount if hold and hold.state is HoldState.OPEN else Money(0, application.amount.currency)


def _unused(db: Session, owner_id: int) -> Money:
    purse = ledger.purse(db, owner_id)
    return min(purse.available, promised_payment_rows.own_of(db, purse))


def _due(today: date, settled_by: date) -> date:
    return max(today + SETTLED_WITHIN, settled_by)
