"""What providers say and what K5 answers: requests and answers as they are on the wire, notices, outcomes.

A connector turns a request into one of the notices; what became of it comes back as one of the outcomes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from k5web.domain.money import Money


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A provider's request as it came: raw, so that what was signed can be checked."""

    method: str
    path: str  # "/hooks/<connector>/<partner>"
    query: str  # as sent, undecoded, without "?"
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    address: str  # of the client, by the trusted hop only
    at: datetime


@dataclass(frozen=True, slots=True)
class WireResponse:
    """What the provider gets back."""

    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Check:
    """May this account be paid? Moves nothing."""

    account: str  # as the payer typed it
    amount: Money | None = None
    account_type: str = ""  # id, phone, inn; "" where the provider does not say
    key: str = ""  # the provider's payment id, where it sends one already


@dataclass(frozen=True, slots=True)
class Paid:
    """Somebody paid to an account of ours."""

    key: str  # the provider's payment id, exactly as sent: the name of the event
    account: str
    amount: Money
    occurred_at: datetime | None = None  # by the provider's clock; None where it was not sent
    account_type: str = ""
    payment_code: str = ""  # of a prepared top-up: it decides account and sum
    receipt: str = ""  # the provider's second number, for staff to find the payment by


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """A top-up that K5 started was paid; the provider's word is enough."""

    number: str  # the provider's number of the order, as we gave it
    amount: Money
    occurred_at: datetime | None = None
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class OrderEnded:
    """A top-up that K5 started will not be paid."""

    number: str
    state: Literal["declined", "expired"]


@dataclass(frozen=True, slots=True)
class Look:
    """Something happened to a top-up that K5 started; the notice proves nothing, so the provider is asked."""

    number: str = ""  # of the order, as we gave it: also an abandoned one may still be paid; or
    provider_id: str = ""  # the provider's id of it
    receipt: str = ""  # the provider's second number, for staff to find the payment by
    has_failed: bool = False  # a try to pay was declined: one more for the limit on cards


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The provider takes a payment back."""

    key: str  # of the payment
    cancel_key: str = ""
    amount: Money | None = None
    number: int | None = None  # ours, where the provider names the payment by that alone and `key` is empty


@dataclass(frozen=True, slots=True)
class Query:
    """What became of a payment?"""

    key: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A true notice about nothing of ours: acknowledged."""

    why: str


OrderNotice = OrderPaid | OrderEnded | Look


Notice = Check | Paid | Cancelled | Query | OrderNotice | Ignored


class Refusal(StrEnum):
    """Why a notice was not followed. Each protocol has its own code for each; an unknown one is a bug."""

    ACCOUNT_FORMAT = "account_format"
    ACCOUNT_UNKNOWN = "account_unknown"
    ACCOUNT_INACTIVE = "account_inactive"
    CLOSED = "closed"  # this partner may not pay now
    SUM_TOO_SMALL = "sum_too_small"
    SUM_TOO_LARGE = "sum_too_large"
    WRONG_CURRENCY = "wrong_currency"
    CONFLICT = "conflict"  # the name is known with other facts
    MALFORMED = "malformed"
    FORGED = "forged"  # signature, password
    UNKNOWN_PAYMENT = "unknown_payment"
    CANCELLED_BEFORE = "cancelled_before"  # the cancel came first: the payment is refused for ever
    CANNOT_CANCEL = "cannot_cancel"  # the money is spent
    LATER = "later"  # our own trouble: the only refusal that must be repeated


@dataclass(frozen=True, slots=True)
class Possible:
    """The account may be paid."""

    name: str  # masked: initials at most
    minimum: Money
    maximum: Money


@dataclass(frozen=True, slots=True)
class Credited:
    """The payment is on the account, now or since long; a repeat gets the same."""

    number: int  # the payment's, for people and providers: digits, stable
    amount: Money
    at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """The payment was taken back, now or before."""

    number: int  # of the payment
    amount: Money
    is_new: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a payment."""

    state: Literal["paid", "cancelled", "absent"]
    number: int | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """Taken note of; nothing moved by this notice itself."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was moved."""

    why: Refusal
    text: str = ""  # a sentence for the provider's staff, without account data


NoticeOutcome = Possible | Credited | Undone | Standing | Noted | Refused
