"""A provider's notice: read, acted upon, answered. Our own trouble is never a final answer: it says "later".

What a notice moves, and the row that keeps it with our verdict, are one transaction, committed before the answer.
"""

import logging
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.money import Money
from k5web.domain.payments.masking import masked_request
from k5web.domain.payments.top_up import (
    Cancelled,
    Check,
    Credited,
    Ignored,
    Look,
    Noted,
    Notice,
    OrderEnded,
    OrderPaid,
    Outcome,
    Paid,
    PaymentConnector,
    Possible,
    Query,
    Refusal,
    Refused,
    Standing,
    Undone,
    WireRequest,
    WireResponse,
)
from k5web.errors import Conflict, ForgedNotice, MalformedNotice, Unavailable
from k5web.services.books import corrections
from k5web.services.books.crediting import actor, credit_in, house_account
from k5web.services.payments import booking, payers, topups
from k5web.services.ports import Ports
from k5web.storage.accounts.subscribers import Payer
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows
from k5web.storage.payments import notice_rows, top_up_rows
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


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a notice, and what of it is kept."""

    outcome: Outcome
    why: str = ""
    owner_id: int | None = None
    amount: Money | None = None
    account_hash: bytes | None = None
    key: str = ""  # of the payment, where the notice itself does not name it so


def take_notice(ports: Ports, connector: PaymentConnector, request: WireRequest) -> WireResponse:
    """Do what the notice says and return the answer in the connector's words."""
    notice: Notice | None = None
    outcome: Outcome
    try:
        notice = connector.read(request)
        outcome = _follow(ports, connector, request, notice)
    except ForgedNotice as error:
        outcome = _unread(ports, connector, request, Refusal.FORGED, str(error))
    except MalformedNotice as error:
        outcome = _unread(ports, connector, request, Refusal.MALFORMED, str(error))
    except Unavailable:
        logger.warning("notice put off", extra={"origin": connector.origin})
        outcome = Refused(Refusal.LATER)
    except Exception:  # also a refusal of ours that nobody foresaw: the provider must not take it for a final one
        logger.exception("a bug in a notice", extra={"origin": connector.origin})
        outcome = Refused(Refusal.LATER)
    return connector.answer(request, notice, outcome)


def _follow(ports: Ports, connector: PaymentConnector, request: WireRequest, notice: Notice) -> Outcome:
    """Ask the provider first where the notice alone proves nothing, then act; no transaction waits for the answer."""
    match notice:
        case Look() | OrderEnded():
            done = _Done(topups.look_by_notice(ports, connector, notice))
        case OrderPaid() if topups.must_look(ports, connector, notice):
            done = _Done(topups.look_by_notice(ports, connector, Look(notice.number)))
        case _:
            return _take(ports, connector, request, notice, None)
    return _take(ports, connector, request, notice, done)


@transactional
def _take(
    ports: Ports, connector: PaymentConnector, request: WireRequest, notice: Notice, done: _Done | None
) -> Outcome:
    """Act, and keep the notice, in one transaction."""
    with ports.sessions.begin() as db:
        done = done or _act(ports, db, connector, notice)
        kept = KeptNotice(
            name=EventName(connector.origin, done.key or _key(notice)),
            at=request.at,
            kind=_KINDS[type(notice)],
            verdict=_verdict(done.outcome),
            why=done.outcome.why if isinstance(done.outcome, Refused) else done.why,
            request=masked_request(request, connector.partner.secrets, LONGEST_REQUEST),
            owner_id=done.owner_id,
            amount=done.amount,
            account_hash=done.account_hash,
            receipt=notice.receipt if isinstance(notice, Paid | Look) and _is_name(notice.receipt) else "",
        )
        notice_rows.add(db, kept)
    return done.outcome


def _unread(ports: Ports, connector: PaymentConnector, request: WireRequest, refusal: Refusal, reason: str) -> Outcome:
    """Keep what could not be read; the answer does not wait for the database's good health."""
    logger.warning("notice refused", extra={"origin": connector.origin, "why": refusal, "reason": reason})
    try:
        _keep_unread(ports, connector, request, refusal)
    except Unavailable:
        logger.warning("a refused notice was not kept", extra={"origin": connector.origin})
    return Refused(refusal)


@transactional
def _keep_unread(ports: Ports, connector: PaymentConnector, request: WireRequest, refusal: Refusal) -> None:
    text = masked_request(request, connector.partner.secrets, LONGEST_REQUEST)
    kept = KeptNotice(EventName(connector.origin, ""), request.at, "", refusal.value, refusal, text)
    keep = notice_rows.add_forged if refusal is Refusal.FORGED else notice_rows.add
    with ports.sessions.begin() as db:
        keep(db, kept)


def _act(ports: Ports, db: Session, connector: PaymentConnector, notice: Notice) -> _Done:
    if isinstance(notice, Cancelled) and not notice.key and notice.number is not None:
        return _cancelled_by_number(ports, db, connector, notice)
    if isinstance(notice, Paid | Cancelled | Query) and not _is_name(notice.key):
        return _Done(Refused(Refusal.MALFORMED))
    match notice:
        case Check():
            return _check(ports, db, connector, notice)
        case Paid():
            return _paid(ports, db, connector, notice)
        case Cancelled():
            return _cancelled(ports, db, connector, notice)
        case Query():
            return _query(db, connector, notice)
        case OrderPaid():
            return _Done(booking.paid(ports, db, connector, notice), amount=notice.amount)
        case _:
            return _Done(Noted())


