"""What carries out each kind of proposal, in the transaction that notes it as done. Each subject registers its kinds.

A kind that is not carried out as it was shown raises: then the proposal waits on, and nothing was done.
"""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from k5web.domain.desk.action import Action
from k5web.domain.desk.proposal import Proposal
from k5web.services.desk import by_hand
from k5web.services.desk.deeds import DEEDS
from k5web.services.desk.price_deeds import PRICES
from k5web.services.ports import Ports

# Carries a proposal out and returns a line that says what came of it; `decided_by` is who approves
CarryOut = Callable[[Ports, Session, Proposal], str]

CARRY_OUT: Mapping[str, CarryOut] = {**dict.fromkeys(DEEDS, by_hand.carry_out), **PRICES}


def deciding(kind: str) -> Action:
    """Return what whoever approves a kind must be allowed to do."""
    return Action.APPROVE_PRICES if kind in PRICES else Action.APPROVE_MONEY


def seeing(kind: str) -> Action:
    """Return what whoever looks at a kind must be allowed to see."""
    return Action.SEE_PRICES if kind in PRICES else Action.SEE_MONEY
