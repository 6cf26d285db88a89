"""Few payments of one account are open at once; the oldest is ended at its provider. Promises: S21, S22."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from k5web.domain.money import rub
from k5web.domain.payments.connector import Seen
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import ProviderUnknown, TooManyOpen
from k5web.services.payments import booking, open_orders, polling, topups
from k5web.services.payments.topups import TopUpRequest
from k5web.services.ports import Connectors
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.connector import FakeConnector
from tests.services.net import Net

S = TopUpState


class Shop(Net):
    """The house whose made-up network also takes orders."""

    def begin(self, n: int, **more: object) -> TopUp:
        """Press «Пополнить»."""
        wish = TopUpRequest("fake:bank", rub("100.00"), f"form-{n}", "https://k5.example/pay/return/{reference}")
        return topups.begin(self.ports, self.caller, replace(wish, **more))  # type: ignore[arg-type]

    def states(self) -> list[TopUpState]:
        """How everything begun stands, oldest first."""
        return [kept.state for kept in reversed(topups.page(self.ports, self.caller.id))]


@pytest.fixture
def shop(sessions: Sessions) -> Shop:
    """A house that begins payments."""
    return Shop(sessions, Clock())


def test_sixty_bills_leave_three_open(shop: Shop) -> None:
    begun = [shop.begin(n) for n in range(60)]
    assert shop.connector.cancelled == [top_up.number for top_up in begun[:-3]]
    open_ = [top_up for top_up in begun if topups.find(shop.ports, top_up.reference).state is S.WAITING]
    assert open_ == begun[-3:]


def test_the_number_is_a_setting(shop: Shop) -> None:
    shop.ports = replace(shop.ports, most_open=1)
    shop.begin(1)
    shop.begin(2)
    assert shop.states() == [S.CANCELLED, S.WAITING]


def test_the_same_form_ends_nothing(shop: Shop) -> None:
    for _ in range(5):
        for n in range(3):
            shop.begin(n)
    assert (shop.states(), shop.connector.cancelled) == ([S.WAITING] * 3, [])


def test_orders_begun_at_the_same_moment_are_no_more(shop: Shop) -> None:
    def press(n: int) -> bool:
        try:
            return shop.begin(n).state is S.WAITING
        except TooManyOpen:
            return False

    with ThreadPoolExecutor(8) as crowd:
        assert any(crowd.map(press, range(8)))
    assert shop.states().count(S.WAITING) + shop.states().count(S.NEW) <= 3


def test_what_is_paid_held_or_over_takes_no_place(shop: Shop) -> None:
    for n, state in enumerate((S.PAID, S.HELD, S.DECLINED, S.EXPIRED)):
        top_up = shop.begin(n)
        shop.connector.seen[top_up.number] = Seen(state, rub("100.00"), provider_id=f"id-{top_up.number}")
        topups.look(shop.ports, top_up.reference)
    for n in range(10, 13):
        shop.begin(n)
    assert shop.connector.cancelled == []
    shop.clock.forward(minutes=20)
    for n in range(20, 23):
        shop.begin(n)
    assert shop.connector.cancelled == [], "whose time is over cannot be paid any more"


class Unending(FakeConnector):
    """A provider whose orders end by themselves only."""

    cancel = None  # type: ignore[assignment]


class Codes(FakeConnector):
    """A provider that is told nothing: payers bring it a code of ours."""

    start = None  # type: ignore[assignment]


def test_a_provider_that_cannot_end_an_order_gets_no_fourth(shop: Shop) -> None:
    shop.connector = Unending(shop.connector.partner)
    shop.ports = replace(shop.ports, connectors=Connectors([shop.connector]))
    for n in range(3):
        shop.begin(n)
    with pytest.raises(TooManyOpen):
        shop.begin(3)
    assert len(shop.connector.started) == 3
    shop.clock.forward(minutes=20)
    shop.begin(4)


def test_a_provider_that_is_silent_gets_no_fourth_and_loses_no_payment(shop: Shop) -> None:
    begun = [shop.begin(n) for n in range(3)]
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    with pytest.raises(TooManyOpen):
        shop.begin(3)
    assert shop.states() == [S.WAITING] * 3
    shop.connector.seen[begun[0].number] = Seen(S.PAID, rub("100.00"), provider_id=f"id-{begun[0].number}")
    shop.clock.forward(minutes=1)
    polling.poll(shop.ports)
    assert shop.balance() == rub("100.00")


def test_a_payment_for_an_order_that_was_ended_is_credited(shop: Shop) -> None:
    begun = [shop.begin(n) for n in range(4)]
    number = begun[0].number
    assert shop.states()[0] is S.CANCELLED
    shop.connector.seen[number] = Seen(S.PAID, rub("100.00"), provider_id=f"id-{number}")
    assert shop.says(do="order", number=number, sum="100.00") == "noted"
    assert (shop.states()[0], shop.balance()) == (S.PAID, rub("100.00"))
    shop.assert_sound()


@pytest.mark.parametrize("told", [S.EXPIRED, S.DECLINED])
def test_a_look_that_tells_the_end_first_does_not_hide_who_ended_it(shop: Shop, told: S) -> None:
    """Between the provider's yes and our own entry the worker asks, and is told that the order is over."""
    top_up, cancel = shop.begin(1), shop.connector.cancel

    def cancel_seen_by_the_worker(order: TopUp) -> None:
        cancel(order)
        booking.book_seen(shop.ports, shop.connector, order, Seen(told))

    shop.connector.cancel = cancel_seen_by_the_worker  # type: ignore[assignment, method-assign]
    assert open_orders.take_back(shop.ports, top_up).state is S.CANCELLED
    assert shop.states() == [S.CANCELLED]


def test_an_automatic_top_up_neither_ends_a_page_nor_waits_for_one(shop: Shop) -> None:
    for n in range(3):
        shop.begin(n)
    shop.begin(4, is_automatic=True)
    assert (shop.states(), shop.connector.cancelled) == ([S.WAITING] * 4, [])


def test_a_code_that_no_provider_knows_is_ended_here(shop: Shop) -> None:
    shop.connector = Codes(shop.connector.partner)
    shop.ports = replace(shop.ports, connectors=Connectors([shop.connector]))
    begun = [shop.begin(n) for n in range(4)]
    assert shop.states() == [S.CANCELLED, S.WAITING, S.WAITING, S.WAITING]
    refused = shop.pays("1", sum="100.00", code=begun[0].code)
    assert refused == "refused account_unknown", "the wallet gives the money back"
    assert shop.pays("2", sum="100.00", code=begun[1].code).startswith("paid")
