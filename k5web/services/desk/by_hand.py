"""Money that staff move by hand: shown before it is done, done at once below the limit, above it by two persons.

The limit counts together what one person did alone in the last 24 hours, and what was done so for one subscriber by
whomever: many small sums are one large one. What two persons did does not count.
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName
from k5web.domain.desk.proposal import Proposal, ProposalState, Wish, person
from k5web.domain.desk.shown import Shown, worth
from k5web.domain.money import Money
from k5web.errors import FactsChanged, NotFound
from k5web.services.desk.deeds import DEEDS
from k5web.services.desk.forms import checked_wish, sent_before
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.desk import proposal_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

COUNTS_FOR = timedelta(hours=24)
ONCE = frozenset({"reversal"})  # of one event there is one such deed, so a second wish is the first one again


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a deed would do now. `counted`: its sum with what came together before."""

    shown: Shown
    counted: Money
    limit: Money

    @property
    def needs_two(self) -> bool:
        """Return whether a second person has to approve it."""
        return self.limit < self.counted


@transactional
def foresee(ports: Ports, actor: str, wish: Wish) -> Foreseen:
    """Return what a deed would do: it is done, and taken back before anybody sees it.

    Raises: what the deed raises; WrongReason, WrongForm.
    """
    checked = checked_wish(wish)
    with ports.sessions.begin() as db:
        return _foresee(ports, db, _made(ports, db, 0, actor, checked))


@transactional
def now(ports: Ports, proposal: Proposal) -> Shown:
    """Return what a proposal would do if it was carried out now. Raises: what the deed raises."""
    with ports.sessions.begin() as db:
        return _rehearse(ports, db, proposal)


@transactional
def event_of(ports: Ports, owner_id: int, number: int) -> EventName:
    """Return the event that a subscriber's statement knows by this number. Raises: NotFound."""
    with ports.sessions.read() as db:
        found = ledger.find_by_number(db, number)
    if found is None or found.owner_id != owner_id:
        raise NotFound(what=f"operation {number} of {owner_id}")
    return found.name


def submit(ports: Ports, actor: str, wish: Wish, mark: str | None = None) -> Proposal:
    """Do a deed at once, or hand it to a second person; the same form gets the same answer, and what may be done once
    the proposal that waits.

    `mark`: of what its author was shown; None where nothing was. Raises: FormUsed, FactsChanged, WrongReason,
    WrongForm, and what the deed raises: then nothing was done.
    """
    done, is_new = _submit(ports, actor, checked_wish(wish), mark)
    if is_new:
        logger.warning("by hand", extra={"n": done.id, "kind": wish.kind, "actor": actor, "state": done.state.value})
        follow_up(ports, done)
    return done


def follow_up(ports: Ports, done: Proposal) -> None:
    """Ask others for their part of a deed that is done. Raises: ProviderRefused, ProviderUnknown."""
    deed = DEEDS.get(done.wish.kind)
    if deed is not None and deed.after is not None and done.state is ProposalState.DONE:
        deed.after(ports, done)


def carry_out(ports: Ports, db: Session, proposal: Proposal) -> str:
    """Do what was proposed, exactly as it was shown, and return the numbers of its postings. Raises: FactsChanged."""
    if _rehearse(ports, db, proposal).mark != Shown.of(proposal.wish.shown).mark:
        raise FactsChanged
    postings = DEEDS[proposal.wish.kind].do(ports, db, proposal)
    return " ".join(str(posting.number) for posting in postings)


@transactional
def _submit(ports: Ports, actor: str, wish: Wish, mark: str | None) -> tuple[Proposal, bool]:
    with ports.sessions.begin() as db:
        n = proposal_rows.next_id(db)  # from here on nobody else counts or sends this form
        known = sent_before(db, actor, wish)
        if known is not None:
            return known, False
        if wish.kind in ONCE and (waiting := proposal_rows.waiting_for_same(db, wish)) is not None:
            return waiting, False
        made = _made(ports, db, n, actor, wish)
        seen = _foresee(ports, db, made)
        if mark not in {None, seen.shown.mark}:
            raise FactsChanged
        shown = replace(wish, shown=seen.shown.as_facts(), amount=seen.shown.amount)
        made = replace(made, wish=shown, is_alone=not seen.needs_two, counted=seen.counted, limit=seen.limit)
        proposal_rows.add(db, made)
        if made.is_alone:
            words = carry_out(ports, db, made)
            proposal_rows.decide(db, n, ProposalState.DONE, made.proposed_by, ports.clock(), words)
        return NotFound.unless(proposal_rows.find(db, n), f"proposal {n}"), True


def _made(ports: Ports, db: Session, n: int, actor: str, wish: Wish) -> Proposal:
    who = person(actor)
    return Proposal(n, wish, is_alone=False, counted=None, limit=None, proposed_by=who, proposed_at=ports.clock())


def _foresee(ports: Ports, db: Session, made: Proposal) -> Foreseen:
    shown = _rehearse(ports, db, made)
    unit, since = shown.amount.currency, ports.clock() - COUNTS_FOR
    before = [proposal_rows.done_alone(db, since, unit, actor=made.proposed_by)]
    if made.wish.owner_id is not None:
        before.append(proposal_rows.done_alone(db, since, unit, owner_id=made.wish.owner_id))
    return Foreseen(shown, shown.amount + max(before), Money(ports.two_persons_above.minor, unit))


def _rehearse(ports: Ports, db: Session, proposal: Proposal) -> Shown:
    """Do a deed, look at it, and take it back."""
    deed = NotFound.unless(DEEDS.get(proposal.wish.kind), f"kind '{proposal.wish.kind}'")
    currency = _currency(db, proposal)
    trial = db.begin_nested()
    try:
        lines = (deed.show or deed.do)(ports, db, proposal)
    finally:
        trial.rollback()
    return Shown(lines, worth(lines, currency))


def _currency(db: Session, proposal: Proposal) -> str:
    owner_id = proposal.wish.owner_id
    return ledger.purse(db, owner_id).balance.currency if owner_id else "RUB"
