"""Money from one subscriber to another: offered first, then moved in one transaction of both."""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from k5web.domain.accounts.login import readings
from k5web.domain.accounts.subscriber import Party, Subscriber, served
from k5web.domain.books.ledger import Event, Move, Posting, Purse
from k5web.domain.books.transfer import COUNTER, LEAST_MINOR, YOUNG_FOR, Passable, received_name, sent_name
from k5web.domain.money import Money
from k5web.domain.payments.connector import KeepsCards
from k5web.domain.throttle import Throttle
from k5web.errors import AccountClosed, TransferTooSmall, WrongReceiver
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger, transfer_rows
from k5web.storage.session import transactional

LOOKING = Throttle(every=timedelta(minutes=15), at_once=10)  # whoever tries numbers sees a hundred a day


@dataclass(frozen=True, slots=True)
class TransferOffer:
    """What the sender agrees to. `mark` says whom the typed text meant, without saying it."""

    receiver: Party
    mark: str
    amount: Money
    stays: Money


@dataclass(frozen=True, slots=True)
class TransferWish:
    """A transfer as its form brings it: who was typed and shown, how much, under which id of the form."""

    receiver: str
    mark: str
    amount: Money
    form_id: str


@transactional
def passable(ports: Ports, owner_id: int) -> Passable:
    """Return what an account may pass on now. Raises: NotFound."""
    with ports.sessions.read() as db:
        return _passable(ports, db, ledger.purse(db, owner_id))


@transactional
def offer(ports: Ports, sender: Subscriber, receiver: str, amount: Money) -> TransferOffer:
    """Return what sending this sum would do. Each look at a receiver counts, known or not.

    Raises: TransferTooSmall, InsufficientFunds, TransferLimit, TooOften, WrongReceiver, ServicesSuspended.
    """
    served(sender)
    _check_least(amount)
    found = passable(ports, sender.id)
    found.check(amount)
    with ports.sessions.begin() as db:
        throttles.book(db, "transfer", str(sender.id), LOOKING, ports.clock())
    with ports.sessions.read() as db:
        meant = _find(db, sender, receiver)
        _check_receiver(db, sender, meant)
    return TransferOffer(meant.party, mark_of(ports, receiver, meant), amount, found.own - amount)


@transactional
def send(ports: Ports, sender: Subscriber, wish: TransferWish) -> Posting:
    """Move the money: the sender's posting and the receiver's, or neither. The same form gives the first answer.

    Raises: as `offer`; SubscriberBlocked, ServicesSuspended; Conflict (the form sent something else already);
    WrongRequest.
    """
    _check_least(wish.amount)
    sent = sent_name(wish.form_id)
    now, actor = ports.clock(), f"subscriber:{sender.id}"
    with ports.sessions.begin() as db:
        receiver = _find(db, sender, wish.receiver)
        if wish.mark != mark_of(ports, wish.receiver, receiver):
            raise WrongReceiver(why="unknown")
        theirs, mine = ledger.purse(db, receiver.id), ledger.purse(db, sender.id)
        _check_currency(mine, theirs)
        out = Event(sender.id, sent, (Move(mine.account_id, -wish.amount.minor, COUNTER),), actor, now)
        received = received_name(sender.id, sent)
        into = Event(receiver.id, received, (Move(theirs.account_id, wish.amount.minor, COUNTER),), actor, now)
        try:
            posted, _ = ledger.charge_both(db, out, into, ports.today(), now)
        except AccountClosed as closed:
            if closed.facts["account_id"] == mine.account_id:
                raise
            raise WrongReceiver(why="inactive") from None
        if posted.is_new:
            _check_moved(ports, db, sender, wish.amount)
            _check_receiver(db, sender, receiver)
        return posted.postings[0]


def mark_of(ports: Ports, typed: str, receiver: Subscriber) -> str:
    """Return by what the form knows its receiver again. Another spelling has another mark, so two marks do not tell
    that a phone and an id are one subscriber's."""
    return hmac.digest(ports.lookup_keys[0], f"receiver {receiver.id} {typed}".encode(), "sha256").hex()


def _passable(ports: Ports, db: Session, purse: Purse) -> Passable:
    origins = [connector.origin for connector in ports.connectors if isinstance(connector, KeepsCards)]
    return Passable(
        own=purse.balance - purse.held,
        young=transfer_rows.brought_since(db, purse, origins, ports.clock() - YOUNG_FOR),
        day=Money(ports.transfer_day.minor, purse.balance.currency),
        sent=transfer_rows.sent_since(db, purse, ports.today()),
    )


def _check_least(amount: Money) -> None:
    if amount.minor < LEAST_MINOR:
        raise TransferTooSmall(least=Money(LEAST_MINOR, amount.currency))


def _find(db: Session, sender: Subscriber, typed: str) -> Subscriber:
    """Return whom a phone in any spelling, or an id, means. Raises: WrongReceiver."""
    found = [subscriber for subscriber, _ in subscribers.find(db, *readings(typed))]
    if len(found) != 1:
        raise WrongReceiver(why="several" if found else "unknown")
    if found[0].id == sender.id:
        raise WrongReceiver(why="self")
    return found[0]


def _check_receiver(db: Session, sender: Subscriber, receiver: Subscriber) -> None:
    """Let this one receive; under the account's lock no block and no end of the contract comes between.

    Raises: WrongReceiver."""
    theirs = ledger.purse(db, receiver.id)
    found = subscribers.get(db, receiver.id)
    is_stopped = found.blocked_at is not None or found.ended_at is not None
    if is_stopped or not ledger.is_open(db, receiver.id, theirs.account_id):
        raise WrongReceiver(why="inactive")
    _check_currency(ledger.purse(db, sender.id), theirs)


def _check_currency(mine: Purse, theirs: Purse) -> None:
    if mine.balance.currency != theirs.balance.currency:
        raise WrongReceiver(why="currency")


def _check_moved(ports: Ports, db: Session, sender: Subscriber, amount: Money) -> None:
    """Ask the sender's limits after posting: by then the account is locked, so no other transfer slips in between."""
    subscribers.serve(db, sender.id)
    _passable(ports, db, ledger.purse(db, sender.id)).before(amount).check(amount)
