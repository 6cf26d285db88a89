"""The simulated gateway's call-backs: once, twice, late, again, never; signed as the real ones."""

import itertools
import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from connectors.cards import acquirer as acquirers
from connectors.cards import sandbox_callback
from connectors.cards.callback import is_authentic
from connectors.cards.sandbox_callback import Teller
from k5web.domain.payments.notice import Look, WireRequest
from tests.conftest import Clock
from tests.connectors.cards.acquirer import Gateway, a_top_up
from tests.processes import wait_for

pytestmark = pytest.mark.server


class Ear:
    """What stands at K5's address and writes down each call-back."""

    def __init__(self) -> None:
        self.heard: list[Request] = []
        self.statuses = itertools.repeat(200)
        self._server = make_server("127.0.0.1", 0, Request.application(self._hear), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, count: int) -> list[Request]:
        """Return what was heard, once there are so many."""
        wait_for(lambda: len(self.heard) >= count, f"{count} call-backs")
        return self.heard

    def _hear(self, request: Request) -> Response:
        request.get_data()
        self.heard.append(request)
        return Response(status=next(self.statuses))


@pytest.fixture
def ear() -> Iterator[Ear]:
    """K5's place."""
    ear = Ear()
    yield ear
    ear.close()


def take(gateway: Gateway, ear: Ear, clock: Clock, telling: str) -> str:
    """Pay an order whose call-backs go to the ear; return its id."""
    started = gateway.connector.start(a_top_up(clock))
    gateway.teller = Teller(acquirers.read(gateway.table), ear.url, late_s=0.1)
    gateway.page(started).pay(telling=telling)
    return started.provider_id


@pytest.mark.parametrize(("telling", "count"), [("once", 1), ("twice", 2), ("late", 1)])
@pytest.mark.parametrize("protocol", ["rbs", "rbs-ecom"])
def test_a_call_back_is_sent_as_the_page_says_and_is_believed(
    telling: str, count: int, protocol: str, ear: Ear, clock: Clock
) -> None:
    with Gateway(clock, protocol=protocol) as gateway:
        order_id = take(gateway, ear, clock, telling)
        for heard in ear.wait_for(count):
            assert heard.path == f"/hooks/{gateway.connector.address}"
            headers = {name.lower(): value for name, value in heard.headers.items()}
            query = heard.query_string.decode()
            request = WireRequest(heard.method, heard.path, query, headers, heard.data, "127.0.0.1", clock())
            assert gateway.connector.read(request) == Look("K5-8841-12", order_id)
    assert len(ear.heard) == count


def test_a_call_back_that_is_not_taken_is_tried_three_times(
    ear: Ear, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_callback, "RETRY_S", {"rbs": 0.01})
    ear.statuses = itertools.repeat(500)
    with Gateway(clock) as gateway:
        take(gateway, ear, clock, "once")
        ear.wait_for(3)


def test_none_is_sent_where_it_is_to_be_lost(ear: Ear, clock: Clock) -> None:
    with Gateway(clock) as gateway:
        take(gateway, ear, clock, "never")
        order = next(iter(gateway.bank.orders.values()))
        assert ear.heard == []
        order.telling = "once"
        gateway.bank.tell_again(order)
        (heard,) = ear.wait_for(1)
    assert is_authentic(heard.args.to_dict(), acquirers.read(gateway.table).seals)
