"""A payment that was credited to the wrong subscriber: taken back, also where it is spent, and put where it belongs.

Taking back is a reversal, which is a fact: it may leave the wrong account below zero (docs/ledger.md). A payment of
the bank goes to suspense, and from there to its owner; one of another provider goes to its owner at once.
"""

from dataclasses import replace

from sqlalchemy.orm import Session

from k5web.domain.bank.payment import ASSIGNED, Unmatched
from k5web.domain.books.ledger import HOUSE, Event, EventName, Move, Posting
from k5web.errors import CurrencyMismatch, NotFound, RefundTooLarge, WrongDeed
from k5web.services.bank import suspense
from k5web.services.books import corrections
from k5web.services.books.adjustments import STAFF
from k5web.services.books.crediting import Credit, credit_in
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.bank import bank_payments
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.books import ledger


def take_back(
    ports: Ports, db: Session, owner_id: int, name: EventName, form_key: str, actor: str
) -> tuple[Posting, ...]:
    """Take a payment of the bank back from whom it was credited to: it waits in suspense again, under a new name.

    Raises: NotFound, WrongDeed (it is no payment of the bank, or went back before).
    """
    kept = bank_payments.find(db, owner_id, name)
    if kept is None or owner_id == HOUSE:
        raise WrongDeed(why="not_bank")
    suspense_id = ledger.lock_purse(db, HOUSE, "suspense").account_id
    taken = _reverse_whole(ports, db, owner_id, name, actor)
    again = EventName(STAFF, form_key)
    move = Move(suspense_id, kept.amount.minor, taken[0].counter)
    event = Event(HOUSE, again, (move,), actor, ports.clock())
    waiting = ledger.record(db, event, ports.today(), ports.clock())
    bank_payments.add(db, _as_waiting(kept, _first(db, kept), again), ports.clock())
    return taken + waiting.postings


def move(
    ports: Ports, db: Session, owner_id: int, name: EventName, to_owner: int, form_key: str, actor: str
) -> tuple[Posting, ...]:
    """Take a payment back from whom it was credited to and credit it to whom it was meant for, in one transaction.

    Raises: NotFound, WrongDeed (the same subscriber; it went back before), CurrencyMismatch, SubscriberErased,
    AccountClosed.
    """
    if to_owner in {owner_id, HOUSE}:
        raise WrongDeed(why="same_owner")
    subscribers.check_not_erased(db, to_owner)
    if bank_payments.find(db, owner_id, name) is not None:
        taken = take_back(ports, db, owner_id, name, form_key, actor)
        return taken + suspense.assign_in(ports, db, taken[-1].number, to_owner, actor)
    taken = _reverse_whole(ports, db, owner_id, name, actor)
    paid = -taken[0].amount
    purse = ledger.purse(db, to_owner)
    if purse.balance.currency != paid.currency:
        raise CurrencyMismatch(left=paid.currency, right=purse.balance.currency)
    credit = Credit(to_owner, purse.account_id, EventName(STAFF, form_key), paid, taken[0].counter, actor, None)
    return taken + credit_in(ports, db, credit).postings


def _reverse_whole(ports: Ports, db: Session, owner_id: int, name: EventName, actor: str) -> tuple[Posting, ...]:
    """Reverse a payment that came in from outside, and of which nothing went back yet."""
    original = NotFound.unless(ledger.find_event(db, owner_id, name), f"event {name}").postings
    if len(original) != 1 or original[0].amount.minor <= 0 or not original[0].counter.startswith("cash."):
        raise WrongDeed(why="not_payment")
    try:
        undone = corrections.reverse_in(ports, db, owner_id, name, actor)
    except RefundTooLarge:
        raise WrongDeed(why="done_before") from None
    if not undone.is_new:
        raise WrongDeed(why="done_before")
    return undone.postings


def _first(db: Session, kept: KeptPayment) -> KeptPayment:
    """Return the payment as it came to nobody, where it was assigned from suspense: that row says who paid."""
    first = EventName(kept.name.origin, kept.name.key.removesuffix(ASSIGNED))
    return bank_payments.find(db, HOUSE, first) or kept


def _as_waiting(kept: KeptPayment, told: KeptPayment, name: EventName) -> KeptPayment:
    return replace(
        kept,
        owner_id=HOUSE,
        name=name,
        invoice=None,
        why=Unmatched.TAKEN_BACK,
        payer=told.payer,
        payer_inn=told.payer_inn,
        purpose=told.purpose,
        assigned_to=None,
    )
