"""A payment that came to the bank: by what it is known for ever."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from k5web.domain.bank.statement import BankDocument
from k5web.domain.money import Money, rub

TAKEN_BACK = "staff"  # origin of a payment that staff took back from the wrong subscriber
ASSIGNED = "-to"  # ends the name of what was given to its owner later


class Unmatched(StrEnum):
    """Why a payment reached nobody."""

    NOBODY = "nobody"  # it names neither an account nor a contract, and its tax number is nobody's
    UNKNOWN = "unknown"  # what it names is no account
    SEVERAL = "several"  # it names more than one
    INACTIVE = "inactive"  # the account is closed or blocked
    CURRENCY = "currency"  # the account is not in roubles
    TAKEN_BACK = "taken_back"  # staff took it back from the wrong subscriber


_SHOWN_NUMBER = 12  # signs of the document's number in a name
_BIC = 9
ASKS_ABOVE = rub("1000000.00")  # unless K5_BANK_ASKS_ABOVE says otherwise
SHORTEST_CUT = 3  # digits: formats of banks keep the last three, or six, of a longer number
DAYS_APART = 10  # a payment order is good for ten days: further apart, an equal one is another payment


class Part(StrEnum):
    """What a payment is known by. The value is how people read it."""

    ACCOUNT = "our account"
    NUMBER = "the number"
    DAY = "the day"
    PAYER = "the payer's account"
    BIC = "the payer's BIC"
    SUM = "the sum"
    PURPOSE = "the purpose"


@dataclass(frozen=True, slots=True)
class Mention:
    """A payment by its parts, as a file or a row of ours tells them. An empty part is not told.

    `payer` holds hashes of the account, one for each key in use. None: the row is older than what it would hold.
    """

    account: str  # ours
    number: str
    day: date
    payer: frozenset[bytes] | None
    bic: str | None
    amount: Money


def identity(document: BankDocument) -> bytes:
    """Return what two mentions of one payment have in common, in whatever file, order and spelling.

    The payer's number is unique at the payer's bank for a day; who sends several alike on one day sends several
    payments, which are told apart by their count. The purpose is no part: banks cut it differently.
    """
    return _digest(document, document.number or "0", document.payer_account, document.payer_bic)


def identity_as_written(document: BankDocument) -> bytes:
    """Return the same by the cells of the file: payments of before November 2026 are known by that."""
    cells = document.cells
    return _digest(document, _bare(cells.number), cells.payer_account.replace(" ", ""), cells.payer_bic.strip())


def names(document: BankDocument, count: int) -> tuple[str, str]:
    """Return the names in the ledger that the payment may have, the new one first; `count` tells equal ones apart."""
    return (
        _key(document, document.number, identity(document), count),
        _key(document, document.cells.number, identity_as_written(document), count),
    )


def known_by(key: str) -> bytes:
    """Return the identity in a name; empty where there is none."""
    parts = key.removesuffix(ASSIGNED).split("-")
    try:
        return bytes.fromhex(parts[2])
    except (IndexError, ValueError):
        return b""


def only_difference(one: Mention, known: Mention) -> tuple[Part, bool] | None:
    """Return the one part by which two mentions differ, and whether both tell it; None where they are two payments.

    A part that only one of them tells is no contradiction. The number with the payer's account is a document's own
    name: where both agree in it, another part may contradict though a third is not told. Numbers that both tell are of
    two documents, for a bank gives each of a day its own, unless one is what a program left of the other.
    """
    if abs((one.day - known.day).days) > DAYS_APART or _are_two_numbers(one.number, known.number):
        return None
    is_same_payer = _is_same_payer(one.payer, known.payer)
    differing = [
        (part, is_told)
        for part, is_equal, is_told in (
            (Part.ACCOUNT, one.account == known.account, True),
            (Part.NUMBER, one.number == known.number, bool(one.number and known.number)),
            (Part.DAY, one.day == known.day, True),
            (Part.PAYER, is_same_payer, bool(one.payer and known.payer)),
            (Part.BIC, None in {one.bic, known.bic} or one.bic == known.bic, bool(one.bic and known.bic)),
            (Part.SUM, one.amount == known.amount, True),
        )
        if not is_equal
    ]
    told = [part for part, is_told in differing if is_told]
    is_same_document = bool(one.number) and one.number == known.number and is_same_payer
    if len(told) > 1 or (told and len(differing) > 1 and not is_same_document):
        return None
    # Without a number on either side little is left to know it by: another payer, sum or day is another payment
    if told and not (one.number or known.number) and told[0] in {Part.DAY, Part.PAYER, Part.SUM}:
        return None
    return (told[0], True) if told else (differing[0][0], False) if differing else (Part.PURPOSE, True)


def _are_two_numbers(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    is_cut = len(shorter) >= SHORTEST_CUT and longer.endswith(shorter)
    return bool(shorter) and one != other and not is_cut


def _is_same_payer(one: frozenset[bytes] | None, known: frozenset[bytes] | None) -> bool:
    return one is None or known is None or bool(one & known) or one == known


def _digest(document: BankDocument, number: str, payer_account: str, payer_bic: str) -> bytes:
    day, minor = document.day.isoformat(), str(document.amount.minor)
    parts = ("v1", document.payee_account, day, number, payer_account, payer_bic.zfill(_BIC), minor)
    return hashlib.sha256("|".join(parts).encode("utf-8", "surrogatepass")).digest()[:16]


def _key(document: BankDocument, number: str, digest: bytes, count: int) -> str:
    """Return a payment's name in the ledger. No account number stands in it."""
    shown = "".join(sign for sign in number.strip() if sign.isascii() and sign.isalnum())[:_SHOWN_NUMBER]
    return f"{document.day:%Y%m%d}-{_bare(shown)}-{digest.hex()}-{count}"


def _bare(number: str) -> str:
    return number.strip().lstrip("0") or "0"


def words_of(purpose: str) -> bytes:
    """Return by what a purpose is known again: its letters and digits, however they are spaced and cased."""
    plain = unicodedata.normalize("NFKC", purpose).casefold()
    return hashlib.sha256("".join(sign for sign in plain if sign.isalnum()).encode()).digest()[:16]
