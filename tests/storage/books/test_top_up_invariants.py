"""A sound top-up is no breach, and one that an order not its own credited is named. Promises: I11."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from k5web.domain.money import rub
from k5web.services.books.verify import verify
from k5web.services.payments import topups
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.net import Net
from tests.tamper import tampering

FOREIGN = {
    "an older order of the same number": "UPDATE topup SET created_at = '{after}'",
    "another order than the one it has": "UPDATE topup SET provider_id = 'another' WHERE n = 1",
    "another top-up's order": (
        "UPDATE topup SET provider_id = (SELECT t.provider_id FROM topup t WHERE t.n = 1) WHERE n = 2"
    ),
}


@pytest.fixture
def shop(sessions: Sessions, clock: Clock) -> Net:
    """The house with two top-ups that were begun and paid."""
    net = Net(sessions, clock)
    for n in range(2):
        wish = topups.TopUpRequest("fake:bank", rub("100.00"), f"form-{n}", "https://k5.example/{reference}")
        top_up = topups.begin(net.ports, net.caller, wish)
        assert net.says(do="order", number=top_up.number, sum="100.00", id=top_up.provider_id) == "noted"
    return net


def test_top_ups_that_were_paid_by_their_own_orders_are_sound(shop: Net) -> None:
    shop.assert_sound()


@pytest.mark.parametrize("fault", FOREIGN)
def test_i11_a_top_up_that_an_order_not_its_own_credited_is_named(shop: Net, database_url: str, fault: str) -> None:
    after = (shop.clock() + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S.%fZ")
    with tampering(database_url) as connection:
        connection.execute(text(FOREIGN[fault].format(after=after)))
    found = [breach for breach in verify(shop.ports) if breach.invariant == "I11"]
    assert {breach.where for breach in found} >= {f"top-up {shop.caller.id}-1"}
    assert any("credited by" in breach.found for breach in found)
