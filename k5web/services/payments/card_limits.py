"""Who tries many cards is stopped: small payments would tell a thief which of the stolen numbers work.

What counts is what the gateway saw: every declined try on its page, every card typed there; not the orders begun here.
"""

import logging

from sqlalchemy.orm import Session

from k5web.domain.incident import IncidentKind
from k5web.domain.money import Money
from k5web.domain.payments.connector import KeepsCards
from k5web.errors import NotFound, PasswordNeeded, TooManyCards
from k5web.services.payments import open_orders
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.payments import auto_top_up_rows, saved_card_rows, top_up_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

A_DAY = 1_000_00  # minor units that saved cards give without a password: what one may call for in a day


def check(ports: Ports, db: Session, owner_id: int, origin: str, saved_card_id: str) -> None:
    """Let one more card payment begin, with a saved card only by its owner.

    Raises: TooManyCards, NotFound (no such card).
    """
    if saved_card_id and saved_card_rows.find_by_id(db, owner_id, origin, saved_card_id) is None:
        raise NotFound(what="such card")
    declines, cards = _tried(ports, db, owner_id)
    if declines >= ports.card_tries.declines or (cards >= ports.card_tries.cards and not saved_card_id):
        raise TooManyCards


def check_unasked(ports: Ports, db: Session, owner_id: int, amount: Money) -> None:
    """Let a saved card be charged without a password, up to a sum a day over all the owner's cards and devices.

    What is under way and what was taken by itself counts. Under the account's lock. Raises: PasswordNeeded.
    """
    agreed = auto_top_up_rows.find(db, owner_id)
    most = ports.card_day or (agreed.daily_cap if agreed and agreed.off_why is None else Money(A_DAY, amount.currency))
    used = Money(top_up_rows.taken_from_cards(db, owner_id, ports.day_began_at()), amount.currency)
    if most.minor < (used + amount).minor:
        raise PasswordNeeded(most=Money(most.minor, amount.currency), used=used)


def stop_tester(ports: Ports, owner_id: int) -> None:
    """End the pages that are open already, where too much was declined on them: they would take more tries."""
    if _is_tester(ports, owner_id):
        list_tester(ports, owner_id)
        open_orders.take_back_cards(ports, owner_id)


@transactional
def list_tester(ports: Ports, owner_id: int) -> None:
    """List the account for a person, and say so in the log, once a day."""
    with ports.sessions.begin() as db:
        is_new = incidents.report(db, owner_id, IncidentKind.CARD_TESTING, ports.today().isoformat(), ports.clock())
    if is_new:
        logger.error("too many cards are tried", extra={"owner_id": owner_id})


@transactional
def _is_tester(ports: Ports, owner_id: int) -> bool:
    with ports.sessions.read() as db:
        declines, cards = _tried(ports, db, owner_id)
    most = ports.card_tries
    return declines >= most.declines or (cards >= most.cards and declines >= most.cards)


def _tried(ports: Ports, db: Session, owner_id: int) -> tuple[int, int]:
    origins = [connector.origin for connector in ports.connectors if isinstance(connector, KeepsCards)]
    return top_up_rows.cards_tried(db, owner_id, origins, ports.day_began_at())
