"""The fiscal receipt that goes with an order (54-FZ): a top-up is an advance, sold now and set off later."""

from collections.abc import Mapping
from dataclasses import dataclass

from k5web.domain.money import Money
from k5web.errors import WrongPartner

# What the partners' file may say; without a taxpayer's number there is no receipt
NO_RECEIPT: Mapping[str, str] = {
    "inn": "",
    "sno": "osn",  # the company's system of taxation
    "email": "",
    "payment_address": "",
    "ffd_version": "1.2",
    "tax": "0",
    "method": "advance",
    "name": "Аванс за услуги связи",
}
TAXES = frozenset({"0", "1", "2", "4", "6", "7"})  # none, 0 %, 10 %, 10/110, 20 %, 20/120
METHODS = frozenset(
    {"full_prepayment", "prepayment", "advance", "full_payment", "partial_payment", "credit", "credit_payment"}
)
PAYMENT: Mapping[str, str] = {"1.05": "payment", "1.2": "10"}  # what an advance is, by the version of the format
LONGEST_NAME = 100

_CASHLESS = 1
_PIECES = "0"
_SELL, _GIVE_BACK = "sell", "sell_refund"


@dataclass(frozen=True, slots=True)
class ReceiptTerms:
    """What stands on every receipt of this acquirer's orders."""

    inn: str
    sno: str
    email: str
    payment_address: str
    ffd_version: str
    tax: str
    method: str
    name: str


def read_terms(values: Mapping[str, str]) -> ReceiptTerms | None:
    """Return the terms, None where no receipt is wanted. Raises: WrongPartner naming the key."""
    if values == NO_RECEIPT:
        return None
    for key in ("inn", "email", "payment_address"):
        if not values[key]:
            raise WrongPartner(key=f"receipt.{key}", reason="is missing")
    for key, known in (("tax", TAXES), ("method", METHODS), ("ffd_version", PAYMENT)):
        if values[key] not in known:
            raise WrongPartner(key=f"receipt.{key}", reason=f"'{values[key]}' is not one of {', '.join(sorted(known))}")
    if not 0 < len(values["name"]) <= LONGEST_NAME:
        raise WrongPartner(key="receipt.name", reason=f"needs 1 to {LONGEST_NAME} letters")
    return ReceiptTerms(
        inn=values["inn"],
        sno=values["sno"],
        email=values["email"],
        payment_address=values["payment_address"],
        ffd_version=values["ffd_version"],
        tax=values["tax"],
        method=values["method"],
        name=values["name"],
    )


def of_sale(terms: ReceiptTerms, amount: Money, number: str, phone: str) -> Mapping[str, object]:
    """Return the order's basket: one position, whose sum is the order's. Units: `phone` E.164 digits, may be empty."""
    return _bundle(terms, _SELL, amount, number, phone)


def of_refund(terms: ReceiptTerms, amount: Money, number: str, phone: str) -> Mapping[str, object]:
    """Return the basket of what is given back."""
    return _bundle(terms, _GIVE_BACK, amount, number, phone)


def _bundle(terms: ReceiptTerms, kind: str, amount: Money, number: str, phone: str) -> Mapping[str, object]:
    position = {
        "positionId": "1",
        "name": terms.name,
        "itemCode": number,
        "quantity": {"value": 1, "measure": _PIECES},
        "itemPrice": amount.minor,
        "itemAmount": amount.minor,
        "tax": {"taxType": int(terms.tax)},
        "paymentMethod": terms.method,
        "paymentObject": PAYMENT[terms.ffd_version],
    }
    customer = {"customerDetails": {"phone": f"+{phone}"}} if phone else {}
    return {
        "ffdVersion": terms.ffd_version,
        "receiptType": kind,
        "company": {
            "email": terms.email,
            "sno": terms.sno,
            "inn": terms.inn,
            "paymentAddress": terms.payment_address,
        },
        "payments": [{"type": _CASHLESS, "sum": amount.minor}],
        "total": amount.minor,
        **customer,
        "cartItems": {"items": [position]},
    }
