"""Orders that were begun and not paid: few at once for one account, the oldest ended at its provider for a new one.

A payment may come in at that very moment, so the provider is asked afterwards; and money that comes for an order that
was ended is credited like any that came late.
"""

import contextlib
import logging
from datetime import timedelta

from k5web.domain.topup import Closes, KeepsCards, Looks, Starts, TopUp, TopUpState
from k5web.errors import ProviderRefused, ProviderUnknown, TooManyOpen
from k5web.services.booking import book_seen, lock
from k5web.services.ports import Ports
from k5web.storage import topups
from k5web.storage.session import transactional
from k5web.storage.topups import KeptTopUp

logger = logging.getLogger(__name__)

LOOKED_AT_AFTER = timedelta(minutes=5)  # once more: a payment that was under way may have come without a call-back


def close_oldest(ports: Ports, owner_id: int) -> None:
    """End what was begun first, at its provider and here, so that another may begin. Raises: TooManyOpen."""
    with contextlib.suppress(ProviderUnknown):  # the next one would wait as long for nothing
        if any(_close(ports, kept.top_up) for kept in _open(ports, owner_id)):
            return
    raise TooManyOpen(limit=ports.most_open)


def close_cards(ports: Ports, owner_id: int) -> None:
    """End every open order that cards are tried on; a gateway that is silent now is asked at the next look again."""
    with contextlib.suppress(ProviderUnknown):
        for kept in _open(ports, owner_id):
            if isinstance(ports.connectors.of(kept.top_up.origin), KeepsCards):
                _close(ports, kept.top_up)


def _close(ports: Ports, top_up: TopUp) -> bool:
    """Have the provider end one order; return whether it is over now, paid or not. Raises: ProviderUnknown."""
    connector = ports.connectors.of(top_up.origin)
    if connector is None or not isinstance(connector, Starts):
        _end(ports, top_up)  # a code of ours that no provider knows
        return True
    if not (isinstance(connector, Closes) and isinstance(connector, Looks)):
        return False
    is_ended = False
    try:
        connector.close(top_up)
        is_ended = True
    except ProviderRefused as error:  # it is over, or being paid
        logger.info("an order was not ended", extra={"reference": top_up.reference, "reason": str(error)})
    found = book_seen(ports, connector, top_up, connector.look(top_up))
    if found.state.is_paid:
        return True
    if is_ended or not found.state.is_open:
        _end(ports, top_up)
        return True
    return False


@transactional
def _open(ports: Ports, owner_id: int) -> list[KeptTopUp]:
    with ports.sessions.read() as db:
        return topups.still_open(db, owner_id, ports.clock())


@transactional
def _end(ports: Ports, top_up: TopUp) -> None:
    """Write that it is over; who was asked to end it is asked once more what became of it."""
    now = ports.clock()
    is_asked = isinstance(ports.connectors.of(top_up.origin), Looks)
    with ports.sessions.begin() as db:
        kept = lock(db, top_up.reference)
        if kept.top_up.state.is_paid:
            return
        state = TopUpState.EXPIRED if kept.top_up.state.is_open else kept.top_up.state
        look_at = now + LOOKED_AT_AFTER if is_asked else None
        topups.change(db, kept, now, state=state, look_at=look_at)
    logger.info("an order was ended", extra={"reference": top_up.reference})
