"""An invoice to an organisation: what stands in it, and what becomes of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from k5web.domain.accounts import tax_numbers
from k5web.domain.bank import qr_text
from k5web.domain.bank.payee import Payee
from k5web.domain.bank.receipt import CURRENCY, LEAST, MOST
from k5web.domain.money import Money
from k5web.errors import NotPrintable, SumOutsideLimits, WrongBuyer, WrongRequisite

LONGEST_NAME, LONGEST_ADDRESS = 160, 200


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

    @classmethod
    def typed(cls, name: str, inn: str, kpp: str, address: str) -> "Buyer":
        """Return the organisation a form names. Raises: WrongBuyer naming the field."""
        key = "name"
        try:
            name = qr_text.clean(name)
            key = "address"
            address = qr_text.clean(address)
            key, inn, kpp = "inn", inn.strip(), kpp.strip()
            tax_numbers.check_inn(inn)
            key = "kpp"
            tax_numbers.check_kpp(kpp, inn)
        except (NotPrintable, WrongRequisite) as error:
            raise WrongBuyer(key=key) from error
        for key, text, longest in (("name", name or "-" * 999, LONGEST_NAME), ("address", address, LONGEST_ADDRESS)):
            if len(text) > longest:
                raise WrongBuyer(key=key)
        return cls(name, inn, kpp, address)


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

    @property
    def subject(self) -> str:
        """What is paid for, as the table of the invoice says it."""
        return f"Услуги связи. Пополнение лицевого счёта {self.owner_id}"

    @property
    def purpose(self) -> str:
        """What the buyer is to write into the payment; the import of statements reads it back."""
        contract = f"договор {self.contract.number} от {self.contract.day:%d.%m.%Y}"
        return f"Оплата по счёту № {self.number} от {self.day:%d.%m.%Y}, {contract}. Услуги связи. {self.vat}"

    def payload(self, payee: Payee) -> bytes:
        """Return the text of the code. Source: GOST R 56042-2014."""
        return qr_text.payload(
            payee.requisites()
            | {
                "Sum": str(self.amount.minor),
                "Purpose": self.purpose,
                "PayeeINN": payee.inn,
                "KPP": payee.kpp,
                "PersAcc": str(self.owner_id),
            }
        )


def check_amount(amount: Money) -> None:
    """Raises: SumOutsideLimits."""
    if amount.currency != CURRENCY or not LEAST <= amount <= MOST:
        raise SumOutsideLimits(minimum=LEAST, maximum=MOST)
