"""What a notice says of an order begun here: it was paid, it ended, or something happened that the provider is asked.

An order is found by the number K5 gave it, and only by the connector that gave it.
"""

import logging
from dataclasses import replace

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
from k5web.domain.payments.top_up import OrderNumber, TopUp, TopUpState
from k5web.errors import NotFound, ProviderUnknown
from k5web.services.payments import booking, topups
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.payments import top_up_rows
from k5web.storage.session import transactional
from k5web.turns import TurnsByName

logger = logging.getLogger(__name__)

# A provider that calls and then does not answer takes no more threads from the notices of others
_LOOKS = TurnsByName(3)


class Unproven(Exception):
    """A notice that is no proof by itself: nothing was booked, the provider is to be asked."""

    def __init__(self, notice: OrderPaid) -> None:
        super().__init__(notice.number)
        self.notice = notice


def ask(ports: Ports, connector: PaymentConnector, notice: OrderNotice) -> NoticeOutcome | None:
    """Ask the provider what a notice is about that proves nothing by itself, and book only its answer.

    No transaction waits for the provider. Return None where an end cannot be asked after: it is believed.
    Raises: Busy where the provider is asked already as often as may be; it sends the notice again.
    """
    if isinstance(notice, OrderEnded) and not isinstance(connector, Looks):
        return None
    try:
        asked = _named(ports, connector, notice)
    except NotFound:
        return Refused(Refusal.UNKNOWN_PAYMENT)
    failed = int(isinstance(notice, Look) and notice.has_failed)
    try:
        with _LOOKS.take(connector.origin):
            topups.ask(ports, connector, asked, failed)
    except ProviderUnknown:
        return Refused(Refusal.LATER)
    return Noted()


@transactional
def _named(ports: Ports, connector: PaymentConnector, notice: OrderNotice) -> TopUp:
    """Return the attempt at a top-up of the connector's own that a notice speaks of. Raises: NotFound."""
    with ports.sessions.read() as db:
        if notice.number:
            number = OrderNumber.read(notice.number)
            kept = top_up_rows.find_order(db, connector.origin, number)
            return kept if number.attempt == kept.attempt else replace(kept, attempt=number.attempt, provider_id="")
        provider_id = notice.provider_id if isinstance(notice, Look) else ""
        found = top_up_rows.find_by_provider_id(db, connector.origin, provider_id) if provider_id else None
    return NotFound.unless(found, "such top-up")


def book(ports: Ports, db: Session, connector: PaymentConnector, notice: OrderPaid | OrderEnded) -> NoticeOutcome:
    """Book what a notice says whose word is enough: of a payment the order's sum, or nothing. An end moves no money.

    Raises: Unproven.
    """
    try:
        number = OrderNumber.read(notice.number)
        kept = top_up_rows.lock_order(db, connector.origin, number)
    except NotFound:
        if isinstance(notice, OrderPaid):
            _list_unknown(ports, db, connector, notice.number)
        return Refused(Refusal.UNKNOWN_PAYMENT)
    if isinstance(notice, OrderEnded):
        seen = Seen(TopUpState(notice.state))
    elif kept.needs_proof and isinstance(connector, Looks):
        raise Unproven(notice)
    else:
        seen = Seen(TopUpState.PAID, notice.amount, provider_id=notice.provider_id, occurred_at=notice.occurred_at)
    booking.book(ports, db, connector, kept, number.attempt, seen)
    return Noted()


def _list_unknown(ports: Ports, db: Session, connector: PaymentConnector, number: str) -> None:
    """List a payment for a person that is for no order of ours."""
    logger.error("paid, and not ours", extra={"origin": connector.origin, "key": number})
    incidents.report(db, 0, IncidentKind.UNKNOWN_TOPUP, f"{connector.origin} {number[:64]}", ports.clock())
