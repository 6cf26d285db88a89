"""ELQR, the national payment QR of Kyrgyzstan: its payload and the link that carries it."""

import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from k5web.config.table import PartnerTable
from k5web.domain.money import Money

KEYS: Final = frozenset({"elqr_host", "elqr_acquirer", "elqr_service", "elqr_mcc", "elqr_name"})

LONGEST_VALUE: Final = 99  # the length has two digits
MAY_EDIT, MAY_NOT_EDIT = "11", "12"
STATIC, DYNAMIC = "11", "12"


@dataclass(frozen=True, slots=True)
class QrService:
    """Our service as the banks know it."""

    host: str  # "payqr.kg"
    acquirer: str
    service: str
    mcc: str  # 4814, telephone services
    name: str  # in Latin letters

    def link(self, account: str, amount: Money | None = None, transaction: str = "") -> str:
        """Return the text of the QR code for paying to an account. Units: the payload counts tyiyn."""
        template = field("00", self.acquirer) + field("01", self.service) + field("10", account)
        if transaction:
            template += field("11", transaction)
        template += field("12", MAY_EDIT if amount is None else MAY_NOT_EDIT) + field("13", MAY_NOT_EDIT)
        payload = field("00", "01") + field("01", STATIC if amount is None else DYNAMIC) + field("32", template)
        payload += field("52", self.mcc) + field("53", "417")
        if amount is not None:
            payload += field("54", str(amount.minor))
        return f"https://{self.host}#{quote(sealed(payload + field('59', self.name)), safe='')}"


def service(table: PartnerTable) -> QrService | None:
    """Return the service that a partner's table describes, None where it names no acquirer. Raises: WrongKey."""
    acquirer = table.text("elqr_acquirer", "")
    if not acquirer:
        return None
    return QrService(
        host=table.text("elqr_host", "payqr.kg"),
        acquirer=acquirer,
        service=table.text("elqr_service"),
        mcc=table.text("elqr_mcc", "4814"),
        name=table.text("elqr_name", "K5"),
    )


def field(name: str, value: str) -> str:
    """Return one field: id, length in characters, value."""
    if not 0 < len(value) <= LONGEST_VALUE:
        raise ValueError(f"field {name} has {len(value)} characters")
    return f"{name}{len(value):02d}{value}"


def check_value(payload: str) -> str:
    """Return the check value of a decoded payload before its field 63: the end of its SHA-256."""
    return hashlib.sha256(payload.encode()).hexdigest()[-4:].upper()


def sealed(payload: str) -> str:
    """Return the payload with its check value."""
    return payload + field("63", check_value(payload))


def is_sound(text: str) -> bool:
    """Return whether a decoded payload ends with its right check value, in either case of letters."""
    payload, mark, given = text[:-8], text[-8:-4], text[-4:]
    return mark == "6304" and check_value(payload) == given.upper()
