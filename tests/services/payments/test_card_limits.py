"""Limits on cards count what the gateway saw, and end the pages that are open. Promises: S21, on both databases."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from werkzeug.wrappers import Response

from app import CARD_TRIES_OF_DEMO
from connectors.cards.sandbox_bank import CARDS, Behaviour, Refused, SandboxOrder
from connectors.cards.wire import OrderState
from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.errors import ProviderRefused, TooManyCards
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import topups
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.card_house import CardHouse, open_card_house

pytestmark = pytest.mark.server

S = TopUpState
DECLINED = next(card for card, behaviour in CARDS.items() if behaviour is Behaviour.DECLINES)


@pytest.fixture(params=["rbs", "rbs-ecom"])
def house(request: pytest.FixtureRequest, sessions: Sessions, clock: Clock) -> Iterator[CardHouse]:
    """The house before a gateway of either generation, on either database."""
    with open_card_house(sessions, clock, protocol=request.param) as house:
        yield house


def try_card(house: CardHouse, top_up: TopUp, card: str = DECLINED) -> bool:
    """Type a card on an open page; the gateway tells K5 what became of it. Return whether it took the card."""
    try:
        order = house.pay(top_up, card)
    except Refused:
        return False
    assert house.call_back(order, status="1" if order.deposited else "0") == 200
    return True


def orders(house: CardHouse) -> list[SandboxOrder]:
    return list(house.gateway.bank.orders.values())


def test_twenty_orders_opened_beforehand_leave_few_tries(house: CardHouse) -> None:
    """D4: three open at once and five declined tries are the end of it, not sixty."""
    opened = [house.begin() for _ in range(20)]
    assert sum(order.is_payable for order in orders(house)) == 3
    taken = sum(try_card(house, top_up) for top_up in opened for _ in range(3))
    assert taken == 5
    assert sum(order.tries for order in orders(house)) == 5
    assert not any(order.is_payable for order in orders(house))
    with pytest.raises(TooManyCards):
        house.begin()
    assert house.incidents() == {"card_testing"}


def test_every_declined_try_of_one_page_counts(house: CardHouse, caplog: pytest.LogCaptureFixture) -> None:
    first, second = house.begin(), house.begin()
    for _ in range(3):
        assert try_card(house, first)
    assert house.begin().state is S.WAITING
    with caplog.at_level(logging.ERROR):
        assert [try_card(house, second) for _ in range(3)] == [True, True, False]
        for _ in range(2):
            with pytest.raises(TooManyCards):
                house.begin()
    assert caplog.text.count("too many cards are tried") == 1, "once a day"
    assert house.incidents() == {"card_testing"}
    house.clock.forward(days=1)
    assert house.begin().state is S.WAITING


def test_a_house_that_is_tried_lets_every_test_card_be_tried_again_and_again(house: CardHouse) -> None:
    """What a real house takes in a day stays as it is: the tests around this one say how much that is."""
    house.ports = replace(house.ports, card_tries=CARD_TRIES_OF_DEMO)
    for card in [*CARDS] * 3:
        assert try_card(house, house.begin(), card)
    assert house.incidents() == set()


def test_tries_count_though_no_call_back_told_of_them(house: CardHouse) -> None:
    for _ in range(2):
        top_up = house.begin()
        for _ in range(3):
            house.pay(top_up, DECLINED)
        topups.look(house.ports, top_up.reference)
    with pytest.raises(TooManyCards):
        house.begin()


def test_a_call_back_that_is_repeated_counts_for_no_more_than_a_page_takes(house: CardHouse) -> None:
    order = house.pay(house.begin(), DECLINED)
    for _ in range(9):
        assert house.call_back(order, status="0") == 200
    assert house.begin().state is S.WAITING


def test_a_try_that_failed_before_the_payment_counts_too(house: CardHouse) -> None:
    for _ in range(2):
        top_up = house.begin("100.00")
        assert [try_card(house, top_up, card) for card in (DECLINED, DECLINED, "4111111111111111")] == [True] * 3
    assert house.balance() == rub("200.00")
    assert try_card(house, house.begin())
    with pytest.raises(TooManyCards):
        house.begin()


def test_cards_of_one_page_are_counted_one_by_one(house: CardHouse) -> None:
    top_up = house.begin()
    for ends in ("1111", "2222", "3333"):
        try_card(house, top_up, f"422222222222{ends}")
    with pytest.raises(TooManyCards):
        house.begin()
    house.owner = add_subscriber(house.ports, Msisdn("79161234568"), "correct horse", "Борис")
    assert house.begin().state is S.WAITING, "another account is not meant"


def test_an_old_page_is_ended_at_the_gateway_when_a_new_one_begins(house: CardHouse) -> None:
    opened = [house.begin() for _ in range(4)]
    assert [house.order(top_up).is_payable for top_up in opened] == [False, True, True, True]
    assert [house.state(top_up) for top_up in opened] == [S.CANCELLED, S.WAITING, S.WAITING, S.WAITING]
    assert not try_card(house, opened[0])
    assert try_card(house, opened[1], "4111111111111111")
    assert house.balance() == rub("500.00")


def test_a_payment_that_comes_in_while_its_page_is_ended_is_credited(house: CardHouse) -> None:
    """The gateway refuses to end what is paid: the look finds the money, nobody's call-back is needed."""
    opened = [house.begin() for _ in range(3)]
    house.pay(opened[0])
    house.begin()
    assert (house.state(opened[0]), house.balance()) == (S.PAID, rub("500.00"))
    assert house.order(opened[1]).is_payable, "one place was free then"


