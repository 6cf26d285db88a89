"""Money that comes in: a provider's wire on one side, our words on the other, and the ports between them.

A connector translates and nothing else: it never sees Flask, the database or the ledger. What it reads is one of the
notices below, what became of it comes back as one of the outcomes; the credit itself is made in one place for all.

A top-up that K5 begins goes through these states. The four of the first line are open: each may become each but `new`,
and `new` again only under another number. Money that comes late moves it from the second line to the third.

    new -> waiting -> held    unclear
      |        |        |        |
      +--------+--------+--------+--> declined, expired, cancelled
      |                                      |
      +--------------------------------------+--> paid -> part_refunded -> refunded

Long because it is one contract between the services and every connector, and is read as a whole.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from k5web.domain.money import Money
from k5web.domain.payments.partner import Partner


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


# What a provider says


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


# What became of it


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


# Top-ups that K5 starts

_NUMBER = re.compile(
    r"(?P<reference>K5-[0-9]{1,12}-[0-9]{1,12})(?:-(?P<mark>[A-Z][A-Z0-9]{9}))?(?:-(?P<attempt>[0-9]{1,3}))?", re.ASCII
)


class TopUpState(StrEnum):
    """Where a started top-up stands. It only moves forward: what is paid stays paid, or goes back."""

    NEW = "new"  # written down; the provider may not know it
    WAITING = "waiting"  # the payer has a page, a code
    HELD = "held"  # the card's money is blocked, not taken
    UNCLEAR = "unclear"  # the provider's answers make no sense: asked again, then a person
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"  # by the payer, who may have begun another, and the provider takes no money for it any more
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"

    @property
    def is_open(self) -> bool:
        """True while money may still come by itself."""
        return self in OPEN_STATES

    @property
    def is_paid(self) -> bool:
        """True where money came, whatever went back since."""
        return self in PAID_STATES

    def may_become(self, later: "TopUpState") -> bool:
        """Return whether this is a step forward: money that came is never taken for not come."""
        return later in _NEXT[self]


OPEN_STATES = (TopUpState.NEW, TopUpState.WAITING, TopUpState.HELD, TopUpState.UNCLEAR)
DECLINED_STATES = (TopUpState.DECLINED, TopUpState.EXPIRED)  # no money came, and the payer did not take it back
PAID_STATES = (TopUpState.PAID, TopUpState.PART_REFUNDED, TopUpState.REFUNDED)
_MONEY_CAME = frozenset(PAID_STATES)
_FROM_OPEN = frozenset(TopUpState) - {TopUpState.NEW}
_NEXT: Mapping[TopUpState, Set[TopUpState]] = {
    TopUpState.NEW: _FROM_OPEN,
    TopUpState.WAITING: _FROM_OPEN,
    TopUpState.HELD: _FROM_OPEN,
    TopUpState.UNCLEAR: _FROM_OPEN,
    TopUpState.DECLINED: _MONEY_CAME,
    TopUpState.EXPIRED: _MONEY_CAME,
    TopUpState.CANCELLED: _MONEY_CAME,
    TopUpState.PAID: {TopUpState.PART_REFUNDED, TopUpState.REFUNDED},
    TopUpState.PART_REFUNDED: {TopUpState.REFUNDED},
    TopUpState.REFUNDED: set(),
}


@dataclass(frozen=True, slots=True)
class TopUp:
    """A top-up the subscriber began on our pages."""

    reference: str  # ours, unique in K5, at most 32 characters: "K5-<owner>-<count>", like "K5-8841-12"
    owner_id: int
    origin: str  # of the connector: "cards:<acquirer>"
    amount: Money
    state: TopUpState
    created_at: datetime
    expires_at: datetime
    return_url: str  # where the provider sends the browser back to
    language: str  # ru, en …
    attempt: int = 1  # a provider's number that was lost is never used again: the next attempt has a new one
    mark: str = ""  # this house's letters and this top-up's own: nobody else makes the same number; old ones lack it
    provider_id: str = ""
    pay_url: str = ""
    code: str = ""  # what the payer types in the wallet
    qr: str = ""  # text of the QR code
    payer_key: str = ""  # the subscriber as this provider knows them: random, never a phone; "": not to be known
    payer_phone: str = ""  # E.164 digits, where a protocol needs it
    saved_card_id: str = ""  # pay by this saved card
    is_automatic: bool = False  # below the threshold, without the subscriber
    leads_to: str = ""  # our own page that the payer goes on to when it is paid; "": none
    refunded: Money | None = None

    @property
    def number(self) -> str:
        """The number the provider knows this attempt by: "K5-8841-12-QKXR7T2P4W", from the second on with "-2" …"""
        return str(OrderNumber(self.reference, self.mark, self.attempt))


@dataclass(frozen=True, slots=True)
class OrderNumber:
    """What a provider's number of an order says: whose it is, which house made it, which attempt it was."""

    reference: str
    mark: str
    attempt: int

    @classmethod
    def read(cls, text: str) -> "OrderNumber | None":
        """Return what the number says, None where it is none of ours."""
        match = _NUMBER.fullmatch(text)
        if match is None:
            return None
        found = cls(match["reference"], match["mark"] or "", int(match["attempt"] or 1))
        return found if str(found) == text else None

    def __str__(self) -> str:
        parts = (self.reference, self.mark, "" if self.attempt == 1 else str(self.attempt))
        return "-".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Started:
    """What the provider gave for a new top-up; at least one of the ways to pay it."""

    provider_id: str = ""
    pay_url: str = ""
    code: str = ""
    qr: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card the gateway keeps for us; K5 knows a mask and never the number."""

    id: str
    mask: str  # "4111**1111"
    expires: str  # YYYYMM


@dataclass(frozen=True, slots=True)
class Seen:
    """What the provider says about a top-up when asked."""

    state: TopUpState
    amount: Money | None = None  # taken, when paid
    refunded: Money | None = None  # given back, in all; None where this provider does not say
    provider_id: str = ""
    occurred_at: datetime | None = None
    card_mask: str = ""  # of the card that was tried last, for the limit on cards
    declines: int = 0  # tries of this order that were declined, as far as the provider tells
    saved_card: SavedCard | None = None
    is_foreign: bool = False  # somebody else's order under our number: nothing of it is ours


class RefundState(StrEnum):
    """Where a refund stands at the provider."""

    ABSENT = "absent"
    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"


# Registers


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One payment of a provider's register. Units: a cancelled one is negative."""

    line_no: int
    key: str
    at: datetime | None
    account: str
    amount: Money
    is_cancel: bool = False


