"""Carries out what two persons decided about prices: a draft becomes a version, a version is taken back."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from k5web.domain.desk.proposal import Proposal
from k5web.domain.prices.price_draft import DraftState, PriceDraft
from k5web.errors import DraftOutdated
from k5web.services.ports import Ports
from k5web.services.prices import deck_drafts, plan_drafts, withdrawals
from k5web.storage.prices import draft_rows


def publish_deck(ports: Ports, db: Session, proposal: Proposal) -> str:
    """Publish a draft of a price list as it was proposed. Raises: as `deck_drafts.publish_draft`."""
    draft = _seen(db, proposal.wish.payload)
    version = deck_drafts.publish_draft(ports, db, draft.id, proposal.decided_by or "")
    return f"{version.name}: version {version.id}"


def publish_plan(ports: Ports, db: Session, proposal: Proposal) -> str:
    """Publish a draft of a plan as it was proposed. Raises: as `plan_drafts.publish_draft`."""
    draft = _seen(db, proposal.wish.payload)
    version = plan_drafts.publish_draft(ports, db, draft.id, proposal.decided_by or "")
    return f"{version.code}: version {version.id}"


def withdraw_deck(ports: Ports, db: Session, proposal: Proposal) -> str:
    """Take a version of a price list back. Raises: as `withdrawals.withdraw_deck`."""
    version_id = proposal.wish.payload["version"]
    done = withdrawals.withdraw_deck(ports, db, version_id, proposal.decided_by or "", proposal.wish.reason)
    return f"{done.name}: version {done.version_id}"


def withdraw_plan(ports: Ports, db: Session, proposal: Proposal) -> str:
    """Take a version of a plan back. Raises: as `withdrawals.withdraw_plan`."""
    version_id = proposal.wish.payload["version"]
    done = withdrawals.withdraw_plan(ports, db, version_id, proposal.decided_by or "", proposal.wish.reason)
    return f"{done.name}: version {done.version_id}"


def _seen(db: Session, payload: Mapping[str, Any]) -> PriceDraft:
    """Return the draft of a proposal, locked. Raises: DraftOutdated, where it was checked in another way since."""
    draft = draft_rows.lock(db, payload["draft"])
    if draft.state is DraftState.OPEN and seal(draft) != payload["seen"]:
        raise DraftOutdated(draft=draft.id)
    return draft


def seal(draft: PriceDraft) -> str:
    """Return what changes when a draft is checked with other answers, or against other prices."""
    told = json.dumps([draft.options, draft.shown["state"]], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


PRICES: Mapping[str, Callable[[Ports, Session, Proposal], str]] = {
    "deck.publish": publish_deck,
    "deck.withdraw": withdraw_deck,
    "plan.publish": publish_plan,
    "plan.withdraw": withdraw_plan,
}
