"""Who tries many cards is stopped: small payments would tell a thief which of the stolen numbers work."""

import logging

from sqlalchemy.orm import Session

from k5web.domain.topup import KeepsCards
from k5web.errors import NotFound, TooManyCards
from k5web.services.ports import Ports
from k5web.storage import calls, saved_cards, topups
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

MOST_CARDS = 3  # of an account in a day
MOST_DECLINES = 5


def check(ports: Ports, db: Session, owner_id: int, origin: str, saved_card_id: str) -> None:
    """Let one more card payment begin, with a saved card only by its owner.

    Raises: TooManyCards, NotFound (no such card).
    """
    if saved_card_id and saved_cards.find_by_id(db, owner_id, origin, saved_card_id) is None:
        raise NotFound(what="such card")
    origins = [connector.origin for connector in ports.connectors if isinstance(connector, KeepsCards)]
    declines, cards = topups.cards_tried(db, owner_id, origins, ports.day_began_at())
    if declines >= MOST_DECLINES or (cards >= MOST_CARDS and not saved_card_id):
        raise TooManyCards


@transactional
def list_tester(ports: Ports, owner_id: int) -> None:
    """List the account for a person, once a day, and say so in the log."""
    logger.error("too many cards are tried", extra={"owner_id": owner_id})
    with ports.sessions.begin() as db:
        calls.report(db, owner_id, "card_testing", ports.today().isoformat(), ports.clock(), {})
