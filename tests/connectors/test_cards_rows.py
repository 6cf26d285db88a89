"""The edge cases of the card gateway, row by row, through the services: the simulated gateway, a real ledger."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from werkzeug.wrappers import Response

from connectors.cards.callback import HmacSeal, signed_text
from connectors.cards.sandbox_bank import Order
from connectors.cards.wire import OrderState
from k5web.domain.call import Switches
from k5web.domain.ledger import Event, EventName, Move
from k5web.domain.money import Money, rub
from k5web.domain.number import Msisdn
from k5web.domain.topup import TopUp, TopUpState, WireRequest
from k5web.errors import ProviderUnknown
from k5web.services import notices, statements, topups
from k5web.services.accounts import add_subscriber
from k5web.services.ports import Connectors, Ports
from k5web.services.ratebook import RateBook
from k5web.services.verify import verify
from k5web.storage import calls, ledger
from k5web.storage import topups as stored
from k5web.storage.session import Sessions, open_sessions
from tests.conftest import Clock
from tests.connectors.cards import PUBLIC_URL, TOKEN, Gateway
from tests.fakes.switch import FakeSwitch

pytestmark = pytest.mark.server

S = TopUpState


class CardHouse:
    """One subscriber with an empty account, one acquirer, and its gateway within reach."""

    def __init__(self, sessions: Sessions, clock: Clock, gateway: Gateway) -> None:
        self.clock, self.gateway = clock, gateway
        connectors = Connectors([gateway.connector])
        self.ports = Ports(sessions, Switches([FakeSwitch(clock)]), RateBook(sessions, clock), clock, connectors)
        self.owner = add_subscriber(self.ports, Msisdn("79161234567"), "correct horse", "Анна")
        self._forms = 0

    def begin(self, amount: str = "500.00", **more: object) -> TopUp:
        """Begin a top-up as the page does."""
        self._forms += 1
        wish = topups.Wish("cards:demo", rub(amount), f"form-{self._forms}", f"{PUBLIC_URL}/pay/return/{{reference}}")
        return topups.begin(self.ports, self.owner, replace(wish, **more))  # type: ignore[arg-type]

    def order(self, top_up: TopUp) -> Order:
        """Return the gateway's side of it."""
        return self.gateway.bank.find(top_up.provider_id, top_up.number)

    def pay(self, top_up: TopUp, card: str = "4111111111111111", **fields: str) -> Order:
        """Pay on the gateway's page; nobody has told K5."""
        order = self.order(top_up)
        self.gateway.bank.pay(order, card, "203012", "keep" in fields)
        return order

    def call_back(self, order: Order, operation: str = "deposited", **changed: str) -> int:
        """Tell K5 as the gateway does; return K5's status."""
        parameters = {"mdOrder": order.id, "orderNumber": order.number, "operation": operation, "status": "1"} | changed
        return self.say(parameters | {"checksum": HmacSeal.of(TOKEN).checksum(signed_text(parameters))})

    def say(self, parameters: dict[str, str]) -> int:
        """Bring these parameters to K5's address."""
        connector = self.gateway.connector
        path = f"/hooks/{connector.address}"
        request = WireRequest("GET", path, urlencode(parameters), {}, b"", "127.0.0.1", self.clock())
        return notices.take_notice(self.ports, connector, request).status

    def spend(self, amount: str) -> None:
        """Use up money, as calls do."""
        now = self.clock()
        with self.ports.sessions.begin() as db:
            move = Move(ledger.purse(db, self.owner.id).account_id, -rub(amount).minor, "sale.call")
            name = EventName("order", f"spent-{now.isoformat()}")
            ledger.post(db, Event(self.owner.id, name, (move,), "test", now), self.ports.today(), now)

    def amounts(self) -> list[str]:
        """Return what the statement shows, newest first."""
        return [str(line.posting.amount) for line in statements.statement(self.ports, self.owner.id).lines]

    def state(self, top_up: TopUp) -> TopUpState:
        return topups.find(self.ports, top_up.reference).top_up.state

    def balance(self) -> Money:
        with self.ports.sessions.read() as db:
            return ledger.purse(db, self.owner.id).balance

    def incidents(self) -> set[str]:
        with self.ports.sessions.read() as db:
            return set(calls.incident_kinds(db))


@pytest.fixture
def sessions(sqlite_url: str) -> Iterator[Sessions]:
    """One kind of base is enough here: what differs between them is held by the tests of the services."""
    opened = open_sessions(sqlite_url, sqlite_url)
    yield opened
    opened.dispose()


@pytest.fixture
def house(sessions: Sessions, clock: Clock) -> Iterator[CardHouse]:
    """The house and the gateway; afterwards the ledger is whole."""
    with Gateway(clock) as gateway:
        house = CardHouse(sessions, clock, gateway)
        yield house
        assert verify(house.ports) == []


def test_row_1_a_lost_registration_gets_another_number_and_only_one_is_credited(house: CardHouse) -> None:
    lost = {"register": lambda: Response(status=504)}
    house.gateway.does_first, house.gateway.trouble = True, lost
    house.gateway.heals_after = 1
    top_up = house.begin()
    assert (top_up.state, top_up.number) == (S.WAITING, f"{top_up.reference}-2")
    assert {order.number for order in house.gateway.bank.orders.values()} == {top_up.reference, top_up.number}
    order = house.pay(top_up)
    assert house.call_back(order) == 200
    assert house.balance() == rub("500.00")


def test_row_2_a_used_number_is_the_same(house: CardHouse) -> None:
    house.gateway.trouble = {"register": lambda: Response('{"errorCode":"1"}', content_type="application/json")}
    house.gateway.heals_after = 1
    top_up = house.begin()
    assert (top_up.state, top_up.attempt) == (S.WAITING, 2)


