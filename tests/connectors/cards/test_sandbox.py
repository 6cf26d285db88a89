"""The simulated gateway itself: its page, its console, its list, its demo partners, its closed door."""

import itertools
from pathlib import Path

import pytest

from connectors import SANDBOXES
from connectors.cards import sandbox
from k5web.domain.money import rub
from k5web.domain.payments.sandbox import SandboxOptions
from tests.conftest import Clock
from tests.connectors.cards.acquirer import Gateway, a_top_up, open_one

pytestmark = pytest.mark.server


def test_the_bank_s_console_gives_back_and_lists_the_day(clock: Clock) -> None:
    with Gateway(clock) as gateway:
        started = gateway.connector.start(a_top_up(clock))
        gateway.page(started).pay()
        client = gateway.app.test_client()
        assert "K5-8841-12" in client.get("/").text
        pressed = {
            act: client.post(f"/console/{started.provider_id}/{act}").status_code
            for act in ("refund-part", "steal", "deposit")
        }
        assert pressed == {"refund-part": 303, "steal": 404, "deposit": 409}
        lines = sandbox.write_register(gateway.bank).splitlines()
        read = list(gateway.connector.read_register(lines))
    assert [(line.amount, line.is_cancel) for line in read] == [(rub("500.00"), False), (-rub("250.00"), True)]


def test_a_page_shows_nothing_of_another_order_and_takes_no_more_than_one_payment(clock: Clock) -> None:
    with Gateway(clock) as gateway:
        started = gateway.connector.start(a_top_up(clock))
        page = gateway.page(started)
        assert "500.00" in page.read()
        page.pay()
        assert "больше не нужно" in page.read()
        again = gateway.app.test_client().post(
            "/payment/page", data={"mdOrder": started.provider_id, "card": "4111111111111111"}
        )
        assert again.status_code == 409
        assert gateway.app.test_client().get("/payment/page?mdOrder=none").status_code == 404


def test_late_money_for_an_order_that_was_paid_meanwhile_is_not_taken(clock: Clock) -> None:
    with Gateway(clock) as gateway:
        started = gateway.connector.start(a_top_up(clock))
        order = gateway.bank.orders[started.provider_id]
        gateway.bank._late_s = 3600
        gateway.bank.pay(order, "4000000000000341", "203012", keeps=False)
        gateway.bank.pay(order, "4111111111111111", "203012", keeps=False)
        gateway.bank._take(order)  # what the timer does
        assert [(operation, amount) for _at, operation, amount in order.moves] == [("deposited", 50_000)]
        assert len(sandbox.write_register(gateway.bank).splitlines()) == 3


def test_the_demo_partners_open_and_their_sandbox_serves_them(clock: Clock, tmp_path: Path) -> None:
    secrets = (f"secret-number-{count:020d}" for count in itertools.count())
    tables = SANDBOXES["cards"].demo_tables("http://127.0.0.1:8090/cards", lambda: next(secrets))
    for table in tables:
        connector = open_one(dict(table), clock)
        assert connector.partner.currency == "RUB"
    options = SandboxOptions("http://127.0.0.1:8090/cards", "http://127.0.0.1:8000", str(tmp_path), clock)
    client = sandbox.create(tables, options).test_client()
    assert client.get("/").status_code == 200
    assert client.get("/register/demo.csv").text.endswith("total;0;0\n")
    assert client.get("/register/none.csv").status_code == 404


def test_a_stranger_gets_nothing_from_the_interface(clock: Clock) -> None:
    with Gateway(clock) as gateway:
        answer = gateway.app.test_client().post(
            "/payment/rest/register.do", data={"userName": "k5-api", "password": "guess", "orderNumber": "1"}
        )
    assert '"errorCode":"5"' in answer.text
