"""Mistakes and money that goes back: never an edit, always a new event that names the one it answers."""

from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move, Posted, Posting
from k5web.domain.books.service import reversal_of
from k5web.domain.books.transfer import RECEIVED, SENT, received_name, sender_of
from k5web.domain.money import Money
from k5web.errors import CurrencyMismatch, InsufficientFunds, NotFound, RefundTooLarge, WrongMoney
from k5web.services.ports import Ports
from k5web.storage.books import ledger, promised_payment_rows, transfer_rows
from k5web.storage.session import transactional


@transactional
def reverse(ports: Ports, owner_id: int, name: EventName, actor: str) -> Posted:
    """Undo an event by its mirror image, once; a repeat gets the first answer. It is a fact, also below the floor.

    A transfer between subscribers is undone on both sides, by the name of either.

    Raises: NotFound, RefundTooLarge (part of it went back already), AccountClosed, Unavailable.
    """
    with ports.sessions.begin() as db:
        return reverse_in(ports, db, owner_id, name, actor)


def reverse_in(ports: Ports, db: Session, owner_id: int, name: EventName, actor: str) -> Posted:
    """Do so in the caller's transaction."""
    if name.origin in (SENT, RECEIVED):
        return _reverse_both(ports, db, owner_id, name, actor)[name.origin == RECEIVED]
    original = _original(db, owner_id, name)
    posted = ledger.record(db, _mirror(original, actor, ports.clock()), ports.today(), ports.clock())
    _refuse_excess(db, name, original, posted)
    return posted


def reverse_all_in(ports: Ports, db: Session, owner_id: int, name: EventName, actor: str) -> Posted:
    """Do so, and of a transfer return both sides."""
    if name.origin not in (SENT, RECEIVED):
        return reverse_in(ports, db, owner_id, name, actor)
    out, into = _reverse_both(ports, db, owner_id, name, actor)
    return Posted(out.is_new, out.postings + into.postings)


def give_back_in(
    ports: Ports, db: Session, charge: Posting, given: Money, corrected: EventName, actor: str
) -> tuple[Posting, ...]:
    """Give back a charge, or a part of it, in the caller's transaction: it is reversed, and what remains is charged
    anew under the name `corrected`. Allowances that it used come back with the whole of it only.

    Raises: RefundTooLarge (it was less, or went back already), NotFound, Conflict, AccountClosed.
    """
    original = _original(db, charge.owner_id, charge.name)
    taken = {posting.seq: posting for posting in original if posting.account_id == charge.account_id}
    left = -sum(posting.amount.minor for posting in taken.values())
    if not 0 < given.minor <= left or given.currency != charge.amount.currency:
        raise RefundTooLarge(origin=charge.name.origin, key=charge.name.key, left=Money(left, charge.amount.currency))
    undone = reverse_in(ports, db, charge.owner_id, charge.name, actor)
    if not undone.is_new:
        left_now = Money(0, charge.amount.currency)
        raise RefundTooLarge(origin=charge.name.origin, key=charge.name.key, left=left_now)
    if given.minor == left:
        return undone.postings
    moves = [Move(each.account_id, each.amount.minor, each.counter) for each in original if each.seq not in taken]
    moves.append(Move(charge.account_id, given.minor - left, charge.counter))
    right = Event(charge.owner_id, corrected, tuple(moves), actor, ports.clock())
    return undone.postings + ledger.record(db, right, ports.today(), ports.clock()).postings


@transactional
def find_transfer(ports: Ports, number: int) -> Posting:
    """Return the side of a transfer that a statement knows by this number. Raises: NotFound."""
    with ports.sessions.read() as db:
        return _transfer(db, number)


@transactional
def undone_transfer(ports: Ports, number: int) -> tuple[Posting, ...]:
    """Return what taking a transfer back posted, the sender's side first. Raises: NotFound."""
    with ports.sessions.read() as db:
        found = _transfer(db, number)
        sides = _sides(db, found.owner_id, found.name)
        undone = [ledger.find_event(db, owner_id, reversal_of(name)) for owner_id, name in sides]
    return tuple(posting for posted in undone if posted for posting in posted.postings)


def _transfer(db: Session, number: int) -> Posting:
    found = ledger.find_by_number(db, number)
    if found is None or found.name.origin not in (SENT, RECEIVED):
        raise NotFound(what=f"transfer {number}")
    return found


def _reverse_both(ports: Ports, db: Session, owner_id: int, name: EventName, actor: str) -> tuple[Posted, Posted]:
    """Undo both sides of a transfer that one of them names; return the sender's answer and the receiver's."""
    originals = [_original(db, *side) for side in _sides(db, owner_id, name)]
    out, into = (_mirror(original, actor, ports.clock()) for original in originals)
    return ledger.record_both(db, out, into, ports.today(), ports.clock())


def _sides(db: Session, owner_id: int, name: EventName) -> tuple[tuple[int, EventName], tuple[int, EventName]]:
    """Return sender and receiver of a transfer, each with its name there. Raises: NotFound."""
    sender_id, sent = sender_of(name) if name.origin == RECEIVED else (owner_id, name)
    receiver_id = transfer_rows.receiver_of(db, sender_id, sent)
    if receiver_id is None or (name.origin == RECEIVED and receiver_id != owner_id):
        raise NotFound(what=f"event {name}")
    return (sender_id, sent), (receiver_id, received_name(sender_id, sent))


