"""The rounds of the payments' worker run beside each other."""

import threading
from dataclasses import replace

from k5web.domain.money import rub
from k5web.domain.payments.connector import Seen
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.services.payments import topups
from k5web.services.payments.rounds import beside
from k5web.services.ports import Connectors
from tests.fakes.connector import FakeConnector
from tests.processes import wait_for
from tests.services.payments.shop import PAID, Shop


def test_a_silent_provider_keeps_no_other_waiting(shop: Shop) -> None:
    other = FakeConnector(replace(shop.connector.partner, code="other"))
    shop.ports = replace(shop.ports, connectors=Connectors([shop.connector, other]))
    first = shop.begin()
    second = topups.begin(shop.ports, shop.caller, replace(shop.wish("form-2"), origin="fake:other"))
    other.seen[second.number] = Seen(PAID, rub("100.00"), provider_id="id-2")
    shop.clock.forward(minutes=1)
    is_asked, may_answer = threading.Event(), threading.Event()

    def never(top_up: TopUp) -> Seen:
        is_asked.set()
        may_answer.wait(60)
        return Seen(TopUpState.WAITING)

    shop.connector.look = never  # type: ignore[method-assign]
    with beside(shop.ports, lambda: False):
        assert is_asked.wait(60)
        wait_for(lambda: shop.balance() == rub("100.00"), "the other provider's payment is credited meanwhile")
        may_answer.set()
    assert shop.state(first) is TopUpState.WAITING
