"""Payments to an account: may it be paid, it was paid, it is taken back, what became of it.

Each runs in the transaction that keeps the notice, which the caller has open.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import initials
from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.books.service import reversal_of
from k5web.domain.incident import IncidentKind
from k5web.domain.money import Money
from k5web.domain.payments.connector import PaymentConnector, Seen
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
    NoticeOutcome,
    Paid,
    Possible,
    Query,
    Refusal,
    Refused,
    Standing,
    Undone,
)
from k5web.domain.payments.top_up import TopUpState
from k5web.services.books import corrections
from k5web.services.books.crediting import Credit, actor, credit_new_in
from k5web.services.payments import booking, payers
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.accounts.subscribers import PayableAccount
from k5web.storage.books import ledger, payment_rows, promised_payment_rows
from k5web.storage.payments import notice_rows, top_up_rows

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a notice, and what of it is kept."""

    outcome: NoticeOutcome
    why: str = ""
    owner_id: int | None = None
    amount: Money | None = None
    account_hash: bytes | None = None
    key: str = ""  # of the payment, where the notice itself does not name it so


# --- may it be paid?


def check(ports: Ports, db: Session, connector: PaymentConnector, asked: Check) -> Handled:
    """Judge the account, and the sum where there is one: networks ask with nothing before the payer has typed it."""
    partner = connector.partner
    amount = asked.amount if asked.amount and asked.amount.minor else None
    payer = payers.find_payable(ports, db, partner, asked.account, asked.account_type, amount)
    if isinstance(payer, Refusal):
        return Handled(Refused(payer), amount=asked.amount)
    possible = Possible(initials(payer.name), partner.minimum, partner.maximum)
    return Handled(possible, owner_id=payer.owner_id, amount=asked.amount)


# --- it was paid


def pay(ports: Ports, db: Session, connector: PaymentConnector, paid: Paid) -> Handled:
    """Credit a payment. A known name is never judged by the account, the limits or the partner of today."""
    return (_pay_code if paid.payment_code else _pay_account)(ports, db, connector, paid)


def _pay_account(ports: Ports, db: Session, connector: PaymentConnector, paid: Paid) -> Handled:
    """Claim the name at once, without asking first whether it is free: nearly every payment is new."""
    typed = payers.find_payer(ports, db, connector.partner, paid.account, paid.account_type)
    payer = payers.judge(connector.partner, typed, paid.amount)
    handled = None if isinstance(payer, Refusal) else _credit_account(ports, db, connector, paid, payer)
    if handled is not None:
        return handled
    owner_id = ledger.claimant(db, EventName(connector.origin, paid.key))
    if owner_id is None:
        return Handled(Refused(payer if isinstance(payer, Refusal) else Refusal.LATER), amount=paid.amount)
    is_same_payer = partial(_is_same_account, ports, db, connector, paid, typed, owner_id)
    return _answer_again(ports, db, connector, paid, owner_id, is_same_payer)


def _pay_code(ports: Ports, db: Session, connector: PaymentConnector, paid: Paid) -> Handled:
    """Ask for the name first: a code that was used means nobody any more."""
    name = EventName(connector.origin, paid.key)
    owner_id = ledger.claimant(db, name)
    if owner_id is None:
        handled = _credit_prepared(ports, db, connector, paid)
        owner_id = None if isinstance(handled.outcome, Credited) else ledger.claimant(db, name)
        if owner_id is None:  # else it was credited while we judged
            return handled
    is_same_payer = partial(_is_same_code, db, connector, paid, owner_id)
    return _answer_again(ports, db, connector, paid, owner_id, is_same_payer)


def _credit_account(
    ports: Ports, db: Session, connector: PaymentConnector, paid: Paid, payer: PayableAccount
) -> Handled | None:
    """Credit a new payment; None where its name is known."""
    name = EventName(connector.origin, paid.key)
    credit = Credit.through(connector, payer.owner_id, payer.account_id, name, paid.amount, paid.occurred_at)
    posted = credit_new_in(ports, db, credit)
    if posted is None:
        return None
    return Handled(
        Credited(posted.postings[0].number, paid.amount, ports.clock(), is_new=True),
        why="" if paid.occurred_at else "no_date",
        owner_id=payer.owner_id,
        amount=paid.amount,
        account_hash=payers.account_hash(ports.lookup_keys[0], paid.account),
    )


def _credit_prepared(ports: Ports, db: Session, connector: PaymentConnector, paid: Paid) -> Handled:
    """Credit a payment that names a code K5 gave out: the code decides account and sum, once."""
    now = ports.clock()
    refused = partial(Handled, amount=paid.amount)
    live = [
        kept
        for kept in top_up_rows.by_code(db, paid.payment_code, connector.origin)
        if kept.state is TopUpState.WAITING and now < kept.expires_at
    ]
    if len(live) != 1:  # unknown, used, too old; or the same digits given twice, which only a person can tell apart
        return refused(Refused(Refusal.ACCOUNT_UNKNOWN))
    kept = top_up_rows.lock(db, live[0])
    if kept.state is not TopUpState.WAITING:
        return refused(Refused(Refusal.LATER))  # used at this moment
    if kept.amount != paid.amount:
        return refused(Refused(Refusal.CONFLICT))
    seen = Seen(TopUpState.PAID, paid.amount, occurred_at=paid.occurred_at)
    name = EventName(connector.origin, paid.key)
    _, number = booking.credit(ports, db, connector, kept, name, kept.attempt, seen)
    return Handled(Credited(number, paid.amount, now, is_new=True), owner_id=kept.owner_id, amount=paid.amount)