def test_rows_1_and_2_a_gateway_that_stays_silent_is_asked_later(house: CardHouse) -> None:
    house.gateway.does_first, house.gateway.trouble = True, {"register": lambda: Response(status=504)}
    with pytest.raises(ProviderUnknown):
        house.begin()


def test_row_3_a_call_back_that_overtook_the_answer_is_found_by_its_number(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    with house.ports.sessions.begin() as db:  # as it was before the answer to the registration was kept
        kept = stored.lock(db, house.owner.id, 1)
        assert kept is not None
        stored.change(db, kept, house.clock(), provider_id="", pay_url="", state=S.NEW)
    assert house.call_back(order) == 200
    assert house.balance() == rub("500.00")


def test_row_3_a_call_back_about_nothing_we_know_is_to_be_repeated(house: CardHouse) -> None:
    order = house.order(house.begin())
    assert house.call_back(order, orderNumber="K5-1-1") == 500
    assert house.call_back(order, orderNumber="something-else") == 500


def test_row_4_a_repeated_call_back_credits_once(house: CardHouse) -> None:
    order = house.pay(house.begin())
    assert [house.call_back(order) for _ in range(3)] == [200] * 3
    assert house.balance() == rub("500.00")


@pytest.mark.parametrize("checksum", ["0" * 64, ""])
def test_rows_5_and_6_a_forged_call_back_asks_nobody(checksum: str, house: CardHouse) -> None:
    order = house.pay(house.begin())
    house.gateway.asked.clear()
    said = {"mdOrder": order.id, "orderNumber": order.number, "operation": "deposited", "status": "1"}
    assert house.say(said | ({"checksum": checksum} if checksum else {})) == 403
    assert house.gateway.asked == {}
    assert house.balance() == rub("0.00")


def test_row_8_a_call_back_that_is_early_credits_nothing_yet(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.order(top_up)
    for state in (OrderState.REGISTERED, OrderState.AT_ISSUER):
        order.state = state
        assert house.call_back(order) == 200
        assert (house.balance(), house.state(top_up)) == (rub("0.00"), S.WAITING)
    order.state = OrderState.REGISTERED
    house.pay(top_up)
    assert topups.look(house.ports, top_up.reference).state is S.PAID
    assert house.balance() == rub("500.00")


def test_row_9_a_refund_that_is_told_first_is_booked_after_the_credit(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    house.gateway.bank.refund(order, 20000)
    assert house.call_back(order, "refunded") == 200
    assert (house.state(top_up), house.balance()) == (S.PART_REFUNDED, rub("300.00"))
    assert house.call_back(order, "deposited") == 200
    assert house.balance() == rub("300.00")
    assert house.amounts() == ["-200.00", "500.00"]


def test_row_10_a_time_out_after_the_payment_changes_nothing(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    house.call_back(order)
    assert house.call_back(order, "declinedByTimeout") == 200
    assert (house.state(top_up), house.balance()) == (S.PAID, rub("500.00"))


def test_row_11_another_sum_is_an_incident_and_no_credit(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    order.deposited = 49900
    assert house.call_back(order) == 200
    assert house.balance() == rub("0.00")
    assert "topup_amount" in house.incidents()


def test_row_12_the_old_currency_number_is_roubles(house: CardHouse) -> None:
    order = house.pay(house.begin())
    order.currency = "810"
    assert house.call_back(order) == 200
    assert house.balance() == rub("500.00")


def test_row_17_a_payment_reversed_in_the_evening_goes_back(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    house.call_back(order)
    house.spend("100.00")
    house.gateway.bank.reverse(order, None)
    assert house.call_back(order, "reversed") == 200
    assert (house.state(top_up), house.balance()) == (S.REFUNDED, -rub("100.00"))
    assert "topup_refund_short" in house.incidents()


def test_row_18_a_second_paid_order_of_one_top_up_is_credited_and_listed(house: CardHouse) -> None:
    house.gateway.does_first, house.gateway.trouble = True, {"register": lambda: Response(status=504)}
    house.gateway.heals_after = 1
    top_up = house.begin()
    house.call_back(house.pay(top_up))
    lost = next(order for order in house.gateway.bank.orders.values() if order.number == top_up.reference)
    house.gateway.bank.pay(lost, "4111111111111111", "203012", keeps=False)
    assert house.call_back(lost) == 200
    assert house.balance() == rub("1000.00")
    assert "topup_paid_twice" in house.incidents()


def test_row_20_a_part_given_back_at_the_bank_is_debited_by_difference(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.pay(top_up)
    house.call_back(order)
    for part, state, left in (("1", S.PART_REFUNDED, "400.00"), ("4", S.REFUNDED, "0.00")):
        house.gateway.bank.refund(order, int(part) * 10000)
        assert [house.call_back(order, "refunded") for _ in range(2)] == [200, 200]
        assert (house.state(top_up), house.balance()) == (state, rub(left))


def test_money_that_comes_after_the_end_is_credited(house: CardHouse) -> None:
    top_up = house.begin()
    order = house.order(top_up)
    house.clock.forward(minutes=20)
    assert topups.look(house.ports, top_up.reference).state is S.EXPIRED
    order.state, order.deposited, order.action, order.taken_at = OrderState.TAKEN, 50000, "0", house.clock()
    assert house.call_back(order) == 200
    assert (house.state(top_up), house.balance()) == (S.PAID, rub("500.00"))


def test_the_same_form_twice_is_one_order(house: CardHouse) -> None:
    first = house.begin(form_key="one")
    assert house.begin(form_key="one").reference == first.reference
    assert len(house.gateway.bank.orders) == 1
