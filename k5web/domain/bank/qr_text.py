"""The text inside a payment's QR code (GOST R 56042-2014): values made clean, put in order, and kept short enough.

The service block says UTF-8 and the separator "|"; readers split on every "|" and "=", so no value holds one.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

from k5web.errors import NotPrintable

HEADER: Final = "ST00012|"
SEPARATOR: Final = "|"
MANDATORY: Final = ("Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc")  # first, and in this order
MOST_MANDATORY_BYTES: Final = 300  # with the separators between them, without the service block
MOST_BYTES: Final = 560  # a code of version 18: what a phone still reads at 36 mm from a 150 dpi print
LONGEST_PURPOSE: Final = 160
LEFT_OUT: Final = (("Phone",), ("PayerAddress",), ("MiddleName",), ("FirstName", "LastName"))  # in this order

_FORBIDDEN = {"Cs", "Co", "Cn"}  # half a pair, private use, unassigned: no reader agrees what they are
_GAPS = {"Cc", "Zs", "Zl", "Zp"}
_UNSEEN = "Cf"  # zero width, soft hyphen, marks of direction


def clean(text: str) -> str:
    """Return the text as papers and codes carry it: composed, single spaces, no separators of the code inside.

    Raises: NotPrintable naming a sign that stands for nothing.
    """
    kept = []
    for sign in text:
        category = unicodedata.category(sign)
        if category in _FORBIDDEN:
            raise NotPrintable(sign=f"U+{ord(sign):04X}")
        if category != _UNSEEN:
            kept.append(" " if category in _GAPS else sign)
    composed = unicodedata.normalize("NFC", "".join(kept))
    return " ".join(composed.replace("|", "/").replace("=", ":").split())


def mandatory_bytes(values: Mapping[str, str]) -> int:
    """Return how long the five mandatory requisites are together. Units: bytes."""
    return len(_joined({key: values[key] for key in MANDATORY}).encode())


def payload(values: Mapping[str, str]) -> bytes:
    """Return the text of the code from clean values in the order they are to stand; what is empty is left out.

    What does not fit is dropped from the least needed on; the purpose is cut between words, and only at the very last.
    """
    kept = {key: value for key, value in values.items() if value}
    for keys in LEFT_OUT:
        if size(kept) > MOST_BYTES:
            kept = {key: value for key, value in kept.items() if key not in keys}
    while " " in (purpose := kept.get("Purpose", "")) and (len(purpose) > LONGEST_PURPOSE or size(kept) > MOST_BYTES):
        kept["Purpose"] = purpose.rpartition(" ")[0]
    return (HEADER + _joined(kept)).encode()


def size(values: Mapping[str, str]) -> int:
    """Return how long the whole text of these values is. Units: bytes."""
    return len(HEADER) + len(_joined(values).encode())


def _joined(values: Mapping[str, str]) -> str:
    return SEPARATOR.join(f"{key}={value}" for key, value in values.items())
