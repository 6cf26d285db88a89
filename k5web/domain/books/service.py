"""What kind of service a charge paid for: the one reading of house accounts and of the names that K5 gives its events.

A charge is a posting against a `sale.` house account on the main account; what takes it back has the name of a
reversal, which says what it reverses.
"""

import re
from enum import StrEnum

from k5web.domain.books.ledger import EventName
from k5web.domain.books.promised_payment import ORIGIN as PROMISE
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.subscription import period_of_fee
from k5web.domain.prices.usage import Every

SALE = "sale."  # begins the house accounts of services
REVERSAL = "reversal"
CORRECTED = "claim"  # origin of the right charge in place of a fee or an order (B11)
AGAIN = "#2"  # ends the key of the right charge in place of a call

_NUMBER_ORDER = re.compile(r"number ([1-9][0-9]{6,14}) ", re.ASCII)  # the key of a number's order


class ServiceKind(StrEnum):
    """What subscribers are charged for, in the order in which papers list it."""

    CALLS = "calls"
    MONTHLY_FEE = "monthly_fee"
    DAILY_FEE = "daily_fee"
    NUMBER = "number"  # connecting a number
    ORDER = "order"  # what is paid once: a service, a change of plan
    PROMISE = "promise"  # the fee of a promised payment
    OTHER = "other"


def is_charge(counter: str) -> bool:
    """Return whether a posting against this house account is for services."""
    return counter.startswith(SALE)


def reversal_of(name: EventName) -> EventName:
    """Return the name under which an event is undone, once."""
    return EventName(REVERSAL, str(name))


def charge_name(name: EventName) -> EventName:
    """Return the name of the charge that an event is about: its own, or that of what it takes back, or gives again."""
    while name.origin == REVERSAL and " " in name.key:
        name = EventName(*name.key.split(" ", 1))
    return name


def first_charge(name: EventName) -> EventName:
    """Return the same, and of a right charge in place of a wrong one the wrong one: both were for one service."""
    name = charge_name(name)
    if name.origin == CORRECTED and " " in name.key:
        name = EventName(*name.key.split(" ", 1))
    return EventName(name.origin, name.key.removesuffix(AGAIN)) if name.origin == "call" else name


def corrected_name(charge: EventName) -> EventName:
    """Return the name of the right charge in place of a wrong one."""
    if charge.origin == "call":
        return EventName(charge.origin, f"{charge.key}{AGAIN}")
    return EventName(CORRECTED, str(charge))


def is_corrected(name: EventName) -> bool:
    """Return whether an event is such a right charge."""
    return name.origin == CORRECTED or (name.origin == "call" and name.key.endswith(AGAIN))


def kind_of(counter: str, name: EventName) -> ServiceKind:
    """Return what a charge against this house account was for, and a reversal of it likewise."""
    name = first_charge(name)
    if counter == "sale.call":
        return ServiceKind.CALLS
    if counter == "sale.fee":
        period = period_of_fee(name.key)
        return ServiceKind.DAILY_FEE if period and period[2] is Every.DAY else ServiceKind.MONTHLY_FEE
    if counter == "sale.order":
        if ordered_number(name) is not None:
            return ServiceKind.NUMBER
        return ServiceKind.PROMISE if name.origin == PROMISE else ServiceKind.ORDER
    return ServiceKind.OTHER


def order_name(number: Msisdn, form_id: str) -> EventName:
    """Return the name of the event that takes the fee of a number which this form connects."""
    return EventName("order", f"number {number.digits} {form_id}")


def ordered_number(name: EventName) -> Msisdn | None:
    """Return the number whose fee an event took, None for any other event."""
    found = _NUMBER_ORDER.match(name.key)
    return Msisdn(found[1]) if found and name.origin == "order" else None
