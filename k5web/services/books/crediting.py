"""The credit itself: one posting under the payment's name, in the transaction of whoever books it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move, Posted
from k5web.domain.money import Money
from k5web.domain.payments.connector import PaymentConnector
from k5web.services.ports import Ports
from k5web.storage.books import ledger


@dataclass(frozen=True, slots=True)
class Credit:
    """A payment to be credited to an account of its currency."""

    owner_id: int
    account_id: int | None  # None: the owner's main account
    name: EventName
    amount: Money
    house: str  # the account opposite
    actor: str
    occurred_at: datetime | None  # None where nobody says when: now

    @classmethod
    def through(
        cls,
        connector: PaymentConnector,
        owner_id: int,
        account_id: int | None,
        name: EventName,
        amount: Money,
        occurred_at: datetime | None,
    ) -> "Credit":
        """Return the credit of a payment that this connector brought the news of."""
        return cls(owner_id, account_id, name, amount, house_account(connector), actor(connector), occurred_at)


def credit_in(ports: Ports, db: Session, credit: Credit) -> Posted:
    """Credit a payment in the caller's transaction. Its owner is told once, however often it is notified.

    Raises: Conflict (the name is known with other facts), NotFound, AccountClosed.
    """
    return ledger.credit(db, _event(ports, db, credit), ports.today(), ports.clock())


def credit_new_in(ports: Ports, db: Session, credit: Credit) -> Posted | None:
    """Do so where the payment's name is free; None where it is taken. Raises: NotFound, AccountClosed."""
    return ledger.credit_new(db, _event(ports, db, credit), ports.today(), ports.clock())


def _event(ports: Ports, db: Session, credit: Credit) -> Event:
    account_id = credit.account_id or ledger.purse(db, credit.owner_id).account_id
    moves = (Move(account_id, credit.amount.minor, credit.house),)
    return Event(credit.owner_id, credit.name, moves, credit.actor, credit.occurred_at or ports.clock())


def house_account(connector: PaymentConnector) -> str:
    """Return the house account of the money this connector's providers owe us."""
    return f"cash.{connector.code}"


def actor(connector: PaymentConnector) -> str:
    """Return who brought the news, for the journal."""
    return f"connector:{connector.code}"
