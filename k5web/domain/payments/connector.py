"""The ports of payment connectors: what every one does, and what only some can.

A connector translates and nothing else: it never sees Flask, the database or the ledger.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from k5web.domain.money import Money
from k5web.domain.payments.notice import Notice, NoticeOutcome, WireRequest, WireResponse
from k5web.domain.payments.partner import Partner
from k5web.domain.payments.top_up import RefundState, SavedCard, TopUp, TopUpState


@dataclass(frozen=True, slots=True)
class Started:
    """What the provider gave for a new top-up; at least one of the ways to pay it."""

    provider_id: str = ""
    pay_url: str = ""
    code: str = ""
    qr: str = ""
    expires_at: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One payment of a provider's register. Units: a cancelled one is negative."""

    line_no: int
    key: str
    at: datetime | None
    account: str
    amount: Money
    is_cancel: bool = False


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
class NamesKeys(Protocol):
    """A connector whose provider puts the same letters before the digits of each payment's key."""

    key_prefix: str


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
