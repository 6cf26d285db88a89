"""A payment that came to the bank: by what it is known for ever, and what its purpose says it is for."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from k5web.domain.bankstatement import BankDocument
from k5web.domain.subscriber import IDS_BELOW

ASSIGNED = "-to"  # ends the name of what was given to its owner later


class Unmatched(StrEnum):
    """Why a payment reached nobody."""

    NOBODY = "nobody"  # it names neither an account nor a contract, and its tax number is nobody's
    UNKNOWN = "unknown"  # what it names is no account
    SEVERAL = "several"  # it names more than one
    INACTIVE = "inactive"  # the account is closed or blocked
    CURRENCY = "currency"  # the account is not in roubles


_SHOWN_NUMBER = 12  # signs of the document's number in a name
_BIC = 9

_NUMBER_SIGN = r"\s*(?:№|N[o°]?\.?|#)?\s*:?\s*"
_ID = r"(?:[KКkк]5-?\s?)?([1-9][0-9]{0,9})(?!\d|[/.\-]\d)"
# «К» may be typed in either alphabet. A top-up's number, K5-8841-12, names the same subscriber
_CODE = re.compile(r"(?<![\w-])[KКkк]5[-\s]\s?([1-9][0-9]{0,9})(?:-[0-9]{1,10})?(?![\w/]|[.\-]\d)", re.ASCII)
_ACCOUNT = re.compile(
    rf"(?<!\w)(?:лиц(?:ев\w*|\.)\s*сч(?:[её]т\w*|\.)?|л/сч?\.?|л\.\s?с\.|лс){_NUMBER_SIGN}{_ID}", re.IGNORECASE
)
_CONTRACT = re.compile(rf"(?<!\w)дог(?:овор\w*|\.)(?:\s*оферт\w*)?{_NUMBER_SIGN}{_ID}", re.IGNORECASE)
_INVOICE = re.compile(
    rf"(?<!\w)сч(?:[её]т(?!-?\s?фактур)\w*|\.)(?:\s+на\s+оплату)?{_NUMBER_SIGN}([1-9][0-9]{{0,8}})(?!\d|[/.\-]\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the purpose names: subscribers by account code or contract number, and an invoice."""

    subscriber_ids: tuple[int, ...]
    invoice: int | None


def read_purpose(text: str) -> Purpose:
    """Return what a purpose names; several invoices are none, for nobody knows how much is for which."""
    text = unicodedata.normalize("NFKC", text)
    found: dict[int, None] = {}
    for pattern in (_CODE, _ACCOUNT, _CONTRACT):
        for match in pattern.finditer(text):
            if int(match[1]) < IDS_BELOW:
                found[int(match[1])] = None
        text = pattern.sub(" ", text)  # a «счёт» that was лицевой is no invoice
    invoices = {int(match[1]) for match in _INVOICE.finditer(text)}
    return Purpose(tuple(found), invoices.pop() if len(invoices) == 1 else None)


def identity(account: str, document: BankDocument) -> bytes:
    """Return what two mentions of one payment have in common, in whatever file, order and format.

    The payer's number is unique at the payer's bank for a day; who sends several alike on one day sends several
    payments, which are told apart by their count. The purpose is no part: banks cut it differently.
    """
    number = document.number.strip().lstrip("0") or "0"
    parts = (
        "v1",
        account,
        document.day.isoformat(),
        number,
        document.payer_account.replace(" ", ""),
        document.payer_bic.strip().zfill(_BIC),
        str(document.amount.minor),
    )
    return hashlib.sha256("|".join(parts).encode()).digest()[:16]


def payment_key(document: BankDocument, known_by: bytes, count: int) -> str:
    """Return the payment's name in the ledger; `count` tells equal ones apart. No account number stands in it."""
    number = "".join(sign for sign in document.number.strip() if sign.isascii() and sign.isalnum())[:_SHOWN_NUMBER]
    return f"{document.day:%Y%m%d}-{number.lstrip('0') or '0'}-{known_by.hex()}-{count}"


def words_of(purpose: str) -> bytes:
    """Return by what a purpose is known again: its letters and digits, however they are spaced and cased."""
    plain = unicodedata.normalize("NFKC", purpose).casefold()
    return hashlib.sha256("".join(sign for sign in plain if sign.isalnum()).encode()).digest()[:16]
