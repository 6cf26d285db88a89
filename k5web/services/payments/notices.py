"""A provider's notice: read, acted upon, answered. Our own trouble is never a final answer: it says "later".

What a notice moves, and the row that keeps it with our verdict, are one transaction, committed before the answer.
"""

import logging
import time

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName
from k5web.domain.payments.connector import PaymentConnector
from k5web.domain.payments.masking import masked_request
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
    Ignored,
    Look,
    Noted,
    Notice,
    NoticeOutcome,
    OrderEnded,
    OrderPaid,
    Paid,
    Query,
    Refusal,
    Refused,
    Undone,
    WireRequest,
    WireResponse,
)
from k5web.errors import ForgedNotice, MalformedNotice, Unavailable
from k5web.services.payments import account_payments, order_notices
from k5web.services.payments.account_payments import Handled
from k5web.services.payments.order_notices import Unproven
from k5web.services.ports import Ports
from k5web.storage.payments import notice_rows
from k5web.storage.payments.notice_rows import KeptNotice
from k5web.storage.session import transactional
from k5web.storage.tables.payments import LONGEST_REQUEST

logger = logging.getLogger(__name__)

LONGEST_KEY = 64

_KINDS: dict[type, str] = {
    Check: "check",
    Paid: "paid",
    Cancelled: "cancelled",
    Query: "query",
    OrderPaid: "order_paid",
    OrderEnded: "order_ended",
    Look: "look",
    Ignored: "ignored",
}


def take_notice(
    ports: Ports, connector: PaymentConnector, request: WireRequest, longest_s: float | None = None
) -> WireResponse:
    """Do what the notice says and return the answer in the connector's words.

    Units: `longest_s` seconds for our database, tried again or not; with none left the notice is put off unread.
    """
    if longest_s is not None and longest_s <= 0:
        logger.warning("notice put off unread: it lay too long", extra={"origin": connector.origin})
        return connector.answer(request, None, Refused(Refusal.LATER))
    until = None if longest_s is None else time.monotonic() + longest_s
    notice: Notice | None = None
    outcome: NoticeOutcome
    try:
        notice = connector.read(request)
        done = order_notices.ask(ports, connector, notice) if isinstance(notice, Look | OrderEnded) else None
        outcome = _follow(ports, connector, request, notice, done, until)
    except ForgedNotice as error:
        outcome = _unread(ports, connector, request, Refusal.FORGED, str(error), until)
    except MalformedNotice as error:
        outcome = _unread(ports, connector, request, Refusal.MALFORMED, str(error), until)
    except Unavailable:
        logger.warning("notice put off", extra={"origin": connector.origin})
        outcome = Refused(Refusal.LATER)
    except Exception:  # also an unforeseen refusal of our own: the provider must not take it for a final answer
        logger.exception("a bug in a notice", extra={"origin": connector.origin})
        outcome = Refused(Refusal.LATER)
    return connector.answer(request, notice, outcome)


def _follow(
    ports: Ports,
    connector: PaymentConnector,
    request: WireRequest,
    notice: Notice,
    done: NoticeOutcome | None,
    until: float | None,
) -> NoticeOutcome:
    """Act on the notice; where it turns out to prove nothing, the provider is asked and the notice kept after that."""
    try:
        return _act(ports, connector, request, notice, done, until)
    except Unproven as error:
        done = order_notices.ask(ports, connector, error.notice)
        return _act(ports, connector, request, notice, done, until)