# Ports


class PaymentConnector(Protocol):
    """One way for money to come in from one partner: pure translation between its wire and our words."""

    code: str  # the connector's folder, and a log field
    origin: str  # "<code>:<partner>": origin of the events' names, and the name for reconciling
    address: str  # below /hooks/: "<code>/<partner>"
    partner: Partner

    def read(self, request: WireRequest) -> Notice:
        """Return what the provider says. Raises: ForgedNotice, MalformedNotice."""

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return what the provider gets back; `notice` is None where the request could not be read."""


@runtime_checkable
class Starts(Protocol):
    """A connector whose payments K5 begins."""

    def start(self, top_up: TopUp) -> Started:
        """Tell the provider.

        Raises: NumberUsed (another order has this number), ProviderRefused (nothing was begun), ProviderUnknown (it may
        have been).
        """


@runtime_checkable
class RepeatsStart(Protocol):
    """A connector whose provider knows an order by our number: the same start again makes no second one."""

    starts_are_repeatable: Literal[True]


@runtime_checkable
class Looks(Protocol):
    """A connector that can be asked for a top-up's state."""

    def look(self, top_up: TopUp) -> Seen:
        """Ask the provider. Raises: ProviderUnknown."""

    def pauses_s(self) -> tuple[int, ...]:
        """Return the pauses before each look, from the start on; the last is repeated until a day is over."""


@runtime_checkable
class Cancels(Protocol):
    """A connector that can take back an order nobody has paid: afterwards nobody can."""

    def cancel(self, top_up: TopUp) -> None:
        """Ask once. Raises: ProviderRefused (it stands as it did, or is paid: look), ProviderUnknown."""


@runtime_checkable
class Refunds(Protocol):
    """A connector that can give money back the way it came."""

    def refund(self, top_up: TopUp, amount: Money, refund_key: str) -> None:
        """Ask once. Raises: ProviderRefused (nothing went back), ProviderUnknown (look before asking again)."""


@runtime_checkable
class TellsRefunds(Protocol):
    """A connector whose provider knows each refund by our key; elsewhere the look at the top-up shows its sum."""

    def refund_state(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        """Ask for one refund. Raises: ProviderUnknown."""


@runtime_checkable
class KeepsCards(Protocol):
    """A connector whose gateway keeps cards, of payers who wish it: who does not has no `payer_key` there."""

    @property
    def offers_keeping(self) -> bool:
        """True where payers are asked whether they wish it."""

    def forget_card(self, card_id: str) -> None:
        """Ask the gateway to forget a card. Raises: ProviderRefused, ProviderUnknown."""


@runtime_checkable
class ShowsQr(Protocol):
    """A connector whose network pays by scanning a code with the account in it."""

    def qr(self, account: str, amount: Money | None = None) -> str:
        """Return the text of the QR code; empty where this partner has none."""


@runtime_checkable
class ReadsRegister(Protocol):
    """A connector whose provider sends a daily register."""

    tells_back: bool  # whether what went back stands in it too

    def read_register(self, lines: Iterable[str]) -> Iterator[RegisterLine]:
        """Yield the register's payments as they are read; at its end the totals have been held against them.

        Raises: WrongRegister naming the line.
        """


@dataclass(frozen=True, slots=True)
class Opening:
    """What a connector's opener is given beside its tables of the partners' file."""

    public_url: str
    clock: Callable[[], datetime]  # now in UTC
    timeout_s: tuple[float, float] = field(default=(3.0, 20.0))  # to connect, to wait for an answer


class Opener(Protocol):
    """What a connector's folder offers to the registry: one connector for each of its partners."""

    def __call__(self, tables: Iterable[Mapping[str, object]], opening: Opening) -> list[PaymentConnector]:
        """Return the connectors. Raises: WrongKey naming the key."""
