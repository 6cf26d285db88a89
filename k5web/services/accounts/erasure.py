"""Erasing who a subscriber is, for good: calls and books stay, with numbers, and nothing leads to a name."""

import logging
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Block, Subscriber
from k5web.domain.money import CURRENCIES
from k5web.errors import NotErasable
from k5web.services.accounts.profiles import SUBSCRIBER
from k5web.services.ports import Ports
from k5web.services.prices import standing_objections
from k5web.storage.accounts import (
    ending_rows,
    number_rows,
    owned_rows,
    personal_rows,
    phone_rows,
    refund_rows,
    subscribers,
)
from k5web.storage.books import claim_rows, ledger
from k5web.storage.calls import call_rows
from k5web.storage.payments import auto_top_up_rows, saved_card_rows
from k5web.storage.pbx import pbx_rows
from k5web.storage.prices import objection_rows, subscription_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

REASON: Final = "personal data erased"


@transactional
def obstacles(ports: Ports, owner_id: int, actor: str) -> list[str]:
    """Return what is still open and keeps the data from being erased by this actor.

    A subscriber ends the contract before, for the data are needed to fulfil it; staff may do it for one that stands.
    """
    with ports.sessions.read() as db:
        return _obstacles(ports, db, subscribers.get(db, owner_id), actor)


@transactional
def erase(ports: Ports, owner_id: int, actor: str) -> bool:
    """Erase who a subscriber is; False where that was done before. Raises: NotErasable, NotFound."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if subscribers.erased_at(db, owner_id) is not None:
            return False
        owner = subscribers.get(db, owner_id)
        if why := _obstacles(ports, db, owner, actor):
            raise NotErasable(why=", ".join(why), obstacles=why)
        for card in saved_card_rows.live(db, owner_id):
            saved_card_rows.remove(db, card, now, is_told=False)
        auto_top_up_rows.switch_off(db, owner_id, "card_gone")
        # Nothing may begin again for somebody whom nobody knows: no payment, no bonus, no log-in
        subscribers.set_blocked(db, owner_id, Block(is_blocked=True, at=now, actor=actor, reason=REASON))
        owned_rows.erase(db, owner_id, _addresses(db, owner), now)
        pbx_rows.touch(db, owner_id, now)  # the switch forgets phones and rules
    logger.info("personal data erased", extra={"owner_id": owner_id, "actor": actor})
    return True


def _addresses(db: Session, owner: Subscriber) -> list[str]:
    phones = [str(each.number) for each in phone_rows.of_owner(db, owner.id)]
    return [*phones, *personal_rows.emails(db, owner.id)]


def _obstacles(ports: Ports, db: Session, owner: Subscriber, actor: str) -> list[str]:
    has_fee = bool(ports.plans.of(owner).fees)
    services = any(each.sort != "plan" for each in subscription_rows.live(db, owner.id))
    is_ending = owner.ended_at is None and _is_ending(ports, db, owner.id)
    found = {
        "contract": actor == SUBSCRIBER and owner.ended_at is None,
        "ending": actor != SUBSCRIBER and is_ending,
        "refund": any(each.is_open for each in refund_rows.of_owner(db, owner.id)),
        "claim": any(each.deadline for each in claim_rows.of_owner(db, owner.id)),
        "money": owned_rows.is_owing(db, owner.id, tuple(CURRENCIES)),
        "calls": bool(call_rows.live(db, owner.id)),
        "payments": owned_rows.is_paying(db, owner.id, ports.clock()),
        "numbers": bool(number_rows.of_owner(db, owner.id)),
        "services": has_fee or services,
    }
    return [name for name, is_open in found.items() if is_open]


def _is_ending(ports: Ports, db: Session, owner_id: int) -> bool:
    """Return whether a day is set on which the contract ends, by an application or an objection."""
    objected = any(standing_objections.stands(ports, db, each) for each in objection_rows.of(db, owner_id))
    return objected or ending_rows.standing(db, owner_id) is not None
