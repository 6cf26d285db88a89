"""The gateway's words and ours: currencies, states, error codes, the facts of an order; each code in one table."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from k5web.domain import strict_json

CURRENCIES: Mapping[str, str] = {"RUB": "643", "KGS": "417"}  # ISO 4217
_READ_CURRENCIES = {number: letters for letters, number in CURRENCIES.items()} | {"810": "RUB"}  # never sent

APPROVED = "0"  # `actionCode` of what went well

Fields = Mapping[str, object]


class OrderState(Enum):
    """`orderStatus`. An absent one means that the order was not found."""

    REGISTERED = "0"
    HELD = "1"  # two stages: blocked, not taken
    TAKEN = "2"
    REVERSED = "3"
    REFUNDED = "4"  # all of it or a part
    AT_ISSUER = "5"  # 3-D Secure was started
    DECLINED = "6"
    WAITING = "7"
    PARTLY_TAKEN = "8"


class Method(Enum):
    """What the gateway is asked. The spelling of one differs between the generations."""

    REGISTER = "register.do"
    REGISTER_HELD = "registerPreAuth.do"
    STATUS = "getOrderStatusExtended.do"
    REVERSE = "reverse.do"
    REFUND = "refund.do"
    DECLINE = "decline.do"  # an order nobody has paid
    PAY_BY_BINDING = "paymentOrderBinding.do"
    UNBIND = "unBindCard.do"
    UNBIND_ECOM = "unbindCard.do"


class ErrorMeaning(Enum):
    """What an error code of a method means for us."""

    REFUSED = "refused"  # nothing was done, the same request would be refused again
    UNKNOWN = "unknown"  # it may have been done: the state decides
    NUMBER_USED = "number used"  # by an order that is there already
    NOT_FOUND = "not found"
    CARD_GONE = "card gone"
    DONE_BEFORE = "done before"
    OTHER_WAY = "other way"  # of giving money back: too late to reverse


_REGISTER = {
    "1": ErrorMeaning.NUMBER_USED,
    "3": ErrorMeaning.REFUSED,  # currency
    "4": ErrorMeaning.REFUSED,  # a parameter is missing
    "5": ErrorMeaning.REFUSED,  # access, a parameter
    "7": ErrorMeaning.UNKNOWN,  # their trouble
    "8": ErrorMeaning.REFUSED,  # basket
    "9": ErrorMeaning.REFUSED,
    "14": ErrorMeaning.REFUSED,  # features
}
_UNBIND = {
    "2": ErrorMeaning.DONE_BEFORE,
    "5": ErrorMeaning.REFUSED,
    "6": ErrorMeaning.DONE_BEFORE,
    "7": ErrorMeaning.UNKNOWN,
    "9": ErrorMeaning.DONE_BEFORE,
    "15": ErrorMeaning.DONE_BEFORE,
}
ERRORS: Mapping[Method, Mapping[str, ErrorMeaning]] = {
    Method.DECLINE: {
        "5": ErrorMeaning.REFUSED,  # paid, at the issuer, ended
        "6": ErrorMeaning.NOT_FOUND,
        "7": ErrorMeaning.UNKNOWN,
        "9": ErrorMeaning.NOT_FOUND,
    },
    Method.REGISTER: _REGISTER,
    Method.REGISTER_HELD: _REGISTER,
    Method.STATUS: {
        "1": ErrorMeaning.NOT_FOUND,
        "5": ErrorMeaning.REFUSED,  # access
        "6": ErrorMeaning.NOT_FOUND,
        "7": ErrorMeaning.UNKNOWN,
        "9": ErrorMeaning.NOT_FOUND,
    },
    Method.REVERSE: {
        "5": ErrorMeaning.OTHER_WAY,
        "6": ErrorMeaning.NOT_FOUND,
        "7": ErrorMeaning.OTHER_WAY,
        "8": ErrorMeaning.REFUSED,
        "9": ErrorMeaning.NOT_FOUND,
    },
    Method.REFUND: {
        "5": ErrorMeaning.REFUSED,  # more than the order, a wrong state
        "6": ErrorMeaning.NOT_FOUND,
        "7": ErrorMeaning.UNKNOWN,
        "8": ErrorMeaning.REFUSED,
        "9": ErrorMeaning.NOT_FOUND,
    },
    Method.PAY_BY_BINDING: {
        "1": ErrorMeaning.CARD_GONE,  # not usable with this binding
        "2": ErrorMeaning.CARD_GONE,  # inactive
        "5": ErrorMeaning.REFUSED,
        "6": ErrorMeaning.REFUSED,
        "7": ErrorMeaning.UNKNOWN,
        "9": ErrorMeaning.REFUSED,
        "15": ErrorMeaning.CARD_GONE,  # switched off by the client
    },
    Method.UNBIND: _UNBIND,
    Method.UNBIND_ECOM: _UNBIND,
}

_AMOUNT = re.compile(r"[0-9]{1,12}", re.ASCII)
_MILLISECONDS = re.compile(r"[0-9]{12,14}", re.ASCII)
_DIGITS = re.compile(r"[0-9]", re.ASCII)
_EXPIRES = re.compile(r"20[0-9]{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class GatewayOrder:
    """The state of an order as the gateway tells it. Units: sums are minor."""

    state: OrderState | None
    number: str
    id: str
    amount: int | None
    currency: str  # letters; "" where K5 does not know it
    action: str
    deposited: int | None
    refunded: int
    registered_at: datetime | None
    taken_at: datetime | None
    description: str
    declines: int  # tries that are told one by one
    card_mask: str
    card_expires: str  # YYYYMM
    binding_id: str
    client_id: str


def read_fields(body: bytes) -> Fields:
    """Return the fields of an answer, numbers as texts. Raises: ValueError."""
    return strict_json.read_object(body.decode("utf-8"))


def error_code(fields: Fields) -> str:
    """Return the error code, "0" where all went well: it comes as a text, as a number or not at all."""
    code = fields.get("errorCode")
    if isinstance(code, str):
        return code
    return "0" if code is None and fields.get("success", True) is True else "?"


def read_order(fields: Fields) -> GatewayOrder:
    """Return the order an answer describes. Raises: ValueError for a state or a sum that is none."""
    status = fields.get("orderStatus")
    sums, card, binding = (_table(fields, name) for name in ("paymentAmountInfo", "cardAuthInfo", "bindingInfo"))
    return GatewayOrder(
        state=None if status is None else OrderState(str(status)),
        number=text(fields, "orderNumber"),
        id=_attribute(fields, "mdOrder"),
        amount=_sum(fields, "amount"),
        currency=_READ_CURRENCIES.get(text(fields, "currency"), ""),
        action=text(fields, "actionCode"),
        deposited=_sum(sums, "depositedAmount"),
        refunded=_sum(sums, "refundedAmount") or 0,
        registered_at=_moment(fields, "date"),
        taken_at=_moment(fields, "depositedDate", "authDateTime"),
        description=text(fields, "orderDescription"),
        declines=_declines(fields),
        card_mask=mask(text(card, "maskedPan") or text(card, "pan")),
        card_expires=text(card, "expiration") if _EXPIRES.fullmatch(text(card, "expiration")) else "",
        binding_id=text(binding, "bindingId"),
        client_id=text(binding, "clientId"),
    )


def text(fields: Fields, name: str) -> str:
    """Return a text of the answer, "" where there is none."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def mask(card: str) -> str:
    """Return a card number with nothing but its first and last four digits, however much of it came."""
    if len(card) < 8 or not (_DIGITS.match(card) and _DIGITS.match(card[-1])):
        return ""
    return f"{card[:4]}**{card[-4:]}"


def _table(fields: Fields, name: str) -> Fields:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _attribute(fields: Fields, name: str) -> str:
    attributes = fields.get("attributes")
    pairs = [pair for pair in attributes if isinstance(pair, dict)] if isinstance(attributes, list) else []
    return next((text(pair, "value") for pair in pairs if pair.get("name") == name), "")


def _sum(fields: Fields, name: str) -> int | None:
    value = fields.get(name)
    if value is None:
        return None
    if not (isinstance(value, str) and _AMOUNT.fullmatch(value)):
        raise ValueError(f"{name} is no sum")
    return int(value)


def _declines(fields: Fields) -> int:
    """Return how many of the operations failed, where the gateway lists them."""
    told = fields.get("operations")
    tries = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return sum(1 for one in tries if text(one, "actionCode") not in {"", APPROVED})


def _moment(fields: Fields, *names: str) -> datetime | None:
    """Return the first of these moments that is told. Units: the gateway's are milliseconds since 1970."""
    found = next((text(fields, name) for name in names if text(fields, name)), "")
    return datetime.fromtimestamp(int(found) // 1000, UTC) if _MILLISECONDS.fullmatch(found) else None
