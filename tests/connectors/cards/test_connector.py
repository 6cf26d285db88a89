"""The connector against the simulated gateway over loopback: both generations, each method, each kind of trouble."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from werkzeug.wrappers import Response

from connectors.cards.sandbox_bank import CARDS, Behaviour
from connectors.cards.sbp import is_sound
from connectors.cards.wire import OrderState
from k5web.domain.money import rub
from k5web.domain.payments.connector import KeepsCards, Looks, ReadsRegister, Refunds, Started, Starts
from k5web.domain.payments.top_up import TopUpState
from k5web.errors import NumberUsed, ProviderRefused, ProviderUnknown, SavedCardGone
from tests.conftest import Clock
from tests.connectors.cards.acquirer import RECEIPT, Gateway, a_top_up, answer, begun, paid
from tests.processes import wait_for

pytestmark = pytest.mark.server

S = TopUpState
DECLINED_CARD = "4000000000000002"
ISSUER_CARD = "5555555555554444"


def test_the_connector_satisfies_every_port(classic: Gateway) -> None:
    for port in (Starts, Looks, Refunds, KeepsCards, ReadsRegister):
        assert isinstance(classic.connector, port)


def test_an_order_is_registered_paid_and_seen(gateway: Gateway, clock: Clock) -> None:
    top_up = begun(gateway, a_top_up(clock))
    assert top_up.pay_url == f"{gateway.url}/payment/page?mdOrder={top_up.provider_id}"
    assert gateway.connector.look(top_up).state is S.WAITING
    back = gateway.page(Started(top_up.provider_id)).pay()
    assert back == f"{top_up.return_url}?orderId={top_up.provider_id}&lang=ru"
    seen = gateway.connector.look(top_up)
    assert (seen.state, seen.amount, seen.provider_id) == (S.PAID, rub("500.00"), top_up.provider_id)
    assert (seen.card_mask, seen.occurred_at) == ("4111**1111", clock())
    assert gateway.told == [("K5-8841-12", "deposited", True)]


def test_an_order_ends_when_its_time_is_over(gateway: Gateway, clock: Clock) -> None:
    started = gateway.connector.start(a_top_up(clock))
    assert started.expires_at is not None
    assert (started.expires_at - clock()).total_seconds() == 1200
    clock.forward(seconds=1199)
    top_up = a_top_up(clock, provider_id=started.provider_id)
    assert gateway.connector.look(top_up).state is S.WAITING
    clock.forward(seconds=1)
    assert gateway.connector.look(top_up).state is S.EXPIRED


def test_the_issuer_is_asked_before_the_money_is_taken(gateway: Gateway, clock: Clock) -> None:
    top_up = begun(gateway, a_top_up(clock))
    page = gateway.page(Started(top_up.provider_id))
    assert page.pay(ISSUER_CARD) == f"issuer?orderId={top_up.provider_id}"
    assert gateway.connector.look(top_up).state is S.WAITING
    assert page.prove().startswith(top_up.return_url)
    assert gateway.connector.look(top_up).state is S.PAID


def test_three_failed_tries_end_an_order_and_one_does_not(gateway: Gateway, clock: Clock) -> None:
    top_up = begun(gateway, a_top_up(clock))
    page = gateway.page(Started(top_up.provider_id))
    for state in (S.WAITING, S.WAITING, S.DECLINED):
        page.pay(DECLINED_CARD)
        assert gateway.connector.look(top_up).state is state
    assert gateway.told == [("K5-8841-12", "deposited", False)] * 3


def test_a_second_try_with_another_card_pays(gateway: Gateway, clock: Clock) -> None:
    top_up = begun(gateway, a_top_up(clock))
    page = gateway.page(Started(top_up.provider_id))
    assert "отказал" not in page.read()
    page.pay(DECLINED_CARD)
    assert "отказал" in page.read()
    page.pay()
    assert gateway.connector.look(top_up).state is S.PAID


def test_money_may_be_taken_after_the_payer_went_away(gateway: Gateway, clock: Clock) -> None:
    top_up = begun(gateway, a_top_up(clock))
    card = next(card for card, behaviour in CARDS.items() if behaviour is Behaviour.PAYS_LATE)
    gateway.page(Started(top_up.provider_id)).pay(card)
    wait_for(lambda: gateway.connector.look(top_up).state is S.PAID, "the money is taken")


def test_a_bank_that_does_not_answer_ends_the_order(gateway: Gateway, clock: Clock) -> None:
    top_up = begun(gateway, a_top_up(clock))
    card = next(card for card, behaviour in CARDS.items() if behaviour is Behaviour.TIMES_OUT)
    gateway.page(Started(top_up.provider_id)).pay(card)
    assert gateway.connector.look(top_up).state is S.EXPIRED


def test_in_two_stages_the_money_is_held_until_the_bank_is_told(clock: Clock) -> None:
    with Gateway(clock, two_stage=True) as gateway:
        top_up = begun(gateway, a_top_up(clock))
        gateway.page(Started(top_up.provider_id)).pay()
        assert gateway.connector.look(top_up).state is S.HELD
        assert gateway.told == [("K5-8841-12", "approved", True)]
        gateway.bank.deposit(gateway.bank.orders[top_up.provider_id], 50000)
        assert gateway.connector.look(top_up).state is S.PAID


# Saved cards


def test_a_card_is_kept_charged_and_forgotten(gateway: Gateway, clock: Clock) -> None:
    first = paid(gateway, a_top_up(clock), keep="1")
    card = gateway.connector.look(first).saved_card
    assert card is not None
    assert (card.mask, card.expires) == ("4111**1111", "203012")
    second = begun(gateway, a_top_up(clock, reference="K5-8841-13", saved_card_id=card.id, is_automatic=True))
    assert second.pay_url == ""
    assert gateway.connector.look(second).state is S.PAID
    gateway.connector.forget_card(card.id)
    gateway.connector.forget_card(card.id)  # it is forgotten: fine
    with pytest.raises(SavedCardGone):
        begun(gateway, a_top_up(clock, reference="K5-8841-14", saved_card_id=card.id))


def test_somebody_else_s_card_cannot_be_charged(gateway: Gateway, clock: Clock) -> None:
    card = gateway.connector.look(paid(gateway, a_top_up(clock), keep="1")).saved_card
    assert card is not None
    stranger = a_top_up(clock, reference="K5-77-1", payer_key="k5-cust-other", saved_card_id=card.id)
    with pytest.raises(SavedCardGone):
        gateway.connector.start(stranger)


def test_a_saved_card_s_issuer_may_want_the_payer_to_prove_it(gateway: Gateway, clock: Clock) -> None:
    first = begun(gateway, a_top_up(clock))
    page = gateway.page(Started(first.provider_id))
    page.pay(ISSUER_CARD, keep="1")
    page.prove()
    card = gateway.connector.look(first).saved_card
    assert card is not None
    second = begun(gateway, a_top_up(clock, reference="K5-8841-13", saved_card_id=card.id))
    assert second.pay_url.startswith(gateway.url)
    assert gateway.connector.look(second).state is S.WAITING  # the call itself is never a payment
    gateway.page(Started(second.provider_id)).prove()
    assert gateway.connector.look(second).state is S.PAID


def test_a_charge_without_an_answer_is_looked_at(gateway: Gateway, clock: Clock) -> None:
    card = gateway.connector.look(paid(gateway, a_top_up(clock), keep="1")).saved_card
    assert card is not None
    gateway.does_first, gateway.trouble = True, {"paymentOrderBinding": lambda: Response(status=502)}
    second = begun(gateway, a_top_up(clock, reference="K5-8841-13", saved_card_id=card.id, is_automatic=True))
    assert gateway.connector.look(second).state is S.PAID


# Money that goes back


def test_on_the_same_day_all_of_it_is_reversed(gateway: Gateway, clock: Clock) -> None:
    top_up = paid(gateway, a_top_up(clock))
    gateway.connector.refund(top_up, rub("500.00"), "r1")
    assert gateway.bank.orders[top_up.provider_id].state is OrderState.REVERSED
    seen = gateway.connector.look(top_up)
    assert (seen.state, seen.refunded) == (S.REFUNDED, rub("500.00"))


def test_later_and_for_a_part_it_is_refunded(gateway: Gateway, clock: Clock) -> None:
    top_up = paid(gateway, a_top_up(clock))
    gateway.connector.refund(top_up, rub("100.00"), "r1")
    assert gateway.connector.look(top_up).refunded == rub("100.00")
    assert gateway.connector.look(top_up).state is S.PART_REFUNDED
    clock.forward(days=1)
    gateway.connector.refund(top_up, rub("400.00"), "r2")
    assert gateway.connector.look(top_up).state is S.REFUNDED
    with pytest.raises(ProviderRefused):
        gateway.connector.refund(top_up, rub("0.01"), "r3")


def test_row_16_where_the_gateway_will_not_reverse_again_it_is_a_refund(gateway: Gateway, clock: Clock) -> None:
    top_up = paid(gateway, a_top_up(clock))
    order = gateway.bank.orders[top_up.provider_id]
    gateway.bank.reverse(order, 10000)  # in the bank's console
    seen = gateway.connector.look(top_up)
    assert (seen.state, seen.refunded) == (S.PART_REFUNDED, rub("100.00"))
    order.deposited = order.approved = 50000  # settled meanwhile: the gateway forgets the part, not the reversal
    gateway.connector.refund(top_up, rub("500.00"), "r1")
    assert order.state is OrderState.REFUNDED


def test_a_reversal_that_failed_in_the_gateway_may_have_been_made(gateway: Gateway, clock: Clock) -> None:
    """Code 7 is the gateway's own trouble: that no refund is left to make proves nothing, the state decides."""
    top_up = paid(gateway, a_top_up(clock))
    gateway.does_first = True
    for code in ("5", "6", "9"):
        refusal = answer(f'{{"errorCode":"{code}"}}')
        gateway.trouble = {"reverse": answer('{"errorCode":"7"}'), "refund": refusal}
        with pytest.raises(ProviderUnknown):
            gateway.connector.refund(top_up, rub("500.00"), "r1")
    assert gateway.connector.look(top_up).state is S.REFUNDED


