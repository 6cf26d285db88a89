"""The journal as it leaves K5: each posting with both its sides, who says so and what it takes back."""

from dataclasses import dataclass

from k5web.domain.books.ledger import EventName, Posting, Purpose
from k5web.domain.books.service import first_charge, ordered_number
from k5web.domain.money import Money


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A posting with what its account is for, and its event's facts."""

    posting: Posting
    purpose: Purpose
    actor: str
    reverses: EventName | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What an account of money had before the first day of a period."""

    owner_id: int
    account_id: int
    purpose: Purpose
    balance: Money


def shown_name(name: EventName) -> str:
    """Return an event's name for papers that leave the house: the number that an order connected has its middle hidden,
    for it leads to a person."""
    number = ordered_number(first_charge(name))
    return str(name) if number is None else str(name).replace(number.digits, number.masked.removeprefix("+"))
