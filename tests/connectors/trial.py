"""What a contract of connectors tries: a protocol with its words, a house with this way to pay alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from k5web.domain.money import Money
from k5web.domain.payments.connector import Opener, Opening, Seen, Started, Starts
from k5web.domain.payments.notice import (
    WireRequest,
    WireResponse,
)
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import notices, topups
from k5web.services.ports import Connectors
from k5web.storage import incidents
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors

PHONES = {"RUB": "79161234567", "KGS": "996555010203"}
NAME = "Айгуль Токтогулова"
SUM = "250.00"


@dataclass(frozen=True)
class Told:
    """What a provider tells of one payment. `number` and `provider_id`: of a top-up that we began."""

    key: str
    account: str
    amount: Money
    at_s: int  # Unix time of the telling
    number: str = ""
    provider_id: str = ""


@dataclass(frozen=True)
class Case:
    """One protocol. `says` makes the notice of a payment by this secret; `proves` is what the secret vouches for."""

    name: str
    opener: Opener
    table: Mapping[str, object]
    says: Callable[[Told, str], WireRequest]
    proves: str = "nothing"  # nothing, speaker, content
    hidden: tuple[str, ...] = field(default=(), repr=False)  # secrets that are shown to nobody

    @property
    def secret(self) -> str:
        """The newest of the partner's."""
        return self.hidden[0] if self.hidden else ""


class Trial:
    """A subscriber with an empty account, the connector, its provider played by the test."""

    def __init__(self, sessions: Sessions, clock: Clock, case: Case) -> None:
        self.clock, self.case = clock, case
        (self.connector,) = case.opener([case.table], Opening("https://t.k5.ru", clock, timeout_s=(2.0, 2.0)))
        connectors = Connectors([self.connector])
        self.ports = open_doors(sessions, clock, connectors=connectors)
        self.currency = self.connector.partner.currency
        phone = Msisdn(PHONES[self.currency])
        self.owner = add_subscriber(self.ports, phone, "correct horse", NAME, self.currency)
        self.paid = self.money(SUM)  # what the provider says when it is asked
        if isinstance(self.connector, Starts):
            self._play_provider()

    def money(self, text: str) -> Money:
        """A sum in the partner's currency."""
        return Money.parse(text, self.currency)

    def told(self, **changes: object) -> Told:
        """What the provider tells of a payment of 250.00, begun on our pages where the protocol asks for that."""
        told = Told("700100200300", PHONES[self.currency], self.money(SUM), int(self.clock().timestamp()))
        if isinstance(self.connector, Starts):
            wish = topups.TopUpRequest(
                self.connector.origin, self.money(SUM), "form-1", "https://t.k5.ru/x/{reference}"
            )
            top_up = topups.begin(self.ports, self.owner, wish)
            told = replace(told, number=top_up.number, provider_id=top_up.provider_id)
        return replace(told, **changes)  # type: ignore[arg-type]

    def says(self, told: Told, secret: str | None = None) -> WireRequest:
        """The notice of it, by the partner's secret."""
        return self.case.says(told, self.case.secret if secret is None else secret)

    def deliver(self, request: WireRequest, longest_s: float | None = None) -> WireResponse:
        """Bring a request to K5, now."""
        return notices.take_notice(self.ports, self.connector, replace(request, at=self.clock()), longest_s)

    def balance(self) -> Money:
        """What is on the account."""
        return accounts.purse(self.ports, self.owner.id).balance

    def incidents(self) -> list[str]:
        """What a person must look at."""
        with self.ports.sessions.read() as db:
            return [found.kind for found in incidents.unresolved(db, 1000)]

    def _play_provider(self) -> None:
        def start(top_up: TopUp) -> Started:
            return Started(f"id-{top_up.number}", "https://pay.example/", code="1234567")

        def look(top_up: TopUp) -> Seen:
            return Seen(TopUpState.PAID, self.paid, provider_id=top_up.provider_id)

        for name, played in (("start", start), ("look", look)):
            if hasattr(self.connector, name):
                setattr(self.connector, name, played)
