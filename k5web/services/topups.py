"""Money comes in: the one place where a payment is credited, whoever brought the news of it."""

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.ledger import Event, EventName, Move, Posted, Purse
from k5web.domain.money import Money
from k5web.errors import Conflict, CurrencyMismatch, NotFound, WrongMoney
from k5web.services.ports import Ports
from k5web.storage import ledger
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


@transactional
def credit(
    ports: Ports, owner_id: int, name: EventName, amount: Money, counter: str, actor: str, occurred_at: datetime
) -> Posted:
    """Credit a payment to the owner's main account, once; whoever repeats it gets the first answer.

    Raises: Conflict (the name is known with other facts), NotFound, CurrencyMismatch, AccountClosed, Later.
    """
    if amount.minor <= 0:
        raise WrongMoney(text=str(amount))
    try:
        with ports.sessions.begin() as db:
            purse = _purse(db, owner_id, name, amount)
            move = Move(purse.account_id, amount.minor, counter)
            event = Event(owner_id, name, (move,), actor, occurred_at)
            return ledger.post(db, event, ports.today(), ports.clock())
    except Conflict:
        # A provider that changed its mind or a forger: somebody must look
        logger.error("payment conflicts with a known one", extra={"origin": name.origin, "key": name.key})
        raise


def _purse(db: Session, owner_id: int, name: EventName, amount: Money) -> Purse:
    """Return the purse to credit. A known name is never judged by the account: with other facts it is a conflict."""
    try:
        purse = ledger.purse(db, owner_id)
        if purse.balance.currency != amount.currency:
            raise CurrencyMismatch(left=amount.currency, right=purse.balance.currency)
    except (NotFound, CurrencyMismatch):
        if ledger.is_known(db, owner_id, name):
            raise Conflict(origin=name.origin, key=name.key) from None
        raise
    return purse