def test_row_14_a_refund_without_an_answer_is_told_by_its_sum(gateway: Gateway, clock: Clock) -> None:
    top_up = paid(gateway, a_top_up(clock))
    for is_done, sums in ((False, rub("0.00")), (True, rub("100.00"))):
        gateway.does_first, gateway.trouble = is_done, {"refund": lambda: Response(status=504)}
        with pytest.raises(ProviderUnknown):
            gateway.connector.refund(top_up, rub("100.00"), "r1")
        assert gateway.connector.look(top_up).refunded == sums


# Trouble


def test_row_1_a_lost_registration_is_found_by_its_number_and_tried_under_another(
    gateway: Gateway, clock: Clock
) -> None:
    top_up = a_top_up(clock)
    gateway.does_first, gateway.trouble = True, {"register": lambda: Response(status=504)}
    with pytest.raises(ProviderUnknown):
        gateway.connector.start(top_up)
    gateway.trouble = {}
    lost = gateway.connector.look(top_up)  # by the number: the id was lost
    assert (lost.state, bool(lost.provider_id)) == (S.WAITING, True)
    again = begun(gateway, replace(top_up, attempt=2))
    assert {order.number for order in gateway.bank.orders.values()} == {"K5-8841-12", "K5-8841-12-2"}
    gateway.page(Started(again.provider_id)).pay()
    assert gateway.connector.look(again).state is S.PAID


