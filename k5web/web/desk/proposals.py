"""Proposals: what waits for a second person, one of them with the facts as shown then and as they are now."""

import secrets

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.desk.proposal import Proposal, ProposalState, person
from k5web.domain.desk.shown import Shown
from k5web.errors import K5Error, NotAllowed
from k5web.services.desk import by_hand, proposals
from k5web.services.desk.carrying import CARRY_OUT, deciding, seeing
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk import jobs
from k5web.web.desk.door import about, allowed, bp, current_staff, staff_may
from k5web.web.errors import words


@bp.get("/proposals")
@staff_may(Action.SEE_PROPOSALS)
def proposal_list() -> ResponseReturnValue:
    """List what waits, or what was decided, the newest first."""
    asked = request.args.get("state", ProposalState.WAITING.value)
    state = ProposalState(asked) if asked in set(ProposalState) else None
    kinds = [kind for kind in CARRY_OUT if allowed(seeing(kind))]
    found = proposals.page(ports(), state, whole(request.args.get("before", "")), kinds)
    shown, further = found[: proposals.PAGE], len(found) > proposals.PAGE
    me = person(current_staff().actor)
    return render_template(
        "desk/proposals.html", shown=shown, further=further, state=state, states=list(ProposalState), me=me
    )


@bp.get("/proposals/<int:n>")
@staff_may(Action.SEE_PROPOSALS)
def proposal(n: int) -> ResponseReturnValue:
    """Show one proposal, and what it would do now."""
    found = proposals.find(ports(), n)
    if not allowed(seeing(found.wish.kind)):
        raise NotAllowed(action=seeing(found.wish.kind).value)
    return _page(found)


@bp.post("/proposals/<int:n>/approve")
@staff_may(Action.DECIDE_PROPOSALS)
def approve(n: int) -> ResponseReturnValue:
    """Carry out what another one proposed; a price list is published by the worker."""
    _refuse_others(n)
    try:
        if (found := proposals.find(ports(), n)).wish.kind == "deck.publish":
            return jobs.begin_publishing(found)
        proposals.approve(ports(), n, current_staff().actor)
    except K5Error as error:
        return _page(proposals.find(ports(), n), words(error)), error.status
    return redirect(url_for("desk.proposal", n=n), 303)


@bp.post("/proposals/<int:n>/refuse")
@staff_may(Action.DECIDE_PROPOSALS)
def refuse_proposal(n: int) -> ResponseReturnValue:
    """Refuse what another one proposed."""
    _refuse_others(n)
    try:
        proposals.refuse(ports(), n, current_staff().actor, request.form.get("reason", ""))
    except K5Error as error:
        return _page(proposals.find(ports(), n), words(error)), error.status
    return redirect(url_for("desk.proposal", n=n), 303)


@bp.post("/proposals/<int:n>/withdraw")
@staff_may(Action.DECIDE_PROPOSALS)
def withdraw(n: int) -> ResponseReturnValue:
    """Take one's own back."""
    proposals.withdraw(ports(), n, current_staff().actor)
    return redirect(url_for("desk.proposal", n=n), 303)


def _refuse_others(n: int) -> None:
    """Raises: NotAllowed where somebody's roles are for other kinds."""
    found = proposals.find(ports(), n)
    if found.wish.owner_id is not None:
        about(found.wish.owner_id)
    if not allowed(deciding(found.wish.kind)):
        raise NotAllowed(action=deciding(found.wish.kind).value)


def _page(found: Proposal, said: str = "") -> str:
    is_mine = found.proposed_by == person(current_staff().actor)
    waits = found.state is ProposalState.WAITING
    then = Shown.of(found.wish.shown) if "lines" in found.wish.shown else None
    now, trouble = _now(found) if waits and then is not None else (None, "")
    return render_template(
        "desk/proposal.html",
        found=found,
        then=then,
        now=now,
        trouble=trouble,
        is_changed=now is not None and then is not None and now.mark != then.mark,
        may_decide=waits and not is_mine and allowed(deciding(found.wish.kind)),
        may_withdraw=waits and is_mine,
        form_key=secrets.token_urlsafe(12),
        said=said,
    )


def _now(found: Proposal) -> tuple[Shown | None, str]:
    """Return what a proposal would do now, or why it cannot be done."""
    try:
        return by_hand.now(ports(), found), ""
    except K5Error as error:
        return None, words(error)
