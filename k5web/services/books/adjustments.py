"""What staff book by hand in words of their own: a correction of a balance, a debt that is written off.

The event's name is the id of the form, so the form books it once. Each runs in the caller's transaction.
"""

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move, Posted
from k5web.domain.money import Money
from k5web.errors import CurrencyMismatch, WrongDeed
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger

STAFF = "staff"  # origin of these events
COUNTERS = ("gift", "loss", "cash.bank")  # house accounts that a correction may be against


def adjust(ports: Ports, db: Session, owner_id: int, amount: Money, counter: str, form_key: str, actor: str) -> Posted:
    """Add to a balance, or take from it what is there.

    Raises: WrongDeed, CurrencyMismatch, InsufficientFunds, SubscriberErased, NotFound, AccountClosed.
    """
    if amount.minor == 0:
        raise WrongDeed(why="zero")
    if counter not in COUNTERS:
        raise WrongDeed(why="counter")
    event = _event(ports, db, owner_id, amount, counter, form_key, actor)
    take = ledger.charge if amount.minor < 0 else ledger.record
    return take(db, event, ports.today(), ports.clock())


def write_off(ports: Ports, db: Session, owner_id: int, amount: Money, form_key: str, actor: str) -> Posted:
    """Let a debt go, or a part of it: it is our loss.

    Raises: WrongDeed (the account owes less), CurrencyMismatch, SubscriberErased, NotFound, AccountClosed.
    """
    owed = -ledger.lock_purse(db, owner_id).balance.minor
    if amount.minor <= 0:
        raise WrongDeed(why="zero")
    if owed < amount.minor:
        raise WrongDeed(why="no_debt")
    event = _event(ports, db, owner_id, amount, "loss", form_key, actor)
    return ledger.record(db, event, ports.today(), ports.clock())


def _event(ports: Ports, db: Session, owner_id: int, amount: Money, counter: str, form_key: str, actor: str) -> Event:
    purse = ledger.lock_purse(db, owner_id)
    if purse.balance.currency != amount.currency:
        raise CurrencyMismatch(left=amount.currency, right=purse.balance.currency)
    subscribers.check_not_erased(db, owner_id)
    moves = (Move(purse.account_id, amount.minor, counter),)
    return Event(owner_id, EventName(STAFF, form_key), moves, actor, ports.clock())
