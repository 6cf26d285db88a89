"""The credit itself: one posting under the payment's name, in the transaction of whoever books it."""

from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move, Posted
from k5web.domain.money import Money
from k5web.domain.payments.connector import PaymentConnector
from k5web.services.ports import Ports
from k5web.storage.books import ledger


def credit_in(
    ports: Ports,
    db: Session,
    owner_id: int,
    account_id: int,
    name: EventName,
    amount: Money,
    house: str,
    actor: str,
    occurred_at: datetime | None,
) -> Posted:
    """Credit a payment to an account of its currency; `house` is the account opposite.

    Raises: Conflict (the name is known with other facts), NotFound, AccountClosed.
    """
    now = ports.clock()
    event = Event(owner_id, name, (Move(account_id, amount.minor, house),), actor, occurred_at or now)
    return ledger.record(db, event, ports.today(), now)


def house_account(connector: PaymentConnector) -> str:
    """Return the house account of the money this connector's providers owe us."""
    return f"cash.{connector.code}"


def actor(connector: PaymentConnector) -> str:
    """Return who brought the news, for the journal."""
    return f"connector:{connector.code}"