def _answer_again(
    ports: Ports,
    db: Session,
    connector: PaymentConnector,
    paid: Paid,
    owner_id: int,
    is_same_payer: Callable[[], bool],
) -> Handled:
    """Give the first answer again, or raise the alarm where the same name comes with other facts.

    What was taken back since is not on the account any more, so its first answer would be untrue.
    """
    if owner_id == HOUSE:
        return Handled(Refused(Refusal.CANCELLED_BEFORE), amount=paid.amount)
    name = EventName(connector.origin, paid.key)
    first = payment_rows.find(db, owner_id, name)
    assert first is not None, "a claimed name has its event"
    posting = first.posting
    if posting.amount != paid.amount or not is_same_payer():
        _alarm(ports, db, IncidentKind.PAYMENT_CONFLICT, owner_id, name)
        return Handled(Refused(Refusal.CONFLICT), amount=paid.amount)
    if first.is_undone:
        return Handled(Refused(Refusal.CANCELLED_BEFORE), owner_id=owner_id, amount=paid.amount)
    again = Credited(posting.number, posting.amount, first.recorded_at, is_new=False)
    return Handled(again, owner_id=owner_id, amount=paid.amount)


def _is_same_account(
    ports: Ports,
    db: Session,
    connector: PaymentConnector,
    paid: Paid,
    payer: PayableAccount | Refusal,
    owner_id: int,
) -> bool:
    """Return whether the account is the one credited first, also where a phone means somebody else since."""
    if isinstance(payer, PayableAccount) and payer.owner_id == owner_id:
        return True
    typed = {payers.account_hash(key, paid.account) for key in ports.lookup_keys}
    return bool(typed & notice_rows.credited_hashes(db, EventName(connector.origin, paid.key)))


def _is_same_code(db: Session, connector: PaymentConnector, paid: Paid, owner_id: int) -> bool:
    prepared = top_up_rows.by_booked_key(db, owner_id, connector.origin, paid.key)
    return prepared is not None and prepared.code == paid.payment_code


# --- taken back, asked about


def cancel(ports: Ports, db: Session, connector: PaymentConnector, cancelled: Cancelled) -> Handled:
    """Take a payment back whole, once, while it is all there; one that has not come yet is refused for ever."""
    name = EventName(connector.origin, cancelled.key)
    owner_id = ledger.claimant(db, name)
    if owner_id is None and ledger.bar(db, name):
        return Handled(Refused(Refusal.UNKNOWN_PAYMENT))
    owner_id = ledger.claimant(db, name)
    if owner_id is None or owner_id == HOUSE:
        return Handled(Refused(Refusal.UNKNOWN_PAYMENT))
    paid = ledger.find_event(db, owner_id, name)
    assert paid is not None, "a claimed name has its event"
    posting = paid.postings[0]
    handled = partial(Handled, owner_id=owner_id, amount=posting.amount)
    if cancelled.amount is not None and cancelled.amount != posting.amount:
        _alarm(ports, db, IncidentKind.CANCEL_CONFLICT, owner_id, name)
        return handled(Refused(Refusal.CONFLICT))
    is_open = ledger.is_open(db, owner_id, posting.account_id)
    available = promised_payment_rows.own_of(db, ledger.lock_purse(db, owner_id)) if is_open else None
    # Asked after locking: of two cancels at the same moment the second must see what the first did
    if ledger.find_event(db, owner_id, reversal_of(name)) is not None:
        return handled(Undone(posting.number, posting.amount, is_new=False))
    if available is None:
        _alarm(ports, db, IncidentKind.CANCEL_CLOSED, owner_id, name)
        return handled(Refused(Refusal.CANNOT_CANCEL))
    if available < posting.amount:
        _alarm(ports, db, IncidentKind.CANCEL_SPENT, owner_id, name)
        return handled(Refused(Refusal.CANNOT_CANCEL))
    if corrections.left_of(db, owner_id, name) != posting.amount:  # a part of it went back already
        _alarm(ports, db, IncidentKind.CANCEL_REFUNDED, owner_id, name)
        return handled(Refused(Refusal.CANNOT_CANCEL))
    corrections.reverse_in(ports, db, owner_id, name, actor(connector))
    booking.note_cancel(ports, db, owner_id, name)
    return handled(Undone(posting.number, posting.amount, is_new=True))


def cancel_by_number(ports: Ports, db: Session, connector: PaymentConnector, cancelled: Cancelled) -> Handled:
    """Find the payment by our own number of it; a number is ours, so one that is unknown bars nothing."""
    posting = ledger.find_by_number(db, cancelled.number or 0)
    if posting is None or posting.name.origin != connector.origin:
        return Handled(Refused(Refusal.UNKNOWN_PAYMENT))
    handled = cancel(ports, db, connector, replace(cancelled, key=posting.name.key))
    return replace(handled, key=posting.name.key)


def query(db: Session, connector: PaymentConnector, asked: Query) -> Handled:
    """Say what became of a payment."""
    name = EventName(connector.origin, asked.key)
    owner_id = ledger.claimant(db, name)
    if owner_id is None:
        return Handled(Standing("absent"))
    paid = payment_rows.find(db, owner_id, name)
    if paid is None:
        return Handled(Standing("cancelled"))  # before it came
    posting = paid.posting
    standing = Standing("cancelled" if paid.is_undone else "paid", posting.number, posting.amount)
    return Handled(standing, owner_id=owner_id, amount=posting.amount)


def _alarm(ports: Ports, db: Session, kind: IncidentKind, owner_id: int, name: EventName) -> None:
    """List something for a person, and say so in the log."""
    logger.error("a payment needs a person", extra={"kind": kind, "origin": name.origin, "key": name.key})
    incidents.report(db, owner_id, kind, str(name), ports.clock())
