"""Objections to a dearer version of one's plan: said before its day; the contract then ends unless all agree (B2)."""

import logging
from datetime import date, timedelta
from typing import Any

from k5web.domain.prices.plan_version import Objection
from k5web.errors import NothingToObject
from k5web.services.ports import Ports
from k5web.storage import outbox
from k5web.storage.accounts import subscribers
from k5web.storage.prices import objection_rows, subscription_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

TO_AGREE = timedelta(days=10)  # after an objection, to agree on something else


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
        ends_on = ports.today() + TO_AGREE
        said = Objection(subscriber_id, coming["version"], coming["plan"], ports.clock(), actor, ends_on)
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


def _day(facts: dict[str, Any]) -> date:
    return date.fromisoformat(facts["effective"])
