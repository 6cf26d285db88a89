"""What differs between a register and the ledger, resolved at the desk: money by the rules of money by hand."""

from k5web.domain.desk.proposal import Proposal, Wish
from k5web.domain.payments.register_day import HowResolved
from k5web.errors import WrongResolution
from k5web.services.desk import by_hand
from k5web.services.payments import register_days
from k5web.services.payments.register_days import Decision
from k5web.services.ports import Ports

KIND = "credit_missing"


def resolve(ports: Ports, decision: Decision, form_key: str) -> Proposal | None:
    """Do what was decided; return the proposal of money that is credited, or waits for a second person.

    Raises: what `register_days.resolve` and `by_hand.submit` do.
    """
    if decision.how is not HowResolved.CREDITED:
        register_days.resolve(ports, decision)
        return None
    pair = register_days.open_difference(ports, decision)
    if decision.owner_id is None or pair.theirs is None:
        raise WrongResolution(verdict=pair.name.verdict.value, how=f"{decision.how.value} to nobody")
    payload = {"origin": pair.name.origin, "key": pair.name.key, "day": decision.day.isoformat()}
    sum_of = {"minor": pair.theirs.minor, "currency": pair.theirs.currency}
    wish = Wish(KIND, form_key, payload | sum_of, decision.reason, owner_id=decision.owner_id)
    return by_hand.submit(ports, decision.actor, wish)
