"""Money of unknown owners: what waits on the house's suspense account, and how it gets to whom it was meant for."""

from dataclasses import dataclass, replace

from k5web.domain.bankpayment import ASSIGNED
from k5web.domain.ledger import HOUSE, EventName
from k5web.domain.money import Money
from k5web.domain.purpose import read_purpose
from k5web.errors import CurrencyMismatch, GivenAlready, NotFound
from k5web.services import bank as booking
from k5web.services import corrections
from k5web.services.crediting import credit_in
from k5web.services.ports import Ports
from k5web.storage import bank, ledger
from k5web.storage.bank import KeptPayment
from k5web.storage.session import transactional

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment that waits, and since how many working days."""

    payment: KeptPayment
    days: int


@dataclass(frozen=True, slots=True)
class Suspense:
    """What waits: how many, how much, and those that wait longest."""

    count: int
    amount: Money
    first: list[Waiting]


@transactional
def suspense(ports: Ports) -> Suspense:
    """Return the payments that nobody has yet, the longest here first."""
    with ports.sessions.read() as db:
        found = bank.waiting(db, PAGE)
        count, amount = bank.count_waiting(db)
    return Suspense(count, amount, [Waiting(one, booking.days_since(ports, one.received_on)) for one in found])


@transactional
def assign(ports: Ports, number: int, subscriber_id: int, actor: str) -> Money:
    """Move a waiting payment to its subscriber; the same again changes nothing.

    Two events in one transaction: what stood in suspense is reversed, the subscriber is credited.
    Raises: NotFound, GivenAlready (to somebody else), CurrencyMismatch, AccountClosed.
    """
    with ports.sessions.begin() as db:
        posting = ledger.find_by_number(db, number)
        waiting = None if posting is None or posting.owner_id != HOUSE else bank.find(db, HOUSE, posting.name)
        if waiting is None:
            raise NotFound(what=f"payment {number} in suspense")
        ledger.lock_purse(db, HOUSE, "suspense")
        purse = ledger.purse(db, subscriber_id)
        if purse.balance.currency != waiting.amount.currency:
            raise CurrencyMismatch(left=waiting.amount.currency, right=purse.balance.currency)
        if not bank.assign(db, waiting.name, subscriber_id, ports.clock()):
            fresh = bank.find(db, HOUSE, waiting.name)
            if fresh is not None and fresh.assigned_to == subscriber_id:
                return waiting.amount
            raise GivenAlready(number=number, owner_id=fresh.assigned_to if fresh else "")
        name = EventName(waiting.name.origin, f"{waiting.name.key}{ASSIGNED}")
        at = booking.moment_of(waiting.received_on)
        corrections.reverse_in(ports, db, HOUSE, waiting.name, actor)
        credit_in(ports, db, subscriber_id, purse.account_id, name, waiting.amount, booking.CASH, actor, at)
        invoice = booking.named_invoice(db, subscriber_id, read_purpose(waiting.purpose))
        given = replace(waiting, owner_id=subscriber_id, name=name, invoice=invoice, why="", payer="", purpose="")
        booking.keep(ports, db, given)
    return waiting.amount
