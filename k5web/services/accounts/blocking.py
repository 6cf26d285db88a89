"""Stopping a subscriber: done and undone by staff, with a reason, kept for ever.

A block is of everything: no log-in, order, top-up or payment begins. A breach of the contract, with a notice, stops
the services alone (B9): the cabinet is open and money comes in. What was begun ends by its own rules: a call at the
switch, a payment under way, a refund.
"""

import logging
from dataclasses import dataclass

from sqlalchemy.orm import Session

from k5web.domain.accounts import standing
from k5web.domain.accounts.standing import Overdue
from k5web.domain.accounts.subscriber import Block, BlockKind, Subscriber
from k5web.domain.calls.call import CallState, Outcome, split_call_id
from k5web.domain.reason import checked_reason
from k5web.errors import ContractEnded
from k5web.services.calls.settling import give_up
from k5web.services.messaging import sending
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.books import debt_rows, ledger
from k5web.storage.calls import call_rows
from k5web.storage.pbx import pbx_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BreachNotice:
    """What a subscriber is told about the breach: its reason, and until when it may be put right."""

    reason: str
    overdue: Overdue


@transactional
def block(ports: Ports, subscriber_id: int, actor: str, reason: str) -> None:
    """Let nothing new begin for a subscriber; orders that wait in the queue are given up, their money is free again.

    Raises: NotFound, WrongReason.
    """
    with ports.sessions.begin() as db:
        _stop(ports, db, subscriber_id, _said(ports, "block", actor, reason))


@transactional
def suspend(ports: Ports, subscriber_id: int, actor: str, reason: str) -> BreachNotice:
    """Let no service begin for a subscriber who broke the contract, and give the notice. `reason`: words for them.

    Orders that wait in the queue are given up. Raises: NotFound, WrongReason, ContractEnded, SubscriberErased.
    """
    said = _said(ports, "breach", actor, reason)
    with ports.sessions.begin() as db:
        was_suspended = _served(db, subscriber_id).suspended_at is not None
        _stop(ports, db, subscriber_id, said)
        notice = _notice(ports, db, subscribers.get(db, subscriber_id))
        assert notice is not None
        facts = {
            "reason": notice.reason,
            "until": notice.overdue.borne_until.isoformat(),
            "is_first": not was_suspended,
        }
        sending.queue_notice(db, subscriber_id, "suspended", facts, f"suspended {said.at.isoformat()}", said.at)
    return notice


@transactional
def unblock(ports: Ports, subscriber_id: int, actor: str, reason: str) -> bool:
    """Take a block back; False where there is none. Raises: NotFound, WrongReason, SubscriberErased."""
    said = _said(ports, "block", actor, reason, is_blocked=False)
    with ports.sessions.begin() as db:
        return _let_be(db, subscriber_id, said)


@transactional
def resume(ports: Ports, subscriber_id: int, actor: str, reason: str) -> bool:
    """Note that the breach was put right: services begin again. False where there is none.

    Raises: NotFound, WrongReason, ContractEnded, SubscriberErased.
    """
    said = _said(ports, "breach", actor, reason, is_blocked=False)
    with ports.sessions.begin() as db:
        _served(db, subscriber_id)
        if not _let_be(db, subscriber_id, said):
            return False
        sending.queue_notice(db, subscriber_id, "resumed", {}, f"resumed {said.at.isoformat()}", said.at)
    return True


@transactional
def history(ports: Ports, subscriber_id: int) -> list[Block]:
    """Return every time a subscriber was stopped and its end, oldest first."""
    with ports.sessions.read() as db:
        return subscribers.blocks(db, subscriber_id)


@transactional
def notice(ports: Ports, subscriber: Subscriber) -> BreachNotice | None:
    """Return the notice of the breach for which a subscriber's services are suspended, None where they are not."""
    with ports.sessions.read() as db:
        return _notice(ports, db, subscriber)


@transactional
def overdue(ports: Ports) -> list[Overdue]:
    """Return every debt and breach that is borne, the nearest end of the term first."""
    with ports.sessions.read() as db:
        debts = [standing.debt(owner_id, since) for owner_id, since in debt_rows.below_zero(db)]
        breaches = [standing.breach(owner_id, ports.day_of(at)) for owner_id, at in subscribers.suspended(db)]
    return sorted([*debts, *breaches], key=lambda each: (each.borne_until, each.owner_id))


def borne_by(ports: Ports, db: Session, owner: Subscriber) -> list[Overdue]:
    """Return the debt and the breach that one subscriber bears, the nearest end of the term first."""
    below = debt_rows.below_since(db, owner.id)
    debts = [standing.debt(owner.id, below)] if below else []
    breaches = [standing.breach(owner.id, ports.day_of(owner.suspended_at))] if owner.suspended_at else []
    return sorted([*debts, *breaches], key=lambda each: each.borne_until)


def _served(db: Session, subscriber_id: int) -> Subscriber:
    """Return somebody with services that can be stopped, and locks them. Raises: ContractEnded, SubscriberErased."""
    ledger.lock_purse(db, subscriber_id)
    subscribers.check_not_erased(db, subscriber_id)
    owner = subscribers.get(db, subscriber_id)
    if owner.ended_at is not None:
        raise ContractEnded
    return owner


def _stop(ports: Ports, db: Session, subscriber_id: int, said: Block) -> None:
    ledger.lock_purse(db, subscriber_id)  # orders and top-ups begin under it
    subscribers.set_blocked(db, subscriber_id, said)
    pbx_rows.touch(db, subscriber_id, said.at)
    for live in call_rows.live(db, subscriber_id):
        call = call_rows.lock(db, subscriber_id, split_call_id(live.id)[1])
        if call is not None and call.state is CallState.RESERVED:
            give_up(ports, db, call, Outcome.BLOCKED)
    logger.warning("subscriber stopped", extra={"owner_id": subscriber_id, "kind": said.kind, "actor": said.actor})


def _let_be(db: Session, subscriber_id: int, said: Block) -> bool:
    ledger.lock_purse(db, subscriber_id)
    found = subscribers.get(db, subscriber_id)
    if (found.blocked_at if said.kind == "block" else found.suspended_at) is None:
        return False
    subscribers.set_blocked(db, subscriber_id, said)
    pbx_rows.touch(db, subscriber_id, said.at)
    logger.warning("subscriber let be", extra={"owner_id": subscriber_id, "kind": said.kind, "actor": said.actor})
    return True


def _notice(ports: Ports, db: Session, subscriber: Subscriber) -> BreachNotice | None:
    if subscriber.suspended_at is None:
        return None
    told = [each for each in subscribers.blocks(db, subscriber.id) if each.kind == "breach" and each.is_blocked]
    return BreachNotice(told[-1].reason, standing.breach(subscriber.id, ports.day_of(subscriber.suspended_at)))


def _said(ports: Ports, kind: BlockKind, actor: str, reason: str, *, is_blocked: bool = True) -> Block:
    return Block(is_blocked, ports.clock(), actor, checked_reason(reason), kind)
