"""What a notice says of an order begun here: it was paid, it ended, or something happened that the provider is asked.

An order is found by the number K5 gave it, and only by the connector that gave it.
"""

import logging

from sqlalchemy.orm import Session

from k5web.domain.incident import IncidentKind
from k5web.domain.payments.connector import Looks, PaymentConnector, Seen
from k5web.domain.payments.notice import (
    Look,
    Noted,
    NoticeOutcome,
    OrderEnded,
    OrderNotice,
    OrderPaid,
    Refusal,
    Refused,
)
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import NotFound, ProviderUnknown
from k5web.services.payments import booking, topups
from k5web.services.ports import Ports
from k5web.services.turns import TurnsByName
from k5web.storage import incidents
from k5web.storage.payments import top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

# A provider that calls and then does not answer takes no more threads from the notices of others
_LOOKS = TurnsByName(3)


def follow_unproven(ports: Ports, connector: PaymentConnector, notice: OrderNotice) -> NoticeOutcome | None:
    """Ask the provider what a notice is about that proves nothing by itself, and book only its answer.

    An end that cannot be asked after is believed: it moves no money. Return None where the notice is proof enough and
    is still to be booked. No transaction waits for the provider. Raises: Busy where it is asked already as often as
    may be; it sends the notice again.
    """
    try:
        kept = _named(ports, connector, notice)
    except NotFound:
        return None if isinstance(notice, OrderPaid) else Refused(Refusal.UNKNOWN_PAYMENT)
    can_look = isinstance(connector, Looks)
    if isinstance(notice, OrderPaid) and not (can_look and _needs_proof(kept)):
        return None
    if isinstance(notice, OrderEnded) and not can_look:
        _note_end(ports, kept, TopUpState(notice.state))
        return Noted()
    failed = int(isinstance(notice, Look) and notice.has_failed)
    try:
        with _LOOKS.take(connector.origin):
            topups.look(ports, kept.reference, notice.number, failed)
    except ProviderUnknown:
        return Refused(Refusal.LATER)
    return Noted()


def book_paid(ports: Ports, db: Session, connector: PaymentConnector, notice: OrderPaid) -> NoticeOutcome:
    """Book a payment whose notice is proof enough. The sum is the order's, or nothing is credited."""
    try:
        found, attempt = booking.find_order(db, connector.origin, notice.number)
    except NotFound:
        logger.error("paid, and not ours", extra={"origin": connector.origin, "key": notice.number})
        incidents.report(db, 0, IncidentKind.UNKNOWN_TOPUP, f"{connector.origin} {notice.number[:64]}", ports.clock())
        return Refused(Refusal.UNKNOWN_PAYMENT)
    kept = booking.lock(db, found.reference)
    seen = Seen(TopUpState.PAID, notice.amount, provider_id=notice.provider_id, occurred_at=notice.occurred_at)
    booking.book_paid(ports, db, connector, kept, attempt, seen)
    return Noted()


def _needs_proof(kept: KeptTopUp) -> bool:
    """Return whether the provider is asked if it was paid: after the end, and of a number others may make too."""
    is_over = kept.state in {TopUpState.DECLINED, TopUpState.EXPIRED, TopUpState.CANCELLED}
    return is_over or (not kept.mark and not kept.state.is_paid)


@transactional
def _note_end(ports: Ports, top_up: TopUp, state: TopUpState) -> None:
    with ports.sessions.begin() as db:
        kept = booking.lock(db, top_up.reference)
        if kept.state.may_become(state):
            top_up_rows.change(db, kept, ports.clock(), state=state, look_at=None)


@transactional
def _named(ports: Ports, connector: PaymentConnector, notice: OrderNotice) -> KeptTopUp:
    """Return the connector's own top-up that a notice speaks of. Raises: NotFound."""
    with ports.sessions.read() as db:
        if notice.number:
            return booking.find_order(db, connector.origin, notice.number)[0]
        provider_id = notice.provider_id if isinstance(notice, Look) else ""
        kept = top_up_rows.find_by_provider_id(db, connector.origin, provider_id) if provider_id else None
    if kept is None:
        raise NotFound(what="such top-up")
    return kept
