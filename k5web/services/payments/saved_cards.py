"""Saved cards: listed, charged, and forgotten here and at the provider. What K5 knows of a card is its mask."""

import contextlib
import logging
from dataclasses import replace

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.payments.auto_top_up import KeptCard
from k5web.domain.payments.connector import KeepsCards
from k5web.domain.payments.top_up import TopUp
from k5web.errors import NotFound, ProviderRefused, ProviderUnknown, SavedCardGone
from k5web.services.messaging import sending
from k5web.services.payments import topups
from k5web.services.ports import Ports
from k5web.storage.payments import auto_top_up_rows, saved_card_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


@transactional
def cards(ports: Ports, owner_id: int) -> list[KeptCard]:
    """Return the owner's cards, oldest first."""
    with ports.sessions.read() as db:
        return saved_card_rows.live(db, owner_id)


@transactional
def find(ports: Ports, owner_id: int, n: int) -> KeptCard:
    """Return one card of the owner's. Raises: NotFound."""
    with ports.sessions.read() as db:
        card = NotFound.unless(saved_card_rows.find(db, owner_id, n), "such card")
    return card


def charge(ports: Ports, owner: Subscriber, card: KeptCard, wish: topups.TopUpRequest) -> TopUp:
    """Begin a top-up from a saved card, and ask at once how it ended, unless its owner must see a page first.

    Raises: what `topups.begin` does; a card that the provider does not know any more is forgotten (SavedCardGone).
    """
    try:
        begun = topups.begin(ports, owner, replace(wish, origin=card.origin, saved_card_id=card.id))
    except SavedCardGone:
        drop(ports, card, is_told=True)
        raise
    if begun.state.is_open and not begun.pay_url:
        with contextlib.suppress(ProviderUnknown):  # then the worker asks
            return topups.look(ports, begun.reference)
    return begun


def forget(ports: Ports, owner_id: int, n: int) -> KeptCard:
    """Never charge the card again, and return it: its provider is to be told (`tell`).

    Raises: NotFound, Unavailable.
    """
    card = find(ports, owner_id, n)
    drop(ports, card, is_told=False)
    return card


@transactional
def drop(ports: Ports, card: KeptCard, *, is_told: bool) -> None:
    """Forget the card on our side, and whatever tops up from it; `is_told`: the provider knows."""
    with ports.sessions.begin() as db:
        saved_card_rows.remove(db, card, ports.clock(), is_told=is_told)
        named = f"card_removed {card.n}"
        sending.queue_notice(db, card.owner_id, "card_removed", {"mask": card.mask}, named, ports.clock())
        auto_top_up_rows.switch_off(db, card.owner_id, "card_gone", card.n)


def tell_removed(ports: Ports) -> None:
    """Tell the providers of removed cards they did not hear of (run by the worker)."""
    for card in _untold(ports):
        tell(ports, card)


@transactional
def _untold(ports: Ports) -> list[KeptCard]:
    with ports.sessions.read() as db:
        return saved_card_rows.untold(db)


def tell(ports: Ports, card: KeptCard) -> None:
    """Have the provider forget a removed card; where it does not answer, the worker tells it."""
    connector = ports.connectors.of(card.origin)
    if not isinstance(connector, KeepsCards):
        return
    try:
        connector.forget_card(card.id)
    except (ProviderRefused, ProviderUnknown) as error:
        logger.warning("a card is not forgotten yet", extra={"origin": card.origin, "reason": str(error)})
        return
    drop(ports, card, is_told=True)
