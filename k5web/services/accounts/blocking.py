"""Blocking a subscriber: done and undone by staff, with a reason, kept for ever.

Nothing new begins for who is blocked: no log-in, order, top-up or payment. What was begun ends by its own rules: a call
at the switch, a payment under way, a refund.
"""

import logging

from k5web.domain.accounts.subscriber import Block
from k5web.domain.calls.call import CallState, Outcome, split_call_id
from k5web.errors import WrongReason
from k5web.services.calls.settling import give_up
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

LONGEST_REASON = 200


@transactional
def block(ports: Ports, subscriber_id: int, actor: str, reason: str) -> None:
    """Let nothing new begin for a subscriber; orders that wait in the queue are given up, their money is free again.

    Raises: NotFound, WrongReason.
    """
    now = ports.clock()
    said = Block(is_blocked=True, at=now, actor=actor, reason=_sound(reason))
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, subscriber_id)  # orders and top-ups begin under it
        subscribers.set_blocked(db, subscriber_id, said)
        for live in call_rows.live(db, subscriber_id):
            call = call_rows.lock(db, subscriber_id, split_call_id(live.id)[1])
            if call is not None and call.state is CallState.RESERVED:
                give_up(ports, db, call, Outcome.BLOCKED)
    logger.warning("subscriber blocked", extra={"owner_id": subscriber_id, "actor": actor})


@transactional
def unblock(ports: Ports, subscriber_id: int, actor: str, reason: str) -> bool:
    """Take a block back; False where there is none. Raises: NotFound, WrongReason."""
    said = Block(is_blocked=False, at=ports.clock(), actor=actor, reason=_sound(reason))
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, subscriber_id)
        if subscribers.get(db, subscriber_id).blocked_at is None:
            return False
        subscribers.set_blocked(db, subscriber_id, said)
    logger.warning("subscriber unblocked", extra={"owner_id": subscriber_id, "actor": actor})
    return True


@transactional
def history(ports: Ports, subscriber_id: int) -> list[Block]:
    """Return every block of a subscriber and its end, oldest first."""
    with ports.sessions.read() as db:
        return subscribers.blocks(db, subscriber_id)


def _sound(reason: str) -> str:
    text = reason.strip()
    if not (1 <= len(text) <= LONGEST_REASON and text.isprintable()):
        raise WrongReason(most=LONGEST_REASON)
    return text
