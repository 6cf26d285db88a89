"""What a call from a phone of the PBX would cost, told before it is dialled: the other party's leg alone is paid."""

from dataclasses import dataclass

from k5web.domain.accounts.subscriber import Subscriber, served
from k5web.domain.money import Money
from k5web.domain.pbx.people import EMERGENCY
from k5web.domain.prices.call_limits import minutes_of
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Rate
from k5web.services.calls import safety
from k5web.services.calls.granting import grant
from k5web.services.pbx import question
from k5web.services.ports import Ports
from k5web.storage.calls import caller_rows
from k5web.storage.pbx import people_rows


@dataclass(frozen=True, slots=True)
class Dialled:
    """Where a call would go. `rate` is of the other party's minute; None: the call is free."""

    dials: str  # what the switch is asked for: digits
    rate: Rate | None = None
    title: str = ""  # of the colleague
    number: Msisdn | None = None
    minutes: int = 0  # that the call may last
    gift_minutes: int = 0  # of these that allowances pay for alone


def look_up(ports: Ports, subscriber: Subscriber, typed: str, has_emergency: bool = False) -> Dialled:
    """Return where this leads: to a colleague by the extension, to an emergency service where the switch has a line for
    them, else to a telephone. The same is asked again when the call begins.

    Raises: WrongNumber, EmergencyNumber, InsufficientFunds, what refuses any call.
    """
    digits = typed.strip()
    served(subscriber)
    if has_emergency and digits in EMERGENCY:
        return Dialled(digits)
    with ports.sessions.read() as db:
        users = people_rows.users(db, subscriber.id)
        colleague = next((user for user in users if user.extension == digits), None)
        if colleague is not None:
            return Dialled(digits, title=colleague.title)
        number = Msisdn.parse(typed, subscriber.home)
        facts = caller_rows.facts(db, subscriber.id)
        terms = question.outgoing_terms(ports, db, subscriber, facts, "", number, "calls")
        used = safety.used(db, ports, facts)
        limits = grant(db, ports, facts, used, terms.plan, terms.quote, terms.risk, terms.covers)
    nothing = Money(0, subscriber.currency)
    gifts = minutes_of(terms.quote, terms.plan, nothing, limits.minutes, terms.covers) if terms.covers else 0
    return Dialled(number.digits, terms.quote.b, "", number, limits.minutes, gifts)
