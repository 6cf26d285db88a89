"""What a provider says about a top-up that K5 began becomes money on the account, once; under the lock of its row.

States only move forward; money that came late is credited all the same, and what went back is debited by difference.
"""

import logging
from typing import Any

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName
from k5web.domain.incident import IncidentKind
from k5web.domain.money import Money
from k5web.domain.payments.connector import PaymentConnector, Seen
from k5web.domain.payments.top_up import OrderNumber, TopUp, TopUpState
from k5web.services.books import corrections
from k5web.services.books.crediting import Credit, actor, credit_in
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.books import ledger
from k5web.storage.payments import saved_card_rows, top_up_rows
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import after_commit, transactional

logger = logging.getLogger(__name__)

MOST_TRIES = 3  # of one order at a gateway: a notice that is repeated counts for no more


@transactional
def book_seen(ports: Ports, connector: PaymentConnector, asked: TopUp, seen: Seen, failed: int = 0) -> TopUp:
    """Book what the provider says about one attempt, and return the top-up as it stands after it. Repeatable.

    `asked` is the top-up as it stood when the provider was asked, `failed` how many declined tries a notice told of.
    """
    with ports.sessions.begin() as db:
        kept = top_up_rows.lock(db, asked)
        if seen.is_foreign or _has_another(db, kept, asked, seen):
            alarm(ports, db, IncidentKind.ORDER_NOT_OURS, kept, number=asked.number, provider_id=seen.provider_id[:64])
            return kept
        if seen.saved_card:
            saved_card_rows.keep(db, kept.owner_id, connector.origin, seen.saved_card, ports.clock())
        kept = _count_tries(ports, db, kept, seen, failed)
        kept = book(ports, db, connector, kept, asked.attempt, seen)
        return _book_refunds(ports, db, connector, kept, asked, seen) if seen.state.is_paid else kept


def book(
    ports: Ports, db: Session, connector: PaymentConnector, kept: KeptTopUp, attempt: int, seen: Seen
) -> KeptTopUp:
    """Book what became of one attempt, in the caller's transaction and under its lock of the row."""
    if seen.state.is_paid:
        return _book_paid(ports, db, connector, kept, attempt, seen)
    if attempt != kept.attempt:
        return kept  # an abandoned number
    if not kept.state.may_become(seen.state):  # a step back, or the same end again
        return _stop_looking(ports, db, kept, seen)
    return _note_state(ports, db, kept, seen)


def _has_another(db: Session, kept: KeptTopUp, asked: TopUp, seen: Seen) -> bool:
    """Return whether the order belongs to another top-up of this house, by its id or by the payment it became."""
    if not seen.provider_id or (seen.provider_id == kept.provider_id and asked.attempt == kept.attempt):
        return False
    known = top_up_rows.find_by_provider_id(db, kept.origin, seen.provider_id)
    if known is not None and known.reference != kept.reference:
        return True
    name = EventName(kept.origin, seen.provider_id)
    claimant = ledger.claimant(db, name)
    if claimant is None:
        return False
    payer = top_up_rows.by_booked_key(db, claimant, name.origin, name.key)
    return claimant != kept.owner_id or (payer is not None and payer.n != kept.n)


def _count_tries(ports: Ports, db: Session, kept: KeptTopUp, seen: Seen, failed: int) -> KeptTopUp:
    """Write down which cards were tried and how often in vain: the limits count these, not the orders."""
    declines = max(kept.declines, seen.declines, min(kept.declines + failed, MOST_TRIES))
    masks = kept.card_mask.split()
    if seen.card_mask and seen.card_mask not in masks:
        masks.append(seen.card_mask)
    if (declines, len(masks)) == (kept.declines, len(kept.card_mask.split())):
        return kept
    return top_up_rows.change(db, kept, kept.changed_at, declines=declines, card_mask=" ".join(masks))


def note_cancel(ports: Ports, db: Session, owner_id: int, name: EventName) -> None:
    """Mark the top-up that a payment paid as gone back, where it paid one."""
    kept = top_up_rows.by_booked_key(db, owner_id, name.origin, name.key)
    if kept is not None:
        top_up_rows.change(
            db, kept, ports.clock(), state=TopUpState.REFUNDED, refunded_minor=kept.booked.minor, look_at=None
        )


def alarm(ports: Ports, db: Session, kind: IncidentKind, kept: KeptTopUp, **facts: Any) -> None:
    """List a top-up for a person, once, and say so in the log."""
    reference = kept.reference
    logger.error("a top-up needs a person", extra={"kind": kind, "reference": reference})
    incidents.report(db, kept.owner_id, kind, reference, ports.clock(), facts)


def _book_paid(
    ports: Ports, db: Session, connector: PaymentConnector, kept: KeptTopUp, attempt: int, seen: Seen
) -> KeptTopUp:
    if kept.booked_attempt == attempt:
        return kept
    amount = seen.amount or kept.amount
    if amount != kept.amount:
        alarm(ports, db, IncidentKind.TOPUP_AMOUNT, kept, said=str(amount), currency=amount.currency)
        if not kept.state.is_open:
            return kept
        return top_up_rows.change(db, kept, ports.clock(), state=TopUpState.UNCLEAR, look_at=None)
    own_id = kept.provider_id if attempt == kept.attempt else ""
    number = str(OrderNumber(kept.reference, kept.mark, attempt))
    name = EventName(kept.origin, own_id or seen.provider_id or number)
    if kept.booked_attempt is not None:
        alarm(ports, db, IncidentKind.TOPUP_PAID_TWICE, kept, key=name.key)
    return credit(ports, db, connector, kept, name, attempt, seen)[0]