def test_row_2_a_number_that_is_used_is_told_apart(gateway: Gateway, clock: Clock) -> None:
    begun(gateway, a_top_up(clock))
    with pytest.raises(NumberUsed):
        gateway.connector.start(a_top_up(clock))


def test_an_order_the_gateway_does_not_know_is_unclear(gateway: Gateway, clock: Clock) -> None:
    assert gateway.connector.look(a_top_up(clock)).state is S.UNCLEAR
    assert gateway.connector.look(a_top_up(clock, provider_id="no-such-order")).state is S.UNCLEAR


@pytest.mark.parametrize("trouble", [answer("", 500), answer("", 404), answer("<html>"), answer('{"errorCode":"7"}')])
def test_no_trouble_with_a_look_is_taken_for_a_state(
    trouble: Callable[[], Response], classic: Gateway, clock: Clock
) -> None:
    top_up = begun(classic, a_top_up(clock))
    classic.trouble = {"getOrderStatusExtended": trouble}
    with pytest.raises(ProviderUnknown):
        classic.connector.look(top_up)


@pytest.mark.parametrize("said", ["{}", '{"errorCode":"0"}', '{"errorCode":"6"}', '{"orderStatus":2}'])
def test_an_answer_without_the_order_is_unclear(said: str, classic: Gateway, clock: Clock) -> None:
    top_up = begun(classic, a_top_up(clock))
    classic.trouble = {"getOrderStatusExtended": answer(said)}
    assert classic.connector.look(top_up).state is S.UNCLEAR


# What is sent


def test_the_receipt_goes_with_the_order_and_with_what_goes_back(gateway: Gateway, clock: Clock) -> None:
    with Gateway(clock, protocol=gateway.table["protocol"], receipt=RECEIPT) as fiscal:
        top_up = paid(fiscal, a_top_up(clock, payer_phone="79161234567"))
        clock.forward(days=1)
        fiscal.connector.refund(top_up, rub("100.00"), "r1")
        sale, back = (json.loads(fiscal.asked[name]["orderBundle"]) for name in ("register", "refund"))
    assert (sale["receiptType"], sale["total"]) == ("sell", 50000)
    assert (back["receiptType"], back["total"]) == ("sell_refund", 10000)


def test_a_sound_link_for_the_bank_s_app_is_shown(gateway: Gateway, clock: Clock) -> None:
    with Gateway(clock, protocol=gateway.table["protocol"], sbp=True) as linked:
        started = linked.connector.start(a_top_up(clock))
        assert is_sound(started.qr, rub("500.00"))
        assert started.pay_url
        linked.trouble = {
            "register": answer(
                json.dumps(
                    {
                        "orderId": "1",
                        "formUrl": linked.url,
                        "externalParams": {"sbpPayload": started.qr.replace("sum=50000", "sum=500")},
                    }
                )
            )
        }
        assert linked.connector.start(a_top_up(clock)).qr == ""