@pytest.mark.parametrize("is_told", [True, False])
def test_a_payment_that_comes_after_its_page_was_ended_is_credited(house: CardHouse, is_told: bool) -> None:
    """3-D Secure was under way at that moment. Without a call-back the worker asks once more."""
    opened = [house.begin() for _ in range(4)]
    order = house.order(opened[0])
    assert house.state(opened[0]) is S.CANCELLED
    order.state, order.deposited, order.action, order.taken_at = OrderState.TAKEN, 50000, "0", house.clock()
    if is_told:
        assert house.call_back(order) == 200
    else:
        house.clock.forward(minutes=5)
        house.poll()
    assert (house.state(opened[0]), house.balance()) == (S.PAID, rub("500.00"))
    assert house.incidents() == set()


def test_an_ended_page_is_asked_about_once_and_no_more(house: CardHouse) -> None:
    for _ in range(4):
        house.begin()
    for _ in range(26):
        house.clock.forward(hours=1)
        house.poll()
    assert "topup_unheard" not in house.incidents()
    assert {kept.look_at for kept in topups.page(house.ports, house.owner.id)} == {None}


def test_a_gateway_that_ends_nothing_keeps_the_number_of_pages(house: CardHouse) -> None:
    house.gateway.trouble = {"decline": lambda: Response(status=500)}
    opened = [house.begin() for _ in range(3)]
    with pytest.raises(Exception, match="payments are open already"):
        house.begin()
    assert [house.state(top_up) for top_up in opened] == [S.WAITING] * 3
    house.gateway.trouble = {}
    house.clock.forward(minutes=20)
    assert house.begin().state is S.WAITING, "they ran out"


def test_s21_one_card_may_pay_as_often_as_it_likes(house: CardHouse) -> None:
    for _ in range(4):
        house.call_back(house.pay(house.begin("100.00")))
    assert house.balance() == rub("400.00")


def test_s21_a_gateway_s_own_trouble_is_no_decline(house: CardHouse) -> None:
    house.gateway.trouble = {"register": lambda: Response(status=429)}
    for _ in range(6):
        with pytest.raises(ProviderRefused):
            house.begin()
    house.gateway.trouble = {}
    assert house.begin().state is TopUpState.WAITING
