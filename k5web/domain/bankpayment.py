"""A payment that came to the bank: by what it is known for ever."""

import hashlib
import unicodedata
from enum import StrEnum

from k5web.domain.bankstatement import BankDocument

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
