"""Money of unknown owners: what waits on the house's suspense account, and how it gets to whom it was meant for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from k5web.domain.bank.payment import ASSIGNED
from k5web.domain.bank.purpose import read_purpose
from k5web.domain.bank.suspense import Closing, Sought
from k5web.domain.books.ledger import HOUSE, EventName, Posting
from k5web.domain.money import Money
from k5web.errors import CurrencyMismatch, GivenAlready, NotFound
from k5web.services.bank import closing, statement_import
from k5web.services.books import corrections
from k5web.services.books.crediting import Credit, credit_in
from k5web.services.ports import Ports
from k5web.storage.bank import bank_payments, closings
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.books import ledger
from k5web.storage.session import transactional

PAGE = 100
EVERY = Sought()
T = TypeVar("T")
Place = tuple[date, int]  # the day it was received, its number


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment that waits, and since how many working days."""

    payment: KeptPayment
    days: int


@dataclass(frozen=True, slots=True)
class Put:
    """A payment that was closed, and why."""

    payment: KeptPayment
    closing: Closing


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """Payments of suspense: how many there are, what they come to, and those of one page."""

    count: int
    amount: Money
    first: list[T]
    page: int

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.count // PAGE))


@dataclass(frozen=True, slots=True)
class Following:
    """The payments of suspense that fit: how many, what they come to, some of them, and where the next ones begin."""

    count: int
    amount: Money
    first: list[Waiting]
    further: Place | None


@transactional
def suspense(ports: Ports, sought: Sought = EVERY, page: int = 1) -> Listed[Waiting]:
    """Return the payments that nobody has yet, the longest here first. Raises: NotFound (there is no such page)."""
    with ports.sessions.read() as db:
        found = (
            Waiting(one, statement_import.days_since(ports, one.received_on))
            for one in bank_payments.waiting(db)
            if sought.fits(one.traits, ports.today())
        )
        return _page(((one, one.payment.amount) for one in found), page)


@transactional
def following(ports: Ports, sought: Sought = EVERY, after: Place | None = None) -> Following:
    """Return the payments that nobody has yet after one's place, the longest here first, and what all come to.

    A page by place leaves nothing out when those before it were given away meanwhile.
    """
    count, minor = 0, 0
    shown: list[KeptPayment] = []
    with ports.sessions.read() as db:
        for one in bank_payments.waiting(db):
            if not sought.fits(one.traits, ports.today()):
                continue
            count, minor = count + 1, minor + one.amount.minor
            if len(shown) <= PAGE and (after is None or after < place(one)):
                shown.append(one)
    waiting = [Waiting(one, statement_import.days_since(ports, one.received_on)) for one in shown[:PAGE]]
    return Following(count, Money(minor), waiting, place(shown[PAGE - 1]) if len(shown) > PAGE else None)


def place(payment: KeptPayment) -> Place:
    """Return where a payment stands among those that wait."""
    return payment.received_on, payment.number


@transactional
def closed(ports: Ports, sought: Sought = EVERY, page: int = 1) -> Listed[Put]:
    """Return the payments that were closed as no subscriber's. Raises: NotFound (there is no such page)."""
    with ports.sessions.read() as db:
        found = (Put(*one) for one in bank_payments.closed(db) if sought.fits(one[0].traits, ports.today()))
        return _page(((one, one.payment.amount) for one in found), page)


@transactional
def find(ports: Ports, number: int) -> KeptPayment:
    """Return a payment that came to nobody, also where it was given away or closed since. Raises: NotFound."""
    with ports.sessions.read() as db:
        return closing.found(db, number)


@transactional
def longest_waiting(ports: Ports, at_most: int) -> list[KeptPayment]:
    """Return so many of the payments that nobody has yet, the longest here first."""
    with ports.sessions.read() as db:
        return list(islice(bank_payments.waiting(db), at_most))


def _page(found: Iterable[tuple[T, Money]], page: int) -> Listed[T]:
    count, minor, shown = 0, 0, []
    for count, (one, amount) in enumerate(found, 1):
        minor += amount.minor
        if (page - 1) * PAGE < count <= page * PAGE:
            shown.append(one)
    listed = Listed(count, Money(minor), shown, page)
    if page > listed.pages:
        raise NotFound(what=f"page {page}: the last is {listed.pages}")
    return listed


@transactional
def assign(ports: Ports, number: int, subscriber_id: int, actor: str) -> Money:
    """Move a waiting payment to its subscriber; the same again changes nothing.

    Two events in one transaction: what stood in suspense is reversed, the subscriber is credited.
    Raises: NotFound, GivenAlready (to somebody else), ClosedAlready, CurrencyMismatch, AccountClosed.
    """
    with ports.sessions.begin() as db:
        assign_in(ports, db, number, subscriber_id, actor)
        return closing.locked(db, number).amount


def assign_in(ports: Ports, db: Session, number: int, subscriber_id: int, actor: str) -> tuple[Posting, ...]:
    """Do so in the caller's transaction; return what moved, nothing where the subscriber had it already."""
    waiting = closing.locked(db, number)
    if waiting.assigned_to == subscriber_id:
        return ()
    if waiting.assigned_to is not None:
        raise GivenAlready(number=number, owner_id=waiting.assigned_to)
    if (put := closings.find(db, waiting.name)) is not None:
        raise closing.closed_already(number, put)
    purse = ledger.purse(db, subscriber_id)
    if purse.balance.currency != waiting.amount.currency:
        raise CurrencyMismatch(left=waiting.amount.currency, right=purse.balance.currency)
    bank_payments.assign(db, waiting.name, subscriber_id, ports.clock())
    name = EventName(waiting.name.origin, f"{waiting.name.key}{ASSIGNED}")
    at = statement_import.moment_of(waiting.received_on)
    taken = corrections.reverse_in(ports, db, HOUSE, waiting.name, actor)
    credit = Credit(subscriber_id, purse.account_id, name, waiting.amount, statement_import.CASH, actor, at)
    given = credit_in(ports, db, credit)
    invoice = statement_import.named_invoice(db, subscriber_id, read_purpose(waiting.purpose))
    kept = replace(waiting, owner_id=subscriber_id, name=name, invoice=invoice, why="", payer="", purpose="")
    statement_import.keep(ports, db, replace(kept, payer_inn=""))
    return taken.postings + given.postings
