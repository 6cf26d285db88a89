"""Top-ups that K5 begins: written before the provider is asked, begun once, whatever the provider answers.
Promises: A12, S22, docs/ledger.md.
"""

from dataclasses import replace

import pytest

from k5web.domain.money import Money, rub
from k5web.domain.payments.connector import PaymentConnector, Seen, Started
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import (
    Conflict,
    CurrencyMismatch,
    K5Error,
    NotFound,
    NumberUsed,
    ProviderRefused,
    ProviderUnknown,
    SumOutsideLimits,
)
from k5web.services.payments import polling, starting, topups
from k5web.services.payments.booking import book_seen
from k5web.services.payments.topups import TopUpRequest
from k5web.services.ports import Connectors, Ports
from tests.fakes.connector import FakeConnector
from tests.services.payments.shop import PAID, Shop


def test_a_form_begins_one_top_up_however_often_it_is_sent(shop: Shop) -> None:
    first = shop.begin()
    assert (first.reference, first.state) == (f"K5-{shop.caller.id}-1", TopUpState.WAITING)
    assert first.pay_url == f"https://fake.example/{first.number}"
    assert first.return_url == f"https://k5.example/pay/return/{first.reference}"
    assert shop.begin().reference == first.reference
    assert len(shop.connector.started) == 1
    with pytest.raises(Conflict):
        shop.begin(sum="101.00")
    assert shop.begin("form-2").reference == f"K5-{shop.caller.id}-2"
    assert shop.connector.started[0].payer_key == shop.connector.started[1].payer_key
    assert shop.caller.phone is not None
    assert shop.caller.phone.digits not in shop.connector.started[0].payer_key


def test_what_the_partner_does_not_take_is_refused_before_any_call(shop: Shop) -> None:
    for sum_, refusal in (("9.99", SumOutsideLimits), ("15000.01", SumOutsideLimits)):
        with pytest.raises(refusal):
            shop.begin(sum=sum_)
    with pytest.raises(NotFound):
        topups.begin(shop.ports, shop.caller, TopUpRequest("fake:nobody", rub("100.00"), "f", ""))
    with pytest.raises(CurrencyMismatch):
        topups.begin(shop.ports, shop.caller, TopUpRequest("fake:bank", Money(10000, "KGS"), "f", ""))
    shop.change(is_open=False)
    with pytest.raises(ProviderRefused):
        shop.begin()
    assert shop.connector.started == []


def test_a_refused_start_is_declined_and_the_form_shows_it(shop: Shop) -> None:
    shop.connector.troubles = [ProviderRefused(reason="no")]
    with pytest.raises(ProviderRefused):
        shop.begin()
    assert shop.begin().state is TopUpState.DECLINED
    assert len(shop.connector.started) == 1


def test_a_lost_start_gets_a_new_number_after_the_first_was_looked_up(shop: Shop) -> None:
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    top_up = shop.begin()
    first = replace(top_up, attempt=1)
    assert [order.number for order in shop.connector.started] == [first.number, f"{first.number}-2"]
    assert (top_up.state, top_up.attempt) == (TopUpState.WAITING, 2)


def test_an_order_whose_answer_was_lost_is_looked_after_though_the_next_one_is_refused(shop: Shop) -> None:
    troubles = iter([ProviderUnknown(reason="time-out"), ProviderRefused(reason="no connection")])
    shop.connector.on_start = lambda top_up: shop.connector.troubles.append(next(troubles))
    with pytest.raises(ProviderUnknown):
        shop.begin()
    kept = shop.begin()
    assert (kept.state, kept.attempt) == (TopUpState.UNCLEAR, 2)
    assert topups.find(shop.ports, kept.reference).look_at is not None


def test_a_start_that_was_paid_meanwhile_is_not_begun_again(shop: Shop) -> None:
    shop.connector.on_start = lambda top_up: shop.provider_says(top_up.number, PAID)
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    assert shop.begin().state is PAID
    assert len(shop.connector.started) == 1
    assert shop.balance() == rub("100.00")


def test_what_is_paid_between_two_attempts_is_not_begun_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def see(ports: Ports, connector: PaymentConnector, asked: TopUp, seen: Seen) -> TopUp:
        found = book_seen(ports, connector, asked, seen)
        assert shop.says(do="order", number=asked.number, sum="100.00") == "noted"
        return found

    monkeypatch.setattr(starting, "book_seen", see)
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    top_up = shop.begin()
    assert (top_up.state, top_up.attempt, len(shop.connector.started)) == (PAID, 1, 1)
    assert shop.balance() == rub("100.00")
    shop.assert_sound()


def test_a_provider_that_stays_silent_is_asked_by_the_worker(shop: Shop) -> None:
    shop.connector.troubles = [ProviderUnknown(reason="time-out"), ProviderUnknown(reason="time-out")]
    with pytest.raises(ProviderUnknown):
        shop.begin()
    assert len(shop.connector.started) == 1
    top_up = shop.begin()
    assert top_up.state is TopUpState.UNCLEAR
    shop.provider_says(top_up.number, PAID)
    shop.clock.forward(minutes=1)
    assert polling.poll(shop.ports) == 1
    assert shop.balance() == rub("100.00")


def test_the_row_is_there_before_the_provider_is_asked(shop: Shop) -> None:
    """A call-back that is quicker than the answer finds the order, and the answer does not undo it."""

    def pay_at_once(top_up: TopUp) -> None:
        assert shop.says(do="order", number=top_up.number, sum="100.00", id=f"id-{top_up.number}") == "noted"

    shop.connector.on_start = pay_at_once
    assert shop.begin().state is PAID
    assert shop.balance() == rub("100.00")
    shop.assert_sound()


# --- another house's orders


def test_b2_a_provider_that_calls_our_number_used_gets_another(shop: Shop) -> None:
    shop.connector.troubles = [NumberUsed(reason="x"), NumberUsed(reason="x")]
    top_up = shop.begin()
    numbers = [order.number for order in shop.connector.started]
    assert (len(set(numbers)), numbers[-1], top_up.state) == (3, top_up.number, TopUpState.WAITING)
    assert shop.incidents() == ["order_number_used"]
    assert shop.says(do="order", number=numbers[0], sum="100.00") == "refused unknown_payment"


@pytest.mark.parametrize("state", [TopUpState.WAITING, PAID])
def test_b2_used_after_a_lost_answer_may_be_ours_and_is_asked_about(shop: Shop, state: TopUpState) -> None:
    """A provider that takes the same number again: its second answer speaks of what our first request made."""
    shop.connector = Again(shop.connector.partner)
    shop.ports = replace(shop.ports, connectors=Connectors([shop.connector]))
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    shop.connector.answers = [NumberUsed(reason="it is there")]
    shop.connector.on_start = lambda top_up: shop.provider_says(top_up.number, state)
    if state is PAID:
        assert shop.begin().state is PAID
        assert shop.balance() == rub("100.00")
    else:
        with pytest.raises(ProviderRefused):
            shop.begin()
        assert shop.begin().state is TopUpState.UNCLEAR
    assert len({order.number for order in shop.connector.started}) == 1
    assert "order_number_used" not in shop.incidents()


class Again(FakeConnector):
    """A provider that knows an order by our number: the second start has its own answer."""

    starts_are_repeatable = True
    answers: list[K5Error]

    def start(self, top_up: TopUp) -> Started:
        """Begin it, unless an answer to a repeated start is due."""
        if self.started and self.answers:
            self.started.append(top_up)
            raise self.answers.pop(0)
        return super().start(top_up)
