"""Orders begun and not paid: few at once for one account, the oldest taken back at its provider for a new one.

A payment may come in at that very moment. So the provider is asked once more afterwards, and money that comes for an
order that was taken back is credited like any that came late.
"""

import contextlib
import logging
from datetime import timedelta

from k5web.domain.payments.connector import Cancels, KeepsCards, Looks, Starts
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import ProviderRefused, ProviderUnknown, TooManyOpen
from k5web.services.payments.booking import book_seen
from k5web.services.ports import Ports
from k5web.storage.payments import top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LOOKED_AT_AFTER = timedelta(minutes=5)  # once more: a payment that was under way may have come without a call-back


def take_back_oldest(ports: Ports, owner_id: int) -> None:
    """Take back what was begun first, at its provider and here, so that another may begin. Raises: TooManyOpen."""
    with contextlib.suppress(ProviderUnknown):  # the next one would wait as long for nothing
        for kept in _open(ports, owner_id):
            if not _is_payable(take_back(ports, kept)):
                return
    raise TooManyOpen(limit=ports.most_open)


def take_back_cards(ports: Ports, owner_id: int) -> None:
    """Take back every open order that cards are tried on; a gateway that is silent now is asked at the next look."""
    with contextlib.suppress(ProviderUnknown):
        for kept in _open(ports, owner_id):
            if isinstance(ports.connectors.of(kept.origin), KeepsCards):
                take_back(ports, kept)


def take_back(ports: Ports, top_up: TopUp) -> TopUp:
    """Have the provider take no money for an unpaid order any more; return how it stands then.

    Where that cannot be had it stays open until its time is over. Raises: ProviderUnknown, Unavailable.
    """
    connector = ports.connectors.of(top_up.origin)
    if not _is_payable(top_up):
        return top_up
    if connector is None or not isinstance(connector, Starts):
        return _end(ports, top_up)  # our own code: no provider knows it
    if not isinstance(connector, Cancels):
        return top_up
    try:
        connector.cancel(top_up)
    except ProviderRefused as error:  # it is over, or being paid
        logger.info("an order was not taken back", extra={"reference": top_up.reference, "reason": str(error)})
        return book_seen(ports, connector, top_up, connector.look(top_up)) if isinstance(connector, Looks) else top_up
    return _end(ports, top_up)


def _is_payable(top_up: TopUp) -> bool:
    return top_up.state in {TopUpState.NEW, TopUpState.WAITING}


@transactional
def _open(ports: Ports, owner_id: int) -> list[KeptTopUp]:
    with ports.sessions.read() as db:
        return top_up_rows.still_open(db, owner_id, ports.clock())


@transactional
def _end(ports: Ports, top_up: TopUp) -> TopUp:
    """Write that it was taken back, unless money came meanwhile; its provider is asked once more what became of it."""
    now = ports.clock()
    is_asked = isinstance(ports.connectors.of(top_up.origin), Looks)
    with ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, top_up)
        if not kept.state.may_become(TopUpState.CANCELLED):
            return kept
        look_at = now + LOOKED_AT_AFTER if is_asked else None
        kept = top_up_rows.change(db, kept, now, state=TopUpState.CANCELLED, look_at=look_at)
    logger.info("an order was taken back", extra={"reference": top_up.reference})
    return kept
