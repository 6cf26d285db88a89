"""The fiscal receipt that goes with an order (54-FZ): a top-up is an advance, sold now and set off later."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from k5web.domain.money import Money
from k5web.errors import WrongKey

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


@dataclass(frozen=True, slots=True)
class Tax:
    """A rate of VAT. `ended`: the first day on which nothing is sold under it any more."""

    rate: str
    ended: date | None = None


# `taxType` as gateways number it: alike up to 20/120, each generation in its own way since. Source: docs/payments.md.
# The law adds rates faster than anybody updates a program: a code that is not here is sent as it is
_OLD: Mapping[str, Tax] = {
    "0": Tax("none"),
    "1": Tax("0%"),
    "2": Tax("10%"),
    "3": Tax("18%", date(2019, 1, 1)),
    "4": Tax("10/110"),
    "5": Tax("18/118", date(2019, 1, 1)),
    "6": Tax("20%", date(2026, 1, 1)),
    "7": Tax("20/120", date(2026, 1, 1)),
}
_NEW = tuple(map(Tax, ("5%", "5/105", "7%", "7/107", "22%", "22/122")))
TAXES: Mapping[str, Mapping[str, Tax]] = {  # by protocol. Sources of the new ones: README.md
    "rbs": {**_OLD, **{str(code): tax for code, tax in enumerate(_NEW, start=10)}},
    "rbs-ecom": {**_OLD, **{str(code): tax for code, tax in enumerate(_NEW, start=8)}},
}
_CODE = re.compile(r"0|[1-9][0-9]?", re.ASCII)
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
    tax_code: str
    tax: Tax | None  # what the code stands for; None where K5 does not know it
    method: str
    name: str


def read_terms(values: Mapping[str, str], protocol: str) -> ReceiptTerms | None:
    """Return the terms, None where no receipt is wanted. Raises: WrongKey naming the key."""
    if values == NO_RECEIPT:
        return None
    for key in ("inn", "email", "payment_address"):
        if not values[key]:
            raise WrongKey(key=f"receipt.{key}", reason="is missing")
    taxes = TAXES[protocol]
    codes = {tax.rate: code for code, tax in taxes.items()}
    tax_code = codes.get(values["tax"].replace(" ", ""), values["tax"])
    if not _CODE.fullmatch(tax_code):
        known = ", ".join(codes)
        raise WrongKey(
            key="receipt.tax", reason=f"'{values['tax']}' is neither one of {known} nor a code of two digits"
        )
    for key, choices in (("method", METHODS), ("ffd_version", PAYMENT)):
        if values[key] not in choices:
            reason = f"'{values[key]}' is not one of {', '.join(sorted(choices))}"
            raise WrongKey(key=f"receipt.{key}", reason=reason)
    if not 0 < len(values["name"]) <= LONGEST_NAME:
        raise WrongKey(key="receipt.name", reason=f"needs 1 to {LONGEST_NAME} letters")
    return ReceiptTerms(
        inn=values["inn"],
        sno=values["sno"],
        email=values["email"],
        payment_address=values["payment_address"],
        ffd_version=values["ffd_version"],
        tax_code=tax_code,
        tax=taxes.get(tax_code),
        method=values["method"],
        name=values["name"],
    )


def doubt(terms: ReceiptTerms, today: date) -> str:
    """Return what a person should look at about the rate of VAT, "" where nothing."""
    code, tax = terms.tax_code, terms.tax
    if tax is None:
        return f"code {code} is none that K5 knows: it is sent as it is"
    if tax.ended and today >= tax.ended:
        return f"code {code} is {tax.rate}, which ended on {tax.ended}: ask the accountant for the rate of today"
    return ""


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
        "tax": {"taxType": int(terms.tax_code)},
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
