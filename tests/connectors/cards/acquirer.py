"""An acquirer of the tests: its table of the partners' file, its connector, a top-up to pay."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, request
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from connectors import OPENERS
from connectors.cards import acquirer as acquirers
from connectors.cards import sandbox
from connectors.cards.connector import CardConnector
from connectors.cards.sandbox_bank import Bank, SandboxOrder, Told
from k5web.domain.money import rub
from k5web.domain.payments.connector import Opening, Started
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.domain.payments.top_up import TopUp, TopUpState
from tests.conftest import Clock

TOKEN = "k5-callback-token"
MD_ORDER = "0b1c2d3e-4f50-7a61-8b72-9c83ad94be05"
PATH = "s3cret-path-of-the-call-back"
PUBLIC_URL = "https://t.k5.ru"
RECEIPT = {"inn": "5027119066", "email": "kassa@k5.ru", "payment_address": "https://t.k5.ru"}
ANSWER: Mapping[str, object] = {
    "errorCode": "0",
    "orderNumber": "K5-8841-12",
    "orderStatus": 2,
    "actionCode": 0,
    "amount": 50000,
    "currency": "643",
    "depositedDate": 1796119208805,
    "attributes": [{"name": "mdOrder", "value": MD_ORDER}],
    "paymentAmountInfo": {"approvedAmount": 50000, "depositedAmount": 50000, "refundedAmount": 0},
    "cardAuthInfo": {"maskedPan": "411111**1111", "expiration": "203012"},
    "bindingInfo": {"clientId": "k5-cust-9f2c", "bindingId": "fdbbc879-c171"},
}


def acquirer_table(**changed: object) -> dict[str, object]:
    """Return one acquirer's table as the partners' file gives it, secrets resolved."""
    return {
        "code": "demo",
        "title": "Демо-банк",
        "protocol": "rbs",
        "currency": "RUB",
        "allowed": ["127.0.0.1/32"],
        "base_url": "https://gw.example",
        "user": "k5-api",
        "password": "s3cret-password",
        "path": PATH,
        "callback_secrets": [TOKEN],
    } | changed


def open_one(table: dict[str, object], clock: Clock) -> CardConnector:
    """Return the connector of one acquirer, opened by the registry."""
    (connector,) = OPENERS["cards"]([table], Opening(PUBLIC_URL, clock, timeout_s=(20.0, 20.0)))
    assert isinstance(connector, CardConnector)
    return connector


def a_top_up(clock: Clock, **changed: object) -> TopUp:
    """Return a top-up of 500 roubles as the services hand it over."""
    top_up = TopUp(
        reference="K5-8841-12",
        owner_id=8841,
        origin="cards:demo",
        amount=rub("500.00"),
        state=TopUpState.NEW,
        created_at=clock(),
        expires_at=clock() + timedelta(minutes=20),
        return_url=f"{PUBLIC_URL}/pay/return/K5-8841-12",
        language="ru",
        payer_key="k5-cust-9f2c",
    )
    return replace(top_up, **changed)  # type: ignore[arg-type]


class Gateway:
    """The simulated gateway listening on loopback; `told` is what it would have sent K5."""

    def __init__(self, clock: Clock, **changed: object) -> None:
        self.told: list[tuple[str, str, bool]] = []
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self.table = acquirer_table(base_url=self.url, **changed)
        self.bank = Bank(acquirers.read(self.table), clock, self._tell, late_s=0.05)
        self.options = SandboxOptions(self.url, "http://127.0.0.1:1", "/nowhere", clock)
        self.app = sandbox.serve([self.bank], self.options)
        self.asked: dict[str, Mapping[str, str]] = {}  # method: the fields of the last request
        self.app.before_request(self._note)
        self.connector = open_one(self.table, clock)
        self.trouble: dict[str, Callable[[], Response]] = {}  # method: what the next answers are instead
        self.teller: Told | None = None  # what really sends, where a test wants that
        self.heals_after = 0  # how many answers are trouble; 0: all
        self.does_first = False  # the trouble comes after the gateway has done what was asked
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> "Gateway":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def page(self, started: Started) -> "Page":
        """Open the payment page as the payer's browser does."""
        return Page(self.app, started.provider_id)

    def _tell(self, order: SandboxOrder, operation: str, is_success: bool) -> None:
        self.told.append((order.number, operation, is_success))
        if self.teller:
            self.teller(order, operation, is_success)

    def _note(self) -> None:
        if request.path.endswith(".do") and request.method == "POST":
            self.asked[request.path.rpartition("/")[2].removesuffix(".do")] = sandbox.read_fields()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the gateway does, unless a test wants trouble with this method of the interface."""
        method = str(environ["PATH_INFO"]).rpartition("/")[2].removesuffix(".do")
        trouble = self.trouble.get(method)
        if trouble is None:
            return self.app(environ, start_response)
        if self.does_first:
            with self.app.request_context(environ):
                self.app.full_dispatch_request()
        self.heals_after -= 1
        if self.heals_after == 0:
            self.trouble = {}
        return trouble()(environ, start_response)


class Page:
    """One payer before the payment page."""

    def __init__(self, app: Flask, order_id: str) -> None:
        self._client = app.test_client()
        self._order_id = order_id

    def read(self) -> str:
        """Return the page's text."""
        return self._client.get("/payment/page", query_string={"mdOrder": self._order_id}).text

    def pay(self, card: str = "4111111111111111", **fields: str) -> str:
        """Type a card; return where the browser is sent."""
        form = {"mdOrder": self._order_id, "card": card, **fields}
        return self._client.post("/payment/page", data=form).headers["Location"]

    def prove(self, code: str = "123456") -> str:
        """Type the issuer's code; return where the browser is sent."""
        form = {"orderId": self._order_id, "code": code}
        return self._client.post("/payment/issuer", data=form).headers["Location"]


def answer(body: str | bytes, status: int = 200) -> Callable[[], Response]:
    """Return what a gateway in trouble says."""
    return lambda: Response(body, status, content_type="application/json")


def begun(gateway: Gateway, top_up: TopUp) -> TopUp:
    """Return the top-up as it is once the order is registered."""
    started = gateway.connector.start(top_up)
    return replace(top_up, state=TopUpState.WAITING, provider_id=started.provider_id, pay_url=started.pay_url)


def paid(gateway: Gateway, top_up: TopUp, card: str = "4111111111111111", **fields: str) -> TopUp:
    """Return the top-up as it is once it is paid and credited."""
    top_up = begun(gateway, top_up)
    gateway.page(Started(top_up.provider_id)).pay(card, **fields)
    return replace(top_up, state=TopUpState.PAID)