@transactional
def _act(
    ports: Ports,
    connector: PaymentConnector,
    request: WireRequest,
    notice: Notice,
    done: NoticeOutcome | None,
    until: float | None,
) -> NoticeOutcome:
    """Act on a notice that is not `done` yet, and keep it, in one transaction. Raises: Unproven."""
    with ports.sessions.begin(until=until) as db:
        handled = Handled(done) if done else _dispatch(ports, db, connector, notice)
        kept = KeptNotice(
            name=EventName(connector.origin, handled.key or _key(notice)),
            at=request.at,
            kind=_KINDS[type(notice)],
            verdict=_verdict(handled.outcome),
            why=handled.outcome.why if isinstance(handled.outcome, Refused) else handled.why,
            request=masked_request(request, connector.partner.secrets, LONGEST_REQUEST),
            owner_id=handled.owner_id,
            amount=handled.amount,
            account_hash=handled.account_hash,
            receipt=notice.receipt if isinstance(notice, Paid | Look) and _is_name(notice.receipt) else "",
        )
        notice_rows.add(db, kept)
    _tell(kept, handled.outcome)
    return handled.outcome


def _tell(kept: KeptNotice, outcome: NoticeOutcome) -> None:
    """Write what became of a notice into the log; the rows say whom it is about."""
    facts = {"origin": kept.name.origin, "key": kept.name.key, "verdict": kept.verdict}
    if isinstance(outcome, Refused):
        logger.warning("notice refused", extra=facts | {"why": outcome.why})
    elif isinstance(outcome, Credited) and outcome.is_new:
        logger.info("payment credited", extra=facts | {"owner_id": kept.owner_id, "amount": str(kept.amount)})


def _dispatch(ports: Ports, db: Session, connector: PaymentConnector, notice: Notice) -> Handled:
    if isinstance(notice, Cancelled) and not notice.key and notice.number is not None:
        return account_payments.cancel_by_number(ports, db, connector, notice)
    if isinstance(notice, Paid | Cancelled | Query) and not _is_name(notice.key):
        return Handled(Refused(Refusal.MALFORMED))
    match notice:
        case Check():
            return account_payments.check(ports, db, connector, notice)
        case Paid():
            return account_payments.pay(ports, db, connector, notice)
        case Cancelled():
            return account_payments.cancel(ports, db, connector, notice)
        case Query():
            return account_payments.query(db, connector, notice)
        case OrderPaid() | OrderEnded():
            outcome = order_notices.book(ports, db, connector, notice)
            return Handled(outcome, amount=notice.amount if isinstance(notice, OrderPaid) else None)
        case _:
            return Handled(Noted())


def _unread(
    ports: Ports,
    connector: PaymentConnector,
    request: WireRequest,
    refusal: Refusal,
    reason: str,
    until: float | None,
) -> NoticeOutcome:
    """Keep what could not be read; the answer does not wait for the database's good health."""
    logger.warning("notice refused", extra={"origin": connector.origin, "why": refusal, "reason": reason})
    try:
        _keep_unread(ports, connector, request, refusal, until)
    except Unavailable:
        logger.warning("a refused notice was not kept", extra={"origin": connector.origin})
    return Refused(refusal)


@transactional
def _keep_unread(
    ports: Ports, connector: PaymentConnector, request: WireRequest, refusal: Refusal, until: float | None
) -> None:
    text = masked_request(request, connector.partner.secrets, LONGEST_REQUEST)
    kept = KeptNotice(EventName(connector.origin, ""), request.at, "", refusal.value, refusal, text)
    keep = notice_rows.add_forged if refusal is Refusal.FORGED else notice_rows.add
    with ports.sessions.begin(until=until) as db:
        keep(db, kept)


def _key(notice: Notice) -> str:
    """Return the name a notice is kept under; what is no name is kept under none."""
    key = notice.key if isinstance(notice, Check | Paid | Cancelled | Query) else getattr(notice, "number", "")
    return key if _is_name(key) else ""


def _is_name(key: str) -> bool:
    return 1 <= len(key) <= LONGEST_KEY and key.isprintable()


def _verdict(outcome: NoticeOutcome) -> str:
    match outcome:
        case Credited(is_new=False) | Undone(is_new=False):
            return "repeat"
        case Refused(Refusal.CONFLICT | Refusal.FORGED | Refusal.MALFORMED as why):
            return why.value
        case Refused():
            return "refused"
    return "ok"
