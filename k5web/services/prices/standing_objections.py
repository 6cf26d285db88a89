"""Whether an objection still stands: its change concerns the subscriber, and nothing was agreed or ended since (B2)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from k5web.domain.accounts.ending import Ending
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.prices.objection import Change, Objection, Subject
from k5web.services.ports import Ports
from k5web.services.prices import deck_notice
from k5web.storage import outbox
from k5web.storage.accounts import ending_rows, subscribers
from k5web.storage.outbox import Kind
from k5web.storage.prices import objection_rows, subscription_rows, withdrawal_rows

ACTOR = "job:objections"
# By which subscribers are told
NOTICES: Mapping[Kind, Subject] = {"plan_change": "plan", "deck_change": "deck", "offer_change": "offer"}


def ending_by(said: Objection, now: datetime, actor: str = ACTOR) -> Ending:
    """Return how the contract ends by an objection: its last day is the one before the change."""
    reason = f"objected to {said.what}: the contract has ended"
    return Ending(said.owner_id, 0, "objection", now, said.ends_on - timedelta(days=1), actor, reason)


def is_settled(db: Session, said: Objection) -> bool:
    """Return whether the contract was ended for this before, or was agreed to go on in spite of it."""
    reason = ending_by(said, said.objected_at).reason
    blocked = [each.reason for each in subscribers.blocks(db, said.owner_id)]  # how contracts ended before
    return reason in {*blocked, *(each.reason for each in ending_rows.of_owner(db, said.owner_id))}


def stands(ports: Ports, db: Session, said: Objection) -> bool:
    """Return whether the contract is to end by an objection.

    Objections that were noted with another day than the version's, by the rule there was before, are left to staff.
    """
    subscriber = subscribers.get(db, said.owner_id)
    if subscriber.ended_at is not None or is_settled(db, said):
        return False
    change = Change(said.subject, said.code, said.version_id, said.ends_on)
    return change in told(db, said.owner_id) and concerns(ports, db, subscriber, change)


def settle(ports: Ports, db: Session, owner_id: int, actor: str) -> int:
    """Note that the contract goes on in spite of what was objected to; return how many. Under the account's lock."""
    standing = [said for said in objection_rows.of(db, owner_id) if stands(ports, db, said)]
    for said in standing:
        settled = ending_by(said, ports.clock(), actor)
        ending_rows.add(db, replace(settled, withdrawn_at=settled.applied_at))
    return len(standing)


def told(db: Session, subscriber_id: int) -> list[Change]:
    """Return what was ever announced to a subscriber of what becomes dearer or worse.

    A message whose facts were forgotten tells of nothing that can be known again.
    """
    return [
        _change(subject, message.facts)
        for kind, subject in NOTICES.items()
        for message in outbox.of_kind(db, subscriber_id, kind)
        if message.facts and message.facts.get("is_dearer", True)  # a price list's is only written where it is dearer
    ]


def _change(subject: Subject, facts: Mapping[str, Any]) -> Change:
    return Change(subject, facts[subject], facts["version"], date.fromisoformat(facts["effective"]))


def concerns(ports: Ports, db: Session, subscriber: Subscriber, change: Change) -> bool:
    """Return whether a change is of what a subscriber pays by now."""
    live = subscription_rows.live(db, subscriber.id)
    plans = {subscriber.plan_code, *(each.code for each in live if each.sort == "plan")}
    if change.subject == "plan":
        return change.code in plans and not withdrawal_rows.is_withdrawn(db, "plan", change.version_id)
    if change.subject == "deck":
        theirs = {(plan, subscriber.currency) for plan in plans}
        return bool(theirs & deck_notice.payers_by(ports, change.code)) and deck_notice.still_dearer(db, change)
    return True  # the offer is everybody's
