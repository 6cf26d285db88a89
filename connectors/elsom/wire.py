"""What ELSOM's protocols share: clock, currency, JSON with one root key."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from k5web.domain import strict_json
from k5web.domain.money import Money
from k5web.errors import MalformedNotice, WrongMoney

CURRENCY: Final = "KGS"
CURRENCY_CODE: Final = "417"  # ISO 4217
BISHKEK: Final = timezone(timedelta(hours=6), "Asia/Bishkek")  # no daylight saving

_CURRENCY = re.compile(r"[A-Z]{3}|[0-9]{3}", re.ASCII)  # ISO 4217
_STAMP = re.compile(r"[0-9]{14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a JSON document, as it was written: it is no text, and no float ever comes near money."""

    text: str


def moment(text: str) -> datetime | None:
    """Return the instant of `YYYYMMDDhhmmss` in Bishkek, None for an empty text. Raises: MalformedNotice."""
    if not text:
        return None
    try:
        if not _STAMP.fullmatch(text):
            raise ValueError(text)
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BISHKEK).astimezone(UTC)
    except ValueError:
        raise MalformedNotice(reason="a date must be YYYYMMDDhhmmss") from None


def stamp(at: datetime) -> str:
    """Return an instant as `YYYYMMDDhhmmss` in Bishkek."""
    return at.astimezone(BISHKEK).strftime("%Y%m%d%H%M%S")


def sum_of(text: str, currency: str) -> Money:
    """Return a sum of at most two decimals; a currency that is not ours is refused as such. Raises: MalformedNotice."""
    if not _CURRENCY.fullmatch(currency):
        raise MalformedNotice(reason="a currency has three letters or digits")
    try:
        return Money.sent(text, currency)
    except WrongMoney:
        raise MalformedNotice(reason="a sum must be written like 500.00") from None


def one_root(body: bytes) -> tuple[str, Mapping[str, Any]]:
    """Return the root key of a JSON document and its members; numbers stay the text they were.

    Raises: MalformedNotice, also where a name stands twice: nobody could say which one was meant.
    """
    try:
        found = strict_json.read_object(body, Number, Number)
    except ValueError as error:
        raise MalformedNotice(reason=str(error)) from error
    if len(found) != 1:
        raise MalformedNotice(reason="one root key is expected")
    [(root, members)] = found.items()
    if not isinstance(members, dict):
        raise MalformedNotice(reason=f"{root[:40]} must be an object")
    return root, members


def envelope(code: str, text: str, result: Mapping[str, str] | None = None) -> bytes:
    """Return the answer both JSON protocols give."""
    response: dict[str, Any] = {"ErrorCode": code, "ErrorMsg": text}
    if result is not None:
        response["Result"] = dict(result)
    return json.dumps({"Response": response}, ensure_ascii=False, separators=(",", ":")).encode()
