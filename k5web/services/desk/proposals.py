"""Proposals: written once for each form, decided once, by another person; carried out together with the decision."""

import logging
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.orm import Session

from k5web.domain.desk.proposal import (
    EXPIRY,
    WAITS,
    Proposal,
    ProposalState,
    Wish,
    check_decider,
    check_waiting,
    person,
)
from k5web.domain.reason import checked_reason
from k5web.errors import NotFound, NotWaiting, NotYours
from k5web.services.desk import by_hand
from k5web.services.desk.carrying import CARRY_OUT
from k5web.services.desk.forms import checked_wish, sent_before
from k5web.services.ports import Ports
from k5web.storage.desk import proposal_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

PAGE = 25
AT_ONCE = 100  # that expire in one round


@transactional
def propose(ports: Ports, actor: str, wish: Wish) -> Proposal:
    """Write down what waits for a second person; the same form gets the same proposal.

    Raises: WrongReason, WrongForm, FormUsed (for something else).
    """
    checked = checked_wish(wish)
    with ports.sessions.begin() as db:
        n = proposal_rows.next_id(db)  # from here on nobody else sends this form
        known = sent_before(db, actor, checked)
        if known is not None:
            return known
        made = Proposal(
            n, checked, is_alone=False, counted=wish.amount, limit=wish.amount, proposed_by=person(actor),
            proposed_at=ports.clock(),
        )  # fmt: skip
        proposal_rows.add(db, made)
    logger.warning("proposed", extra={"n": n, "kind": wish.kind, "actor": actor})
    return made


def approve(ports: Ports, n: int, actor: str) -> Proposal:
    """Carry a proposal out, in one transaction with the decision; the same person's repeat gets the same answer.

    Raises: NotFound, OwnProposal, NotWaiting, and what its kind raises: then it waits on. ProviderRefused and
    ProviderUnknown come afterwards: it is done, and what the provider says is looked after.
    """
    done, is_new = _approve(ports, n, actor)
    if is_new:
        logger.warning("approved", extra={"n": n, "kind": done.wish.kind, "actor": actor})
        by_hand.follow_up(ports, done)
    return done


@transactional
def _approve(ports: Ports, n: int, actor: str) -> tuple[Proposal, bool]:
    with ports.sessions.begin() as db:
        found = _locked(db, n)
        if found.state is ProposalState.DONE and found.decided_by == person(actor) and not found.is_alone:
            return found, False
        check_decider(found, actor)
        if ports.clock() >= found.expires_at:
            raise NotWaiting(n=n, state=ProposalState.EXPIRED.value, by=EXPIRY)
        words = CARRY_OUT[found.wish.kind](ports, db, replace(found, decided_by=person(actor)))
        proposal_rows.decide(db, n, ProposalState.DONE, person(actor), ports.clock(), words)
        return _find(db, n), True


@transactional
def refuse(ports: Ports, n: int, actor: str, reason: str) -> Proposal:
    """Refuse another one's proposal, for good. Raises: NotFound, OwnProposal, NotWaiting, WrongReason."""
    words = checked_reason(reason)
    with ports.sessions.begin() as db:
        check_decider(_locked(db, n), actor)
        return _decide(ports, db, n, ProposalState.REFUSED, person(actor), words)


@transactional
def withdraw(ports: Ports, n: int, actor: str) -> Proposal:
    """Take one's own proposal back. Raises: NotFound, NotYours, NotWaiting."""
    with ports.sessions.begin() as db:
        found = _locked(db, n)
        check_waiting(found)
        if found.proposed_by != person(actor):
            raise NotYours(n=n, by=found.proposed_by)
        return _decide(ports, db, n, ProposalState.WITHDRAWN, person(actor), "")


def expire(ports: Ports) -> int:
    """End the proposals that nobody decided about in time; return how many."""
    with ports.sessions.read() as db:
        overdue = proposal_rows.overdue(db, ports.clock() - WAITS, AT_ONCE)
    return sum(_expire(ports, n) for n in overdue)


@transactional
def find(ports: Ports, n: int) -> Proposal:
    """Return a proposal. Raises: NotFound."""
    with ports.sessions.read() as db:
        return _find(db, n)


@transactional
def page(
    ports: Ports,
    state: ProposalState | None = None,
    before_id: int | None = None,
    kinds: Collection[str] | None = None,
) -> list[Proposal]:
    """Return proposals in this state and of these kinds, or all, the newest first; one more than a page where there
    are more."""
    with ports.sessions.read() as db:
        return proposal_rows.page(db, state, before_id, PAGE + 1, kinds)


@transactional
def of_owner(ports: Ports, owner_id: int, before_id: int | None = None) -> list[Proposal]:
    """Return what staff asked for, and did by hand, about a subscriber; likewise."""
    with ports.sessions.read() as db:
        return proposal_rows.of_owner(db, owner_id, before_id, PAGE + 1)


@transactional
def _expire(ports: Ports, n: int) -> bool:
    with ports.sessions.begin() as db:
        return proposal_rows.decide(db, n, ProposalState.EXPIRED, EXPIRY, ports.clock(), "")


def _decide(ports: Ports, db: Session, n: int, state: ProposalState, who: str, words: str) -> Proposal:
    proposal_rows.decide(db, n, state, who, ports.clock(), words)
    return _find(db, n)


def _locked(db: Session, n: int) -> Proposal:
    return NotFound.unless(proposal_rows.lock(db, n), f"proposal {n}")


def _find(db: Session, n: int) -> Proposal:
    return NotFound.unless(proposal_rows.find(db, n), f"proposal {n}")
