"""The worker asks about top-ups whose end no notice brought, by the connector's pauses, for a day."""

from datetime import timedelta

from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUpState
from k5web.errors import (
    ProviderUnknown,
)
from k5web.services.payments import polling
from tests.services.payments.shop import PAID, Shop


def test_the_worker_looks_by_the_connectors_pauses_and_gives_up_after_a_day(shop: Shop) -> None:
    top_up = shop.begin()
    begun = shop.clock()
    looked = []
    for _ in range(26 * 60):
        shop.clock.forward(minutes=1)
        if polling.poll(shop.ports):
            looked.append((shop.clock() - begun) // timedelta(minutes=1))
    assert looked[:5] == [1, 3, 10, 70, 130]
    assert looked[-1] <= 25 * 60
    assert shop.incidents() == ["topup_unheard"]
    assert shop.state(top_up) is TopUpState.EXPIRED
    assert polling.poll(shop.ports) == 0


def test_trouble_with_one_top_up_stops_no_other(shop: Shop) -> None:
    first, second = shop.begin("form-1"), shop.begin("form-2")
    shop.provider_says(second.number, PAID)
    shop.provider_says(first.number, PAID)
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    shop.clock.forward(minutes=1)
    polling.poll(shop.ports)
    assert sorted(shop.state(top_up) for top_up in (first, second)) == sorted([TopUpState.WAITING, PAID])
    shop.clock.forward(minutes=2)
    polling.poll(shop.ports)
    assert shop.balance() == rub("200.00")