def _key(notice: Notice) -> str:
    """Return the name a notice is kept under; what is no name is kept under none."""
    key = notice.key if isinstance(notice, Check | Paid | Cancelled | Query) else getattr(notice, "number", "")
    return key if _is_name(key) else ""


def _is_name(key: str) -> bool:
    return 1 <= len(key) <= LONGEST_KEY and key.isprintable()


def _verdict(outcome: Outcome) -> str:
    match outcome:
        case Credited(is_new=False) | Undone(is_new=False):
            return "repeat"
        case Refused(Refusal.CONFLICT | Refusal.FORGED | Refusal.MALFORMED as why):
            return why.value
        case Refused():
            return "refused"
    return "ok"


# --- may it be paid?


def _judge(connector: PaymentConnector, payer: Payer | Refusal, amount: Money | None) -> Refusal | None:
    """Return why this account may not be paid by this partner now, or None."""
    partner = connector.partner
    if not partner.is_open:
        return Refusal.CLOSED
    if amount is not None and amount.currency != partner.currency:
        return Refusal.WRONG_CURRENCY
    if isinstance(payer, Refusal):
        return payer
    if not payer.is_active:
        return Refusal.ACCOUNT_INACTIVE
    if payer.currency != partner.currency:
        return Refusal.WRONG_CURRENCY
    if amount is not None and (amount.minor <= 0 or amount < partner.minimum):
        return Refusal.SUM_TOO_SMALL
    if amount is not None and partner.maximum < amount:
        return Refusal.SUM_TOO_LARGE
    return None


def _check(ports: Ports, db: Session, connector: PaymentConnector, check: Check) -> _Done:
    """Judge the account, and the sum where there is one: networks ask with nothing before the payer has typed it."""
    partner = connector.partner
    payer = payers.find_payer(ports, db, partner, check.account, check.account_type)
    amount = check.amount if check.amount and check.amount.minor else None
    refusal = _judge(connector, payer, amount)
    if refusal is not None or isinstance(payer, Refusal):
        return _Done(Refused(refusal or Refusal.ACCOUNT_UNKNOWN), amount=check.amount)
    possible = Possible(payers.initials(payer.name), partner.minimum, partner.maximum)
    return _Done(possible, owner_id=payer.owner_id, amount=check.amount)


# --- a payment


def _paid(ports: Ports, db: Session, connector: PaymentConnector, paid: Paid) -> _Done:
    """Credit a payment. A known name is never judged by the account, the limits or the partner of today."""
    name = EventName(connector.origin, paid.key)
    owner_id = ledger.claimant(db, name)
    if owner_id is None:
        done = _new(ports, db, connector, paid, name)
        owner_id = None if isinstance(done.outcome, Credited) else ledger.claimant(db, name)
        if owner_id is None:  # else it was credited while we judged
            return done
    if owner_id == HOUSE:
        return _Done(Refused(Refusal.CANCELLED_BEFORE), amount=paid.amount)
    return _known(ports, db, connector, paid, name, owner_id)


def _new(ports: Ports, db: Session, connector: PaymentConnector, paid: Paid, name: EventName) -> _Done:
    if paid.payment_code:
        prepared = booking.pay_prepared(ports, db, connector, paid)
        if isinstance(prepared, Refusal):
            return _Done(Refused(prepared), amount=paid.amount)
        credited, owner_id = prepared
        return _Done(credited, owner_id=owner_id, amount=paid.amount)
    payer = payers.find_payer(ports, db, connector.partner, paid.account, paid.account_type)
    refusal = _judge(connector, payer, paid.amount)
    if refusal is not None or isinstance(payer, Refusal):
        return _Done(Refused(refusal or Refusal.ACCOUNT_UNKNOWN), amount=paid.amount)
    house, who = house_account(connector), actor(connector)
    try:
        posted = credit_in(ports, db, payer.owner_id, payer.account_id, name, paid.amount, house, who, paid.occurred_at)
    except Conflict:
        return _Done(Refused(Refusal.LATER))
    if not posted.is_new:
        return _Done(Refused(Refusal.LATER))  # somebody was quicker: `_paid` answers as to a known name
    return _Done(
        Credited(posted.postings[0].number, paid.amount, ports.clock(), is_new=True),
        why="" if paid.occurred_at else "no_date",
        owner_id=payer.owner_id,
        amount=paid.amount,
        account_hash=payers.account_hash(ports.lookup_keys[0], paid.account),
    )


