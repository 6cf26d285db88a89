"""The receipt PD-4: what stands on the form and inside its code, both from the same clean values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from k5web.domain.bank import qr_text
from k5web.domain.bank.payee import Payee
from k5web.domain.money import MINOR_PER_MAJOR, Money
from k5web.errors import CurrencyMismatch, SumOutsideLimits

CURRENCY: Final = "RUB"  # the form's words are roubles and kopecks
LEAST, MOST = Money(1, CURRENCY), Money(999_999_999, CURRENCY)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt to the account of a subscriber. Its texts are clean; what is not known is empty, for the pen."""

    payee: Payee
    account: str  # лицевой счёт
    purpose: str
    amount: Money | None
    payer: str
    address: str
    phone: str

    @property
    def roubles(self) -> str:
        """Whole roubles as digits, or nothing."""
        return str(self.amount.minor // MINOR_PER_MAJOR) if self.amount else ""

    @property
    def kopecks(self) -> str:
        """Kopecks, always two digits, or nothing."""
        return f"{self.amount.minor % MINOR_PER_MAJOR:02d}" if self.amount else ""

    def payload(self) -> bytes:
        """Return the text of the receipt's code. Source: GOST R 56042-2014."""
        last, first, middle = split_name(self.payer)
        return qr_text.payload(
            self.payee.requisites()
            | {
                "Sum": str(self.amount.minor) if self.amount else "",
                "Purpose": self.purpose,
                "PayeeINN": self.payee.inn,
                "KPP": self.payee.kpp,
                "LastName": last,
                "FirstName": first,
                "MiddleName": middle,
                "PayerAddress": self.address,
                "PersAcc": self.account,
                "Phone": self.phone,
            }
        )


def make(
    payee: Payee, account: str, amount: Money | None = None, payer: str = "", address: str = "", phone: str = ""
) -> Receipt:
    """Return the receipt of this account.

    Raises: SumOutsideLimits, CurrencyMismatch, NotPrintable.
    """
    if amount is not None:
        if amount.currency != CURRENCY:
            raise CurrencyMismatch(left=CURRENCY, right=amount.currency)
        if not LEAST <= amount <= MOST:
            raise SumOutsideLimits(minimum=LEAST, maximum=MOST)
    purpose = payee.purpose_for(account)
    return Receipt(payee, account, purpose, amount, qr_text.clean(payer), qr_text.clean(address), qr_text.clean(phone))


@dataclass(frozen=True, slots=True)
class Printed:
    """A receipt that was printed. `amount` None: left to the pen."""

    day: date
    amount: Money | None


def paid_by(printed: Sequence[Printed], payments: Sequence[tuple[date, Money]]) -> dict[int, int]:
    """Return which receipt each payment came by, as places in both lists; a payment may have come by none.

    Banks pass on the account and no number of a receipt: the oldest one of the same sum is meant, else the oldest whose
    sum was left to the pen; never one that was printed later.
    """
    found: dict[int, int] = {}
    waiting = sorted(range(len(printed)), key=lambda at: printed[at].day)
    for place in sorted(range(len(payments)), key=lambda at: payments[at][0]):
        day, amount = payments[place]
        fitting = [at for at in waiting if printed[at].day <= day and printed[at].amount in {amount, None}]
        if fitting:
            found[place] = min(fitting, key=lambda at: printed[at].amount is None)
            waiting.remove(found[place])
    return found


def split_name(name: str) -> tuple[str, str, str]:
    """Return surname, name and patronymic of a clean name; a single word is the surname, a long tail the patronymic."""
    last, _, rest = name.partition(" ")
    first, _, middle = rest.partition(" ")
    return last, first, middle
