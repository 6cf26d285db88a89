"""Prices by two persons: what the first one saw of a draft or a version is what waits for the second."""

from typing import Any

from k5web.domain.desk.proposal import Proposal, Wish
from k5web.domain.prices.price_draft import DraftState, Priced, PriceDraft
from k5web.errors import DeckStopped, DraftEnded, DraftOutdated
from k5web.services.desk import proposals
from k5web.services.desk.price_deeds import seal
from k5web.services.ports import Ports
from k5web.services.prices import drafts, withdrawals


def propose_draft(ports: Ports, draft_id: int, actor: str, form_key: str, reason: str) -> Proposal:
    """Propose to publish a draft as it was shown.

    Raises: NotFound, DraftEnded, WrongReason, WrongForm; DeckStopped, where the check asks something first;
    DraftOutdated, where the very same prices are published for that day already.
    """
    draft = drafts.find(ports, draft_id)
    if draft.state is not DraftState.OPEN:
        raise DraftEnded(draft=draft_id)
    if asks := draft.shown.get("asks"):
        raise DeckStopped(file=draft.file, reasons="; ".join(words for _, words in asks), difference=None)
    if draft.shown["is_known"]:
        raise DraftOutdated(draft=draft_id)
    payload = {"draft": draft_id, "seen": seal(draft)}
    shown = {"name": draft.name, "effective": draft.effective.isoformat(), "file": draft.file} | _summary(draft)
    return proposals.propose(
        ports, actor, Wish(f"{draft.subject}.publish", form_key, payload, reason=reason, shown=shown)
    )


def propose_withdrawal(
    ports: Ports, subject: Priced, version_id: int, actor: str, form_key: str, reason: str
) -> Proposal:
    """Propose to take a version back before it takes force.

    Raises: NotFound, InForceAlready, WithdrawnAlready, WrongReason, WrongForm.
    """
    begins, name = withdrawals.check_withdrawable(ports, subject, version_id)
    shown = {"name": name, "effective": begins.isoformat(), "version": version_id}
    wish = Wish(f"{subject}.withdraw", form_key, {"version": version_id}, reason=reason, shown=shown)
    return proposals.propose(ports, actor, wish)


def _summary(draft: PriceDraft) -> dict[str, Any]:
    """Return what a second person is to see of a draft at once."""
    if draft.subject == "deck":
        return {"counts": draft.shown["counts"], "total": draft.shown["effect"]["total"]}
    return {"dearer": len(draft.shown["dearer"]), "other": len(draft.shown["other"]), "effect": draft.shown["effect"]}
