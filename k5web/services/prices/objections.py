"""Objections to dearer plans and price lists: said before their day, on which the contract then ends by rule (B2)."""

import logging
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from k5web.domain.accounts.ending import Ending
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.prices.objection import SUBJECTS, Change, Objection, Subject
from k5web.errors import NothingToObject
from k5web.services.ports import Ports
from k5web.services.prices import deck_notice
from k5web.services.prices.contract_end import end_contract
from k5web.storage import outbox
from k5web.storage.accounts import ending_rows, subscribers
from k5web.storage.outbox import Kind
from k5web.storage.prices import objection_rows, subscription_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

ACTOR = "job:objections"
# By which subscribers are told
NOTICES: Mapping[Kind, Subject] = {"plan_change": "plan", "deck_change": "deck", "offer_change": "offer"}


@transactional
def announced(ports: Ports, subscriber_id: int, subjects: Collection[Subject] = SUBJECTS) -> Change | None:
    """Return the next dearer change of these that was announced to a subscriber and is not in force yet.

    What was announced of a plan that they left, or of a list that was corrected, is not theirs any more.
    Raises: NotFound.
    """
    with ports.sessions.read() as db:
        subscriber = subscribers.get(db, subscriber_id)
        told = [change for change in _told(db, subscriber_id) if change.is_open(ports.today())]
        found = [change for change in told if change.subject in subjects]
        coming = [change for change in found if _concerns(ports, db, subscriber, change)]
    return min(coming, key=lambda change: change.effective, default=None)


@transactional
def object_to_change(ports: Ports, subscriber_id: int, actor: str, key: str | None = None) -> Objection:
    """Note that a subscriber does not take the dearer change that comes; a second objection changes nothing.

    With the `key` of the change that they saw, no other is meant. Raises: NotFound, NothingToObject.
    """
    coming = announced(ports, subscriber_id, SUBJECTS if key is None else _subjects(key))
    if coming is None or key not in (None, coming.key):
        raise NothingToObject(owner_id=subscriber_id)
    with ports.sessions.begin() as db:
        kept = objection_rows.add(db, Objection.to(coming, subscriber_id, ports.clock(), actor))
    facts = {"owner_id": subscriber_id, "subject": kept.subject, "version": kept.version_id}
    logger.warning("subscriber objects to a change", extra=facts)
    return kept


def said(ports: Ports, subscriber_id: int) -> Objection | None:
    """Return the subscriber's last objection, until the day on which the contract ends by it."""
    with ports.sessions.read() as db:
        theirs = objection_rows.of(db, subscriber_id)
    return next((each for each in reversed(theirs) if each.ends_on >= ports.today()), None)


def _subjects(key: str) -> list[Subject]:
    """Return of what the change with this key is, as `Change.key` says it."""
    return [subject for subject in SUBJECTS if key.startswith(f"{subject}-")]


@transactional
def listed(ports: Ports) -> list[Objection]:
    """Return all objections, the contract that ends first before the others."""
    with ports.sessions.read() as db:
        return objection_rows.every(db)


def carry_out(ports: Ports) -> int:
    """End the contracts of those whose objection has come to its day; return how many. Repeatable.

    Whoever has another plan by then has agreed to something else. What is due before that day is taken as ever.
    """
    with ports.sessions.read() as db:
        due = [said for said in objection_rows.every(db) if said.ends_on <= ports.today()]
    return sum(_end_contract(ports, said) for said in due)


def _end_contract(ports: Ports, said: Objection) -> bool:
    last_day = said.ends_on - timedelta(days=1)
    ending = Ending(said.owner_id, 0, "objection", ports.clock(), last_day, ACTOR, _reason(said))
    return end_contract(ports, ending, lambda db: _still_stands(ports, db, said))


def _reason(said: Objection) -> str:
    return f"objected to {said.what}: the contract has ended"


def _still_stands(ports: Ports, db: Session, said: Objection) -> bool:
    """Return whether the change concerns them still, and the contract was not ended for this before.

    Objections that were noted with another day than the version's, by the rule there was before, are left to staff.
    """
    blocked = [each.reason for each in subscribers.blocks(db, said.owner_id)]  # how contracts ended before
    ended = [each.reason for each in ending_rows.of_owner(db, said.owner_id)]
    if _reason(said) in {*blocked, *ended} or subscribers.get(db, said.owner_id).ended_at is not None:
        return False
    change = Change(said.subject, said.code, said.version_id, said.ends_on)
    is_told = change in _told(db, said.owner_id)
    return is_told and _concerns(ports, db, subscribers.get(db, said.owner_id), change)


def _told(db: Session, subscriber_id: int) -> list[Change]:
    """Return what was ever announced to a subscriber of what becomes dearer or worse."""
    return [
        _change(subject, message.facts)
        for kind, subject in NOTICES.items()
        for message in outbox.of_kind(db, subscriber_id, kind)
        if message.facts.get("is_dearer", True)  # a notice of a price list is only written where it is
    ]


def _change(subject: Subject, facts: Mapping[str, Any]) -> Change:
    return Change(subject, facts[subject], facts["version"], date.fromisoformat(facts["effective"]))


def _concerns(ports: Ports, db: Session, subscriber: Subscriber, change: Change) -> bool:
    """Return whether a change is of what a subscriber pays by now."""
    live = subscription_rows.live(db, subscriber.id)
    plans = {subscriber.plan_code, *(each.code for each in live if each.sort == "plan")}
    if change.subject == "plan":
        return change.code in plans
    if change.subject == "deck":
        theirs = {(plan, subscriber.currency) for plan in plans}
        return bool(theirs & deck_notice.payers_by(ports, change.code)) and deck_notice.still_dearer(db, change)
    return True  # the offer is everybody's
