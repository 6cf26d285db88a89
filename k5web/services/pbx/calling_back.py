"""Whether a minute is cheaper where the other party rings the subscriber's own number with us, and by how much.

What that call costs the other party we do not know: their operator charges it. So the saving told is the subscriber's.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.money import Price
from k5web.domain.pbx.image import OwnerFacts
from k5web.domain.pbx.rule import Ring, Wait
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Quote
from k5web.errors import K5Error
from k5web.services.pbx.question import forward_quotes, incoming_terms
from k5web.services.ports import Ports
from k5web.storage.calls import caller_rows
from k5web.storage.calls.caller_rows import CallerFacts
from k5web.storage.pbx import image_rows
from k5web.storage.session import transactional


@dataclass(frozen=True, slots=True)
class CalledBack:
    """A number of the subscriber's that the other party may ring, and what a minute is cheaper then, at least."""

    number: Msisdn
    saving: Price


@dataclass(frozen=True, slots=True)
class _Cost:
    per_minute: Price
    connect_fee: Price


@transactional
def cheaper(ports: Ports, owner: Subscriber, b: Msisdn, quote: Quote) -> CalledBack | None:
    """Return the rented number over which a talk with `b` is cheapest, None where none is cheaper than this callback.

    The dearest way on that the number's rule has is taken, so no way costs more; a number whose connection costs more
    is none, for how long they will talk nobody knows.
    """
    with ports.sessions.read() as db:
        of_pbx, facts = image_rows.facts_of(db, [owner.id])[owner.id], caller_rows.facts(db, owner.id)
        if not of_pbx.is_served or b.digits in of_pbx.black or b.digits in of_pbx.numbers:
            return None
        priced = [(number, _cost(ports, db, owner, of_pbx, facts, number, b, quote)) for number in of_pbx.numbers]
    found = [
        CalledBack(Msisdn(number), quote.per_minute - cost.per_minute)
        for number, cost in priced
        if cost is not None and cost.connect_fee.micro <= quote.connect_fee.micro
    ]
    best = max(found, key=lambda each: each.saving.micro, default=None)
    return best if best and best.saving.micro > 0 else None


def _cost(
    ports: Ports,
    db: Session,
    owner: Subscriber,
    of_pbx: OwnerFacts,
    facts: CallerFacts,
    number: str,
    b: Msisdn,
    quote: Quote,
) -> _Cost | None:
    """Return what a call of `b` to this number costs its owner at most, None where the call would reach nobody."""
    rule = of_pbx.rule(number)
    forwards = forward_quotes(ports, db, owner, facts, rule, number)
    rings = any(isinstance(step, Ring | Wait) for step in rule.steps.values())
    if not forwards and not (rings and of_pbx.logins):
        return None
    nothing = Price(0, quote.per_minute.currency)
    # The dearest minute and the dearest connection may be those of two ways
    per_minute = max([nothing, *(each.per_minute for each in forwards)], key=lambda price: price.micro)
    connect_fee = max([nothing, *(each.connect_fee for each in forwards)], key=lambda price: price.micro)
    if not Msisdn(number).is_toll_free:
        return _Cost(per_minute, connect_fee)
    try:
        caller = incoming_terms(ports, db, owner, number, b.digits).quote
    except K5Error:  # the caller would be refused
        return None
    return _Cost(per_minute + caller.per_minute, connect_fee + caller.connect_fee)
