"""An invoice to an organisation: what stands in it, and what becomes of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from k5web.domain.money import Money


class InvoiceState(StrEnum):
    """Where an invoice stands."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Buyer:
    """The organisation that is to pay. `kpp` is empty for an entrepreneur."""

    name: str
    inn: str
    kpp: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract that is paid for: an offer accepted by registering, so the account's number is the contract's."""

    number: str
    day: date

    @classmethod
    def of(cls, subscriber_id: int, since: date) -> "Contract":
        """Return the contract of a subscriber who registered on this day."""
        return cls(f"K5-{subscriber_id}", since)


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as it was made out; nothing in it changes but its state."""

    owner_id: int
    number: int  # over all owners, without gaps
    day: date
    amount: Money
    contract: Contract
    buyer: Buyer
    vat: str  # «Без НДС»
    state: InvoiceState = InvoiceState.OPEN
