"""Money that goes back: kept aside, asked of the provider once, booked or freed. Promises: docs/ledger.md."""

from dataclasses import replace
from datetime import timedelta

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.money import Money, rub
from k5web.domain.payments.top_up import RefundState, TopUpState
from k5web.errors import (
    InsufficientFunds,
    NotFound,
    ProviderRefused,
    ProviderUnknown,
    RefundInFlight,
    RefundTooLarge,
    WrongMoney,
)
from k5web.services.books import corrections, promised_payments
from k5web.services.payments import polling, refunds
from tests.fakes.connector import FakeConnector
from tests.services.payments.shop import Shop


def test_a_refund_goes_back_once(shop: Shop) -> None:
    top_up = shop.paid()
    assert refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1").state is TopUpState.PART_REFUNDED
    shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="40.00")
    for _ in range(2):
        shop.look(top_up)
    assert shop.balance() == rub("60.00")
    refunds.refund(shop.ports, top_up.reference, rub("60.00"), "staff:1")
    assert shop.state(top_up) is TopUpState.REFUNDED
    assert shop.balance() == rub("0.00")
    with pytest.raises(RefundTooLarge):
        refunds.refund(shop.ports, top_up.reference, rub("0.01"), "staff:1")
    assert shop.incidents() == []
    shop.assert_sound()


def test_what_may_not_go_back_is_refused_before_any_call(shop: Shop) -> None:
    waiting = shop.begin("form-2")
    top_up = shop.paid()
    with pytest.raises(NotFound):
        refunds.refund(shop.ports, waiting.reference, rub("1.00"), "staff:1")
    with pytest.raises(RefundTooLarge):
        refunds.refund(shop.ports, top_up.reference, rub("100.01"), "staff:1")
    for minor in (0, -1):
        with pytest.raises(WrongMoney):
            refunds.refund(shop.ports, top_up.reference, Money(minor), "staff:1")
    shop.talk(shop.order(), "61")
    with pytest.raises(InsufficientFunds):
        refunds.refund(shop.ports, top_up.reference, rub("100.00"), "staff:1")
    name = EventName("fake:bank", f"id-{top_up.number}")
    corrections.chargeback(shop.ports, shop.caller.id, name, rub("100.00"), "case-1", "staff:1", shop.clock())
    with pytest.raises(RefundTooLarge):
        refunds.refund(shop.ports, top_up.reference, rub("1.00"), "staff:1")
    assert shop.connector.refunded == []


def test_a_refused_refund_frees_the_money(shop: Shop) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderRefused(reason="no")]
    with pytest.raises(ProviderRefused):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert (shop.balance(), shop.held()) == (rub("100.00"), rub("0.00"))
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert shop.balance() == rub("60.00")


@pytest.mark.parametrize("took_place", [True, False])
def test_a_refund_without_an_answer_is_looked_up_before_the_next(shop: Shop, took_place: bool) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    with pytest.raises(ProviderUnknown):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert shop.held() == rub("40.00")
    with pytest.raises(RefundInFlight):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    if took_place:
        shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="40.00")
    shop.clock.now += refunds.SETTLES_IN
    assert polling.poll(shop.ports) == 1
    assert (shop.balance(), shop.held()) == (rub("60.00" if took_place else "100.00"), rub("0.00"))
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    shop.assert_sound()


def test_the_money_of_a_refund_that_may_still_be_carried_out_is_not_freed_by_who_asks_early(shop: Shop) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    with pytest.raises(ProviderUnknown):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    shop.clock.now += refunds.SETTLES_IN - timedelta(seconds=1)
    refunds.settle_unheard(shop.ports, top_up.reference)
    assert shop.held() == rub("40.00")
    shop.clock.now += timedelta(seconds=1)
    refunds.settle_unheard(shop.ports, top_up.reference)
    assert (shop.balance(), shop.held()) == (rub("100.00"), rub("0.00"))


def test_a_refund_that_a_look_has_booked_is_not_booked_again_by_its_answer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_up = shop.paid()

    def refund_and_look(*_asked: object) -> None:
        shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="40.00")
        shop.look(top_up)

    monkeypatch.setattr(shop.connector, "refund", refund_and_look)
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert (shop.balance(), shop.held(), shop.incidents()) == (rub("60.00"), rub("0.00"), [])
    shop.assert_sound()


def test_a_late_refusal_of_one_refund_frees_nothing_of_the_next(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    top_up, refund = shop.paid(), shop.connector.refund

    def refuse_late(*_asked: object) -> None:
        shop.clock.now += refunds.SETTLES_IN
        refunds.settle_unheard(shop.ports, top_up.reference)
        monkeypatch.setattr(shop.connector, "refund", refund)
        shop.connector.troubles = [ProviderUnknown(reason="time-out")]
        with pytest.raises(ProviderUnknown):
            refunds.refund(shop.ports, top_up.reference, rub("30.00"), "staff:1")
        raise ProviderRefused(reason="no")

    monkeypatch.setattr(shop.connector, "refund", refuse_late)
    with pytest.raises(ProviderRefused):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    assert (shop.balance(), shop.held()) == (rub("100.00"), rub("30.00"))


@pytest.mark.parametrize(
    ("told", "balance", "held"),
    [
        (RefundState.DONE, "60.00", "0.00"),
        (RefundState.FAILED, "100.00", "0.00"),
        (RefundState.ABSENT, "100.00", "40.00"),
    ],
)
def test_a_provider_that_tells_of_a_refund_by_its_key_is_believed_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, told: RefundState, balance: str, held: str
) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    with pytest.raises(ProviderUnknown):
        refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    monkeypatch.setattr(FakeConnector, "refund_state", lambda *_asked: told, raising=False)
    refunds.settle_unheard(shop.ports, top_up.reference)
    assert (shop.balance(), shop.held()) == (rub(balance), rub(held))


def test_promised_money_is_not_given_back(shop: Shop) -> None:
    top_up = shop.paid()
    shop.talk(shop.order(), "61")
    shop.ports = replace(shop.ports, promise=PromiseTerms(rub("300.00"), days=3, account_days=0))
    promised_payments.take(shop.ports, shop.caller.id, rub("300.00"), "form-1")
    with pytest.raises(InsufficientFunds) as refusal:
        refunds.refund(shop.ports, top_up.reference, rub("100.00"), "staff:1")
    assert refusal.value.facts["available"] == rub("95.60")
    assert shop.held() == rub("0.00")
    refunds.refund(shop.ports, top_up.reference, rub("95.60"), "staff:1")
    assert shop.balance() == rub("0.00")
