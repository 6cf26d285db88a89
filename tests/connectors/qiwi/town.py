"""K5's desk, the simulated provider and the connectors between them, all on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import requests

from connectors.qiwi.bills import Bills
from k5web.domain.money import rub
from k5web.domain.payments.connector import PaymentConnector
from k5web.domain.payments.top_up import TopUp, TopUpState
from tests.conftest import Clock
from tests.connectors.desk import Desk
from tests.connectors.qiwi.wire_requests import (
    BILL,
    OSMP,
    PAYIN,
    PULL,
)
from tests.connectors.serving import served

SITES = {"bill": BILL, "pull": PULL, "payin": PAYIN}
TERMINAL = OSMP | {"authentication": "basic", "login": "optima", "secrets": ["s-1"], "cancel": "txn_id"}
GOOD = (
    b'{"billId":"K5-8841-12-QKXR7T2P4W","amount":{"value":"500.00","currency":"RUB"},"status":{"value":"WAITING"},'
    b'"payUrl":"https://oplata.example/form?invoice_uid=1"}'
)


@dataclass
class Town:
    """K5's desk, the provider, and the connectors between them."""

    desk: Desk
    url: str
    sites: dict[str, Bills]
    terminal: PaymentConnector
    clock: Clock
    folder: Path

    def pay(self, page: str, **choices: str) -> requests.Response:
        """Be the person on the bill's page."""
        return requests.post(page, data={"do": "pay"} | choices, allow_redirects=False, timeout=60)

    def at_terminal(self, what: str, **typed: str) -> str:
        """Be the person at the terminal; return the page."""
        return requests.post(f"{self.url}/{what}", data={"account": "1042", "sum": "250,00"} | typed, timeout=60).text


def top_up(town: Town, **changes: Any) -> TopUp:
    """A top-up as the services hand it over."""
    now = town.clock()
    order = TopUp(
        "K5-8841-12", 8841, "qiwi:bill", rub("500.00"), TopUpState.NEW, now, now + timedelta(hours=1),
        "http://127.0.0.1:1/pay/return/K5-8841-12", "ru", payer_phone="79161234567", payer_key="p-1",
        mark="QKXR7T2P4W",
    )  # fmt: skip
    return replace(order, **changes)


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[tuple[str, list[str]]]:
    """A provider that gives these answers in turn, the last for ever."""
    asked: list[str] = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, body = answers[min(len(asked), len(answers) - 1)]
        asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        start_response(f"{status} ", [("Content-Type", "application/json"), ("Location", "/elsewhere")])
        return [body]

    with served(application) as url:
        yield url, asked