def _known(ports: Ports, db: Session, connector: PaymentConnector, paid: Paid, name: EventName, owner_id: int) -> _Done:
    """Give the first answer again, or raise the alarm where the same name comes with other facts.

    What was taken back since is not on the account any more, so its first answer would be untrue.
    """
    first = ledger.find_event(db, owner_id, name)
    assert first is not None, "a claimed name has its event"
    posting = first.postings[0]
    is_same = posting.amount == paid.amount and _is_same_account(ports, db, connector, paid, name, owner_id)
    if is_same and ledger.find_event(db, owner_id, _reversal(name)) is not None:
        return _Done(Refused(Refusal.CANCELLED_BEFORE), owner_id=owner_id, amount=paid.amount)
    if is_same:
        at = ledger.recorded_at(db, owner_id, name)
        return _Done(Credited(posting.number, posting.amount, at, is_new=False), owner_id=owner_id, amount=paid.amount)
    _alarm(ports, db, "payment_conflict", owner_id, name)
    return _Done(Refused(Refusal.CONFLICT), amount=paid.amount)


def _is_same_account(
    ports: Ports, db: Session, connector: PaymentConnector, paid: Paid, name: EventName, owner_id: int
) -> bool:
    """Return whether the account is the one credited first, also where a phone means somebody else since."""
    if paid.payment_code:
        prepared = top_up_rows.by_booked_key(db, owner_id, name.origin, name.key)
        return prepared is not None and prepared.code == paid.payment_code
    payer = payers.find_payer(ports, db, connector.partner, paid.account, paid.account_type)
    if isinstance(payer, Payer) and payer.owner_id == owner_id:
        return True
    typed = {payers.account_hash(key, paid.account) for key in ports.lookup_keys}
    return bool(typed & notice_rows.credited_hashes(db, name))


# --- taken back, asked about


def _cancelled(ports: Ports, db: Session, connector: PaymentConnector, cancelled: Cancelled) -> _Done:
    name = EventName(connector.origin, cancelled.key)
    owner_id = ledger.claimant(db, name)
    if owner_id is None and ledger.bar(db, name):
        return _Done(Refused(Refusal.UNKNOWN_PAYMENT))
    owner_id = ledger.claimant(db, name)
    if owner_id is None or owner_id == HOUSE:
        return _Done(Refused(Refusal.UNKNOWN_PAYMENT))
    paid = ledger.find_event(db, owner_id, name)
    assert paid is not None, "a claimed name has its event"
    posting = paid.postings[0]
    done = partial(_Done, owner_id=owner_id, amount=posting.amount)
    if cancelled.amount is not None and cancelled.amount != posting.amount:
        _alarm(ports, db, "cancel_conflict", owner_id, name)
        return done(Refused(Refusal.CONFLICT))
    is_open = ledger.is_open(db, owner_id, posting.account_id)
    available = ledger.lock_purse(db, owner_id).available if is_open else None
    # Asked after locking: of two cancels at the same moment the second must see what the first did
    if ledger.find_event(db, owner_id, _reversal(name)) is not None:
        return done(Undone(posting.number, posting.amount, is_new=False))
    if available is None:
        _alarm(ports, db, "cancel_closed", owner_id, name)
        return done(Refused(Refusal.CANNOT_CANCEL))
    if available < posting.amount:
        _alarm(ports, db, "cancel_spent", owner_id, name)
        return done(Refused(Refusal.CANNOT_CANCEL))
    if corrections.left_of(db, owner_id, name) != posting.amount:  # a part of it went back already
        _alarm(ports, db, "cancel_refunded", owner_id, name)
        return done(Refused(Refusal.CANNOT_CANCEL))
    corrections.reverse_in(ports, db, owner_id, name, actor(connector))
    booking.note_cancel(ports, db, owner_id, name)
    return done(Undone(posting.number, posting.amount, is_new=True))


def _cancelled_by_number(ports: Ports, db: Session, connector: PaymentConnector, cancelled: Cancelled) -> _Done:
    """Find the payment by our own number of it; a number is ours, so one that is unknown bars nothing."""
    posting = ledger.find_by_number(db, cancelled.number or 0)
    if posting is None or posting.name.origin != connector.origin:
        return _Done(Refused(Refusal.UNKNOWN_PAYMENT))
    done = _cancelled(ports, db, connector, replace(cancelled, key=posting.name.key))
    return replace(done, key=posting.name.key)


def _query(db: Session, connector: PaymentConnector, query: Query) -> _Done:
    name = EventName(connector.origin, query.key)
    owner_id = ledger.claimant(db, name)
    if owner_id is None:
        return _Done(Standing("absent"))
    paid = ledger.find_event(db, owner_id, name)
    if paid is None:
        return _Done(Standing("cancelled"))  # before it came
    posting = paid.postings[0]
    is_reversed = ledger.find_event(db, owner_id, _reversal(name)) is not None
    standing = Standing("cancelled" if is_reversed else "paid", posting.number, posting.amount)
    return _Done(standing, owner_id=owner_id, amount=posting.amount)


def _reversal(name: EventName) -> EventName:
    return EventName("reversal", str(name))


def _alarm(ports: Ports, db: Session, kind: str, owner_id: int, name: EventName) -> None:
    """List something for a person, and say so in the log."""
    logger.error("a payment needs a person", extra={"kind": kind, "origin": name.origin, "key": name.key})
    call_rows.report(db, owner_id, kind, str(name), ports.clock(), {})
