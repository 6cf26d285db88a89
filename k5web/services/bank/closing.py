"""Money in suspense that is no subscriber's leaves it: one event to a house account, with who, why and when.

Whoever gives a payment away, closes it or takes the closing back holds the lock on suspense, so they take turns.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from k5web.domain.bank.suspense import CLOSE, LONGEST_REASON, NOT_OURS, Closing
from k5web.domain.books.ledger import HOUSE, Event, EventName, Move
from k5web.errors import ClosedAlready, GivenAlready, NotFound, WrongClosing
from k5web.services.books import corrections
from k5web.services.books.crediting import house_account
from k5web.services.ports import Ports
from k5web.storage.bank import bank_payments, closings
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.books import ledger
from k5web.storage.session import transactional


@dataclass(frozen=True, slots=True)
class Closed:
    """A payment that is closed; `is_new` is False where it was so before."""

    payment: KeptPayment
    closing: Closing
    is_new: bool


@transactional
def close(ports: Ports, number: int, reason: str, actor: str, house: str = NOT_OURS) -> Closed:
    """Move a waiting payment from suspense to a house account; the same again changes nothing.

    Raises: NotFound, GivenAlready (a subscriber has it), ClosedAlready (otherwise), WrongClosing.
    """
    with ports.sessions.begin() as db:
        return close_waiting(ports, db, number, reason, actor, house)


def close_waiting(ports: Ports, db: Session, number: int, reason: str, actor: str, house: str = NOT_OURS) -> Closed:
    """Do so in the caller's transaction."""
    reason = checked_reason(reason)
    check_house(ports, house)
    payment = locked(db, number)
    if payment.assigned_to is not None:
        raise GivenAlready(number=number, owner_id=payment.assigned_to)
    before = closings.find(db, payment.name)
    if before is None:
        return Closed(payment, close_in(ports, db, payment, reason, house, actor), True)
    if (before.reason, before.house) != (reason, house):
        raise closed_already(number, before)
    return Closed(payment, before, False)


@transactional
def reopen(ports: Ports, number: int, actor: str) -> Closed:
    """Let a closed payment wait again: its closing is reversed in the ledger. The same again changes nothing.

    Raises: NotFound (it was never closed), GivenAlready.
    """
    with ports.sessions.begin() as db:
        return reopen_in(ports, db, number, actor)


def reopen_in(ports: Ports, db: Session, number: int, actor: str) -> Closed:
    """Do so in the caller's transaction."""
    payment = locked(db, number)
    before = closings.find(db, payment.name)
    if before is not None:
        corrections.reverse_in(ports, db, HOUSE, EventName(CLOSE, before.event), actor)
        return Closed(payment, before, True)
    if payment.assigned_to is not None:
        raise GivenAlready(number=number, owner_id=payment.assigned_to)
    last = NotFound.unless(closings.last(db, payment.name), f"closing of payment {number}")
    return Closed(payment, last, False)


def close_in(
    ports: Ports, db: Session, payment: KeptPayment, reason: str, house: str, actor: str, rule_id: int | None = None
) -> Closing:
    """Do so in the caller's transaction, which has locked suspense and seen that the payment waits."""
    now = ports.clock()
    event = f"{payment.name} {closings.count(db, payment.name) + 1}"
    closing = Closing(event, house, reason, actor, now, rule_id)
    suspense = ledger.purse(db, HOUSE, "suspense").account_id
    move = Move(suspense, -payment.amount.minor, house)
    ledger.record(db, Event(HOUSE, EventName(CLOSE, event), (move,), actor, now), ports.today(), now)
    closings.add(db, payment.name, closing)
    return closing


@transactional
def last(ports: Ports, number: int) -> Closing:
    """Return the last closing of a payment, undone or not. Raises: NotFound."""
    with ports.sessions.read() as db:
        return NotFound.unless(closings.last(db, found(db, number).name), f"closing of payment {number}")


def locked(db: Session, number: int) -> KeptPayment:
    """Return a payment that came to nobody, as it is once nobody else can change it. Raises: NotFound."""
    found(db, number)
    ledger.lock_purse(db, HOUSE, "suspense")
    return found(db, number)


def found(db: Session, number: int) -> KeptPayment:
    """Return the same without a lock. Raises: NotFound."""
    posting = ledger.find_by_number(db, number)
    if posting is None or posting.owner_id != HOUSE:
        raise NotFound(what=f"payment {number} in suspense")
    return NotFound.unless(bank_payments.find(db, HOUSE, posting.name), f"payment {number} in suspense")


def closed_already(number: int, closing: Closing) -> ClosedAlready:
    """Return the refusal to touch a payment that is closed."""
    return ClosedAlready(number=number, day=f"{closing.closed_at:%d.%m.%Y}", reason=closing.reason)


def checked_reason(reason: str) -> str:
    """Return the reason a person gave, without spaces around it. Raises: WrongClosing."""
    reason = " ".join(reason.split())
    if not (3 <= len(reason) <= LONGEST_REASON and reason.isprintable()):
        raise WrongClosing(reason=f"give a reason of 3 to {LONGEST_REASON} characters")
    return reason


def check_house(ports: Ports, house: str) -> None:
    """Refuse a house account that money of suspense cannot go to. Raises: WrongClosing."""
    known = sorted({NOT_OURS, *(house_account(connector) for connector in ports.connectors)})
    if house not in known:
        raise WrongClosing(reason=f"'{house}' is no house account for it; there are: {', '.join(known)}")
