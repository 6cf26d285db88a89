"""A subscriber, a real ledger and the simulated card gateway within reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlencode

from connectors.cards.callback import HmacSeal, signed_text
from connectors.cards.sandbox_bank import CARDS, Behaviour, SandboxOrder
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import Money, rub
from k5web.domain.payments.notice import WireRequest
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import statements
from k5web.services.books.verify import verify
from k5web.services.payments import notices, polling, refunds, topups
from k5web.services.ports import Connectors
from k5web.storage import incidents
from k5web.storage.books import ledger
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.cards.acquirer import PUBLIC_URL, TOKEN, Gateway
from tests.fakes.doors import open_doors


class CardHouse:
    """One subscriber with an empty account, one acquirer, and its gateway within reach."""

    def __init__(self, sessions: Sessions, clock: Clock, gateway: Gateway) -> None:
        self.clock, self.gateway = clock, gateway
        connectors = Connectors([gateway.connector])
        self.ports = open_doors(sessions, clock, connectors=connectors)
        self.owner = add_subscriber(self.ports, Msisdn("79161234567"), "correct horse", "Анна")
        self._forms = 0

    def begin(self, amount: str = "500.00", **more: object) -> TopUp:
        """Begin a top-up as the page does."""
        self._forms += 1
        back = f"{PUBLIC_URL}/pay/return/{{reference}}"
        wish = topups.TopUpRequest("cards:demo", rub(amount), f"form-{self._forms}", back, keeps_card=True)
        return topups.begin(self.ports, self.owner, replace(wish, **more))  # type: ignore[arg-type]

    def order(self, top_up: TopUp) -> SandboxOrder:
        """Return the gateway's side of it."""
        return self.gateway.bank.find(top_up.provider_id, top_up.number)

    def pay(self, top_up: TopUp, card: str = "4111111111111111", **fields: str) -> SandboxOrder:
        """Pay on the gateway's page; nobody has told K5."""
        order = self.order(top_up)
        self.gateway.bank.pay(order, card, "203012", "keep" in fields)
        return order

    def call_back(self, order: SandboxOrder, operation: str = "deposited", **changed: str) -> int:
        """Tell K5 as the gateway does; return K5's status."""
        parameters = {"mdOrder": order.id, "orderNumber": order.number, "operation": operation, "status": "1"} | changed
        return self.say(parameters | {"checksum": HmacSeal.of(TOKEN).checksum(signed_text(parameters))})

    def say(self, parameters: dict[str, str]) -> int:
        """Bring these parameters to K5's address."""
        connector = self.gateway.connector
        path = f"/hooks/{connector.address}"
        request = WireRequest("GET", path, urlencode(parameters), {}, b"", "127.0.0.1", self.clock())
        return notices.take_notice(self.ports, connector, request).status

    def poll(self) -> None:
        """Let the worker ask about what is due."""
        polling.poll(self.ports)

    def refund(self, top_up: TopUp, amount: str) -> TopUp:
        """Have staff give money back."""
        return refunds.refund(self.ports, top_up.reference, rub(amount), "staff:1")

    def spend(self, amount: str) -> None:
        """Use up money, as calls do."""
        now = self.clock()
        with self.ports.sessions.begin() as db:
            move = Move(ledger.purse(db, self.owner.id).account_id, -rub(amount).minor, "sale.call")
            name = EventName("order", f"spent-{now.isoformat()}")
            ledger.record(db, Event(self.owner.id, name, (move,), "test", now), self.ports.today(), now)

    def amounts(self) -> list[str]:
        """Return what the statement shows, newest first."""
        return [str(line.posting.amount) for line in statements.statement(self.ports, self.owner.id).lines]

    def state(self, top_up: TopUp) -> TopUpState:
        return topups.find(self.ports, top_up.reference).state

    def balance(self) -> Money:
        with self.ports.sessions.read() as db:
            return ledger.purse(db, self.owner.id).balance

    def incidents(self) -> set[str]:
        with self.ports.sessions.read() as db:
            return {found.kind for found in incidents.unresolved(db, 1000)}


@contextmanager
def open_card_house(sessions: Sessions, clock: Clock, **gateway: str) -> Iterator[CardHouse]:
    """Open the house and its gateway; afterwards the ledger must be whole."""
    with Gateway(clock, **gateway) as opened:
        house = CardHouse(sessions, clock, opened)
        yield house
        assert verify(house.ports) == []


DECLINED = next(card for card, behaviour in CARDS.items() if behaviour is Behaviour.DECLINES)


def spoil(house: CardHouse) -> None:
    """Make the kept card one whose bank says no."""
    for binding in house.gateway.bank.bindings.values():
        binding.card = DECLINED
