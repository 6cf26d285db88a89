"""A proposal: one member of the staff proposes, a second one approves, and only then it is carried out.

It is decided once. What is below the limit needs no second person and is kept in the same way.

    waiting --> done, refused, withdrawn, expired
"""

import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from k5web.domain.money import Money
from k5web.errors import NotWaiting, OwnProposal, WrongForm

TWO_PERSONS_ABOVE: Final = Money(1000_00)  # moved by hand in a day, unless K5_TWO_PERSONS_ABOVE says otherwise
WAITS: Final = timedelta(days=7)  # then it expires
EXPIRY: Final = "job:proposals"  # decides about what nobody decided about
_FORM_KEY = re.compile(r"[!-~]{8,64}", re.ASCII)  # it names the event in the ledger


class ProposalState(StrEnum):
    """Where a proposal stands."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"  # by a second person
    WITHDRAWN = "withdrawn"  # by who proposed it
    EXPIRED = "expired"

    def may_become(self, later: "ProposalState") -> bool:
        """Return whether this is a step forward: what is decided stays as it was decided."""
        return later in _NEXT[self]


_DECIDED = frozenset(ProposalState) - {ProposalState.WAITING}
_NEXT: Mapping[ProposalState, Set[ProposalState]] = {
    state: _DECIDED if state is ProposalState.WAITING else frozenset() for state in ProposalState
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member of the staff asks for, as the form said it. `payload` and `shown` are small JSON objects."""

    kind: str
    form_key: str  # made when the form was opened: the same form makes one proposal
    payload: Mapping[str, Any]  # what it is carried out by
    reason: str
    document: str = ""
    owner_id: int | None = None  # the subscriber it is about
    amount: Money | None = None  # by which the need of a second person is measured
    shown: Mapping[str, Any] = field(default_factory=dict)  # what its author was shown that it would do


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wish that was written down, and what became of it."""

    id: int
    wish: Wish
    is_alone: bool  # no second person was needed
    counted: Money | None  # what its author and its subscriber came to that day, this one included
    limit: Money | None  # above which a second person was needed
    proposed_by: str
    proposed_at: datetime
    state: ProposalState = ProposalState.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None
    words: str | None = None  # why it was refused, or what came of it

    @property
    def expires_at(self) -> datetime:
        """Return when it waits no longer."""
        return self.proposed_at + WAITS


def person(actor: str) -> str:
    """Return who an actor is, in whatever letters: "staff:Anna" and "staff:ANNA " are one person."""
    return " ".join(unicodedata.normalize("NFKC", actor).casefold().split()).replace(": ", ":")


def check_decider(proposal: Proposal, actor: str) -> None:
    """Refuse that a person decides alone about what needs two. Raises: NotWaiting, OwnProposal."""
    check_waiting(proposal)
    if person(actor) == person(proposal.proposed_by):
        raise OwnProposal(n=proposal.id)


def check_waiting(proposal: Proposal) -> None:
    """Raises: NotWaiting."""
    if not proposal.state.may_become(ProposalState.DONE):
        raise NotWaiting(n=proposal.id, state=proposal.state.value, by=proposal.decided_by)


def checked_key(form_key: str) -> str:
    """Return the key of a form. Raises: WrongForm."""
    if not _FORM_KEY.fullmatch(form_key):
        raise WrongForm
    return form_key