def _mirror(original: tuple[Posting, ...], actor: str, now: datetime) -> Event:
    """Return the event that undoes these postings of another."""
    name = original[0].name
    moves = tuple(Move(posting.account_id, -posting.amount.minor, posting.counter) for posting in original)
    return Event(original[0].owner_id, reversal_of(name), moves, actor, now, reverses=name)


@transactional
def refund(ports: Ports, owner_id: int, name: EventName, amount: Money, application: str, actor: str) -> Posted:
    """Pay back what is left of a payment, whole or in part, by the subscriber's application.

    Raises: RefundTooLarge, InsufficientFunds (it is spent), NotFound, CurrencyMismatch, Conflict, AccountClosed,
    Unavailable.
    Source: promise B12, the unused advance is refunded on written application.
    """
    with ports.sessions.begin() as db:
        return refund_in(ports, db, owner_id, name, amount, application, actor)


def refund_in(
    ports: Ports, db: Session, owner_id: int, name: EventName, amount: Money, application: str, actor: str
) -> Posted:
    """Do so in the caller's transaction."""
    original = _original(db, owner_id, name)
    event = _refund(original, name, amount, application, actor, ports.clock())
    posted = ledger.charge(db, event, ports.today(), ports.clock())
    _refuse_excess(db, name, original, posted)
    if posted.is_new:
        refuse_promised(db, owner_id, amount)
    return posted


def record_refund(
    ports: Ports, db: Session, owner_id: int, name: EventName, amount: Money, application: str, actor: str
) -> Posted:
    """Book in the caller's transaction what the provider gave back already: a fact, also below the floor.

    Raises: RefundTooLarge, NotFound, CurrencyMismatch, Conflict, AccountClosed.
    """
    original = _original(db, owner_id, name)
    event = _refund(original, name, amount, application, actor, ports.clock())
    posted = ledger.record(db, event, ports.today(), ports.clock())
    _refuse_excess(db, name, original, posted)
    return posted


def refuse_promised(db: Session, owner_id: int, amount: Money) -> None:
    """Refuse that this sum, taken or held already in this transaction, leaves K5 from what is only promised.

    Raises: InsufficientFunds.
    """
    own = promised_payment_rows.own_of(db, ledger.purse(db, owner_id))
    if own.minor < 0:
        raise InsufficientFunds(available=max(own + amount, Money(0, amount.currency)), needed=amount)


def left_of(db: Session, owner_id: int, name: EventName) -> Money:
    """Return what of a payment did not go back yet. Raises: NotFound."""
    original = _original(db, owner_id, name)
    back = sum(ledger.taken_back(db, owner_id, name).values())
    return Money(sum(posting.amount.minor for posting in original) + back, original[0].amount.currency)


@transactional
def chargeback(
    ports: Ports, owner_id: int, name: EventName, amount: Money, case: str, actor: str, occurred_at: datetime
) -> Posted:
    """Book what the acquirer took back from us; a fact, so the account may go below zero.

    Raises: NotFound, CurrencyMismatch, Conflict, AccountClosed, Unavailable.
    """
    with ports.sessions.begin() as db:
        return chargeback_in(ports, db, owner_id, name, amount, case, actor, occurred_at)


def chargeback_in(
    ports: Ports, db: Session, owner_id: int, name: EventName, amount: Money, case: str, actor: str, at: datetime
) -> Posted:
    """Do so in the caller's transaction."""
    move = _back(_original(db, owner_id, name), amount, "loss")
    event = Event(owner_id, EventName("chargeback", case), (move,), actor, at, reverses=name)
    return ledger.record(db, event, ports.today(), ports.clock())


def _original(db: Session, owner_id: int, name: EventName) -> tuple[Posting, ...]:
    found = NotFound.unless(ledger.find_event(db, owner_id, name), f"event {name}")
    return found.postings


def _refund(
    original: tuple[Posting, ...], name: EventName, amount: Money, application: str, actor: str, now: datetime
) -> Event:
    move = _back(original, amount, "refund")
    return Event(original[0].owner_id, EventName("refund", application), (move,), actor, now, reverses=name)


def _back(original: tuple[Posting, ...], amount: Money, counter: str) -> Move:
    """Return the move that takes this sum from where the payment came in."""
    if amount.minor <= 0:
        raise WrongMoney(text=str(amount))
    paid = next((posting for posting in original if posting.amount.minor > 0), None)
    if paid is None or paid.name.origin == RECEIVED:  # what was received goes back to its sender, by a reversal
        raise NotFound(what=f"payment {original[0].name}")
    if paid.amount.currency != amount.currency:
        raise CurrencyMismatch(left=amount.currency, right=paid.amount.currency)
    return Move(paid.account_id, -amount.minor, counter)


def _refuse_excess(db: Session, name: EventName, original: tuple[Posting, ...], posted: Posted) -> None:
    """Refuse to take back more than there was, all corrections of the event together.

    Asked after posting: by then the account is locked, so no other correction can slip in between.
    """
    if not posted.is_new:
        return
    taken = ledger.taken_back(db, original[0].owner_id, name)
    for account_id in {posting.account_id for posting in original}:
        before = sum(posting.amount.minor for posting in original if posting.account_id == account_id)
        left = before + taken.get(account_id, 0)
        if left * before < 0:
            mine = sum(posting.amount.minor for posting in posted.postings if posting.account_id == account_id)
            available = Money(left - mine, original[0].amount.currency)
            raise RefundTooLarge(origin=name.origin, key=name.key, left=available)