def credit(
    ports: Ports,
    db: Session,
    connector: PaymentConnector,
    kept: KeptTopUp,
    name: EventName,
    attempt: int,
    seen: Seen,
) -> tuple[KeptTopUp, int]:
    """Credit and mark the top-up as paid; return it and the payment's number."""
    # A provider's clock may be slow: we know when the order began
    at = seen.occurred_at and max(seen.occurred_at, kept.created_at)
    posted = credit_in(ports, db, Credit.through(connector, kept.owner_id, kept.account_id, name, kept.amount, at))
    if kept.booked_attempt is None:
        kept = top_up_rows.change(
            db,
            kept,
            ports.clock(),
            state=TopUpState.PAID,
            look_at=None,
            booked_key=name.key,
            booked_attempt=attempt,
            booked_minor=kept.amount.minor,
            provider_id=kept.provider_id or seen.provider_id,
        )
    if posted.is_new:
        facts = {"origin": name.origin, "key": name.key, "reference": kept.reference, "attempt": attempt}
        facts |= {"owner_id": kept.owner_id, "amount": str(kept.amount)}
        after_commit(db, lambda: logger.info("payment credited", extra=facts))
    return kept, posted.postings[0].number


def _book_refunds(
    ports: Ports, db: Session, connector: PaymentConnector, kept: KeptTopUp, asked: TopUp, seen: Seen
) -> KeptTopUp:
    """Debit what the provider gave back and K5 has not booked yet; less than was booked before the question is odd."""
    told = seen.refunded.minor if seen.refunded else 0
    if seen.state is TopUpState.REFUNDED and seen.refunded is None:
        told = kept.booked.minor
    before = asked.refunded.minor if asked.refunded and kept.booked_attempt == asked.attempt else 0
    if seen.refunded is not None and told < before:
        alarm(ports, db, IncidentKind.TOPUP_REFUND_LESS, kept, told=str(seen.refunded), booked=str(asked.refunded))
    booked = kept.refunded.minor if kept.refunded else 0
    if kept.booked_key is None or told <= booked:
        return kept
    return book_refund(ports, db, connector, kept, Money(told, kept.booked.currency))


def book_refund(ports: Ports, db: Session, connector: PaymentConnector, kept: KeptTopUp, told: Money) -> KeptTopUp:
    """Debit up to `told`, all that went back so far; a fact, also below the floor, which a person then sees."""
    name = EventName(kept.origin, kept.booked_key or "")
    difference = told - (kept.refunded or Money(0, told.currency))
    if corrections.left_of(db, kept.owner_id, name) < difference:
        alarm(ports, db, IncidentKind.TOPUP_REFUND_EXCESS, kept, told=str(told))
        return top_up_rows.change(db, kept, ports.clock(), look_at=None)
    if kept.refund_key is not None:
        end_hold(ports, db, kept)
    application = refund_key_of(kept, told)
    posted = corrections.record_refund(ports, db, kept.owner_id, name, difference, application, actor(connector))
    if posted.postings[0].balance.minor < 0:
        alarm(ports, db, IncidentKind.TOPUP_REFUND_SHORT, kept, told=str(told))
    state = TopUpState.REFUNDED if told == kept.booked else TopUpState.PART_REFUNDED
    return top_up_rows.change(
        db,
        kept,
        ports.clock(),
        state=state,
        refunded_minor=told.minor,
        refund_key=None,
        refund_minor=None,
        look_at=None,
    )


def refund_key_of(kept: KeptTopUp, told: Money) -> str:
    """Return by what the refund up to this sum is known, however the news of it comes, and how often."""
    return f"{kept.origin} {kept.booked_key} to {told.minor}"


def refund_hold(refund_key: str) -> str:
    """Return the reference of the hold of a refund in flight."""
    return f"refund {refund_key}"


def end_hold(ports: Ports, db: Session, kept: KeptTopUp) -> None:
    """Give back what was kept aside for the refund in flight."""
    owner_id = kept.owner_id
    ledger.release(
        db, owner_id, ledger.purse(db, owner_id).account_id, refund_hold(kept.refund_key or ""), ports.clock()
    )


def _note_state(ports: Ports, db: Session, kept: KeptTopUp, seen: Seen) -> KeptTopUp:
    """Write an open or ended state; a payer's time may be over before the provider says so."""
    now = ports.clock()
    state = seen.state
    look_at = None if state in {TopUpState.DECLINED, TopUpState.EXPIRED} else kept.look_at
    if state is TopUpState.WAITING and now >= kept.expires_at:
        state = TopUpState.EXPIRED  # still looked at: who paid at the last moment is credited
    provider_id = kept.provider_id or seen.provider_id
    return top_up_rows.change(db, kept, now, state=state, look_at=look_at, provider_id=provider_id)


def _stop_looking(ports: Ports, db: Session, kept: KeptTopUp, seen: Seen) -> KeptTopUp:
    """Ask no more about what is over on both sides."""
    is_over = seen.state in {TopUpState.DECLINED, TopUpState.EXPIRED} and not kept.state.is_open
    if not is_over or kept.look_at is None or kept.refund_key is not None:
        return kept
    return top_up_rows.change(db, kept, ports.clock(), look_at=None)
