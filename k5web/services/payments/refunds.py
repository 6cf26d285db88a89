"""Money that goes back the way it came: kept aside first, asked of the provider once, booked when it says so."""

import logging
import secrets
from datetime import timedelta

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.domain.payments.connector import PaymentConnector, Refunds, TellsRefunds
from k5web.domain.payments.top_up import RefundState, TopUp
from k5web.errors import NotFound, ProviderRefused, ProviderUnknown, RefundInFlight, RefundTooLarge, WrongMoney
from k5web.services.books import corrections
from k5web.services.payments.booking import book_refund, end_hold, refund_hold
from k5web.services.payments.topups import find
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.payments import top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

KEPT_ASIDE_FOR = timedelta(days=2)  # longer than a provider is asked about an answer that was lost
SETTLES_IN = timedelta(minutes=5)  # longer than all the requests of one refund: it may still be carried out


def refund(ports: Ports, reference: str, amount: Money, actor: str) -> TopUp:
    """Give back a part of a top-up through its provider, or all of it; one refund of a top-up at a time.

    Raises: NotFound, RefundTooLarge, InsufficientFunds (it is spent), RefundInFlight, ProviderRefused (nothing went
    back), ProviderUnknown (it is looked after), CurrencyMismatch, Unavailable.
    """
    return send(ports, _keep_aside(ports, find(ports, reference), amount), actor)


def send(ports: Ports, kept: KeptTopUp, actor: str) -> TopUp:
    """Ask the provider for the refund whose money is kept aside; once, for its key is of this refund alone.

    Raises: ProviderRefused (nothing went back), ProviderUnknown (it is looked after), Unavailable.
    """
    connector, amount, reference = ports.connectors.of(kept.origin), kept.refund, kept.reference
    if amount is None or not isinstance(connector, Refunds):
        return kept
    try:
        connector.refund(kept, amount, kept.refund_key or "")
    except ProviderRefused:
        _give_up(ports, kept)
        raise
    except ProviderUnknown:
        logger.warning("refund without an answer", extra={"reference": reference, "actor": actor})
        raise
    logger.info("top-up refunded", extra={"reference": reference, "actor": actor})
    return _book(ports, connector, kept)


def check_way(ports: Ports, top_up: TopUp) -> None:
    """Raises: ProviderRefused where nobody gives such a top-up back by itself."""
    if not isinstance(ports.connectors.of(top_up.origin), Refunds):
        raise ProviderRefused(reason="this way of paying gives nothing back by itself")


def settle_unheard(ports: Ports, reference: str) -> None:
    """End a refund whose answer was lost, once the top-up was looked at: book it, or free its money.

    What a look does not show, and no provider tells by the refund's key, did not take place. Raises: ProviderUnknown.
    """
    kept = find(ports, reference)
    connector = ports.connectors.of(kept.origin)
    if connector is None or kept.refund_key is None or kept.refund is None:
        return
    state = RefundState.ABSENT
    if isinstance(connector, TellsRefunds):
        state = connector.refund_state(kept, kept.refund, kept.refund_key)
    match state:
        case RefundState.DONE:
            _book(ports, connector, kept)
        case RefundState.FAILED:
            _give_up(ports, kept)
        case RefundState.ABSENT if ports.clock() - kept.changed_at >= SETTLES_IN:
            _give_up(ports, kept)


@transactional
def _keep_aside(ports: Ports, top_up: TopUp, amount: Money) -> KeptTopUp:
    with ports.sessions.begin() as db:
        return keep_aside(ports, db, top_up, amount)


def keep_aside(ports: Ports, db: Session, top_up: TopUp, amount: Money) -> KeptTopUp:
    """Keep the money of a refund aside in the caller's transaction; `send` asks for it afterwards.

    Raises: WrongMoney, NotFound, RefundInFlight, RefundTooLarge, InsufficientFunds.
    """
    now = ports.clock()
    check_way(ports, top_up)
    if amount.minor <= 0:
        raise WrongMoney(text=str(amount))
    kept = top_up_rows.lock(db, top_up)
    if kept.booked_key is None:
        raise NotFound(what=f"payment of {kept.reference}")
    if kept.refund_key is not None:
        raise RefundInFlight(reference=kept.reference)
    name = EventName(kept.origin, kept.booked_key)
    left = corrections.left_of(db, kept.owner_id, name)
    if left < amount:
        raise RefundTooLarge(origin=name.origin, key=name.key, left=left)
    account_id = ledger.purse(db, kept.owner_id).account_id
    refund_key = secrets.token_hex(4)
    ledger.hold(db, kept.owner_id, account_id, refund_hold(refund_key), amount, now, now + KEPT_ASIDE_FOR)
    corrections.refuse_promised(db, kept.owner_id, amount)
    look_at = now + SETTLES_IN  # where its asker dies
    return top_up_rows.change(db, kept, now, refund_key=refund_key, refund_minor=amount.minor, look_at=look_at)


@transactional
def _book(ports: Ports, connector: PaymentConnector, asked: KeptTopUp) -> TopUp:
    with ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, asked)
        if kept.refund_key != asked.refund_key or asked.refund is None:
            return kept  # a look was quicker
        before = kept.refunded or Money(0, asked.refund.currency)
        return book_refund(ports, db, connector, kept, before + asked.refund)


@transactional
def _give_up(ports: Ports, asked: KeptTopUp) -> None:
    with ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, asked)
        if kept.refund_key == asked.refund_key:
            end_hold(ports, db, kept)
            top_up_rows.change(db, kept, ports.clock(), refund_key=None, refund_minor=None, look_at=None)
