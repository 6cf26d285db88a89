"""Objections to a dearer version of one's plan: said before its day, on which the contract then ends by rule (B2)."""

import logging
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Block
from k5web.domain.prices.plan_version import Objection
from k5web.errors import NothingToObject
from k5web.services.ports import Ports
from k5web.services.prices import billing
from k5web.services.prices.fee_batch import FeeBatch
from k5web.storage import outbox
from k5web.storage.accounts import subscribers
from k5web.storage.messaging import outbox_rows
from k5web.storage.messaging.outbox_rows import Queued
from k5web.storage.prices import objection_rows, plan_rows, subscription_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

ACTOR = "job:objections"


@transactional
def announced(ports: Ports, subscriber_id: int) -> dict[str, Any] | None:
    """Return the next dearer version that was announced to a subscriber and is not in force yet: its facts.

    What was announced of a plan that they left is not theirs any more. Raises: NotFound.
    """
    with ports.sessions.read() as db:
        messages = outbox.of_kind(db, subscriber_id, "plan_change")
        live = subscription_rows.live(db, subscriber_id)
        plans = {subscribers.get(db, subscriber_id).plan_code, *(each.code for each in live if each.sort == "plan")}
    dearer = [message.facts for message in messages if message.facts["is_dearer"] and message.facts["plan"] in plans]
    coming = [facts for facts in dearer if _day(facts) > ports.today()]
    return min(coming, key=_day, default=None)


@transactional
def object_to_change(ports: Ports, subscriber_id: int, actor: str) -> Objection:
    """Note that a subscriber does not take the dearer version that comes; a second objection changes nothing.

    Raises: NotFound, NothingToObject.
    """
    coming = announced(ports, subscriber_id)
    if coming is None:
        raise NothingToObject(owner_id=subscriber_id)
    with ports.sessions.begin() as db:
        said = Objection(subscriber_id, coming["version"], coming["plan"], ports.clock(), actor, _day(coming))
        kept = objection_rows.add(db, said)
    logger.warning("subscriber objects to a plan", extra={"owner_id": subscriber_id, "version": kept.version_id})
    return kept


def said(ports: Ports, subscriber_id: int) -> Objection | None:
    """Return the subscriber's last objection, until the day on which the contract ends by it."""
    with ports.sessions.read() as db:
        theirs = objection_rows.of(db, subscriber_id)
    return next((each for each in reversed(theirs) if each.ends_on >= ports.today()), None)


@transactional
def listed(ports: Ports) -> list[Objection]:
    """Return all objections, the contract that ends first before the others."""
    with ports.sessions.read() as db:
        return objection_rows.every(db)


def carry_out(ports: Ports) -> int:
    """End the contracts of those whose objection has come to its day; return how many. Repeatable.

    Whoever has another plan by then has agreed to something else. What is due before that day is taken as ever.
    Objections that were noted with another day than the version's, by the rule there was before, are left to staff.
    """
    with ports.sessions.read() as db:
        begun = {version.id: ports.day_of(version.effective_from) for version in plan_rows.versions(db)}
        every = objection_rows.every(db)
    due = [each for each in every if each.ends_on <= ports.today() and begun[each.version_id] == each.ends_on]
    return sum(_end_contract(ports, said) for said in due)


@transactional
def _end_contract(ports: Ports, said: Objection) -> bool:
    reason = f"objected to version {said.version_id} of plan {said.plan}: the contract has ended"
    with ports.sessions.read() as db:
        if not _still_stands(db, said, reason):
            return False
    billing.bill_owners(ports, [said.owner_id], said.ends_on - timedelta(days=1))
    with ports.sessions.begin() as db:
        batch = FeeBatch.of(ports, db, said.owner_id)
        if not _still_stands(db, said, reason):
            return False  # another worker was first
        for subscription in batch.live(said.owner_id):
            billing.end(batch, subscription, said.ends_on)
        batch.write()
        told = Queued(said.owner_id, f"contract_ended {said.version_id}", "contract_ended", {}, ports.clock())
        outbox_rows.queue(db, told)
        subscribers.set_blocked(db, said.owner_id, Block(True, ports.clock(), ACTOR, reason))
    logger.warning("a contract ends by an objection", extra={"owner_id": said.owner_id, "version": said.version_id})
    return True


def _still_stands(db: Session, said: Objection, reason: str) -> bool:
    """Return whether the plan is still theirs, and the contract was not ended for this before."""
    live = subscription_rows.live(db, said.owner_id)
    plans = {subscribers.get(db, said.owner_id).plan_code, *(each.code for each in live if each.sort == "plan")}
    return said.plan in plans and all(each.reason != reason for each in subscribers.blocks(db, said.owner_id))


def _day(facts: dict[str, Any]) -> date:
    return date.fromisoformat(facts["effective"])
