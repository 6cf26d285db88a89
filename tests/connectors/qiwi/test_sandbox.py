"""The simulated provider and the connectors over HTTP: bills made out once, paid, taken back, refunded."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.qiwi import sandbox
from connectors.qiwi.connector import open_connectors
from k5web.domain.money import rub
from k5web.domain.payments.connector import Opening, Seen
from k5web.domain.payments.notice import (
    Look,
    OrderPaid,
)
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.domain.payments.top_up import TopUpState
from k5web.errors import NumberUsed, ProviderRefused, ProviderUnknown
from tests.conftest import Clock
from tests.connectors.qiwi.town import SITES, Town, top_up

pytestmark = pytest.mark.server


@pytest.mark.parametrize("kind", SITES)
def test_a_bill_is_made_out_paid_and_looked_at(town: Town, kind: str) -> None:
    site, order = town.sites[kind], top_up(town)
    assert site.look(order) == Seen(TopUpState.NEW)
    started = site.start(order)
    assert started.provider_id == order.number
    page = started.pay_url.replace("https://oplata.qiwi.com", town.url)
    assert "500.00 RUB" in requests.get(page, timeout=60).text
    assert site.look(order).state is TopUpState.WAITING
    assert town.pay(page).status_code == 303
    [notice] = town.desk.heard
    if kind == "payin":
        assert notice == Look(order.number)
    else:
        assert isinstance(notice, OrderPaid)
        assert (notice.number, notice.amount) == (order.number, rub("500.00"))
    seen = site.look(order)
    assert (seen.state, seen.amount, seen.provider_id) == (TopUpState.PAID, rub("500.00"), order.number)
    assert town.pay(page).status_code == 409


@pytest.mark.parametrize("kind", SITES)
def test_e_the_same_bill_asked_for_twice_is_one_bill(town: Town, kind: str) -> None:
    site, order = town.sites[kind], top_up(town)
    assert site.start(order) == site.start(order)
    with pytest.raises((NumberUsed, ProviderUnknown)):
        site.start(replace(order, amount=rub("501.00")))


@pytest.mark.parametrize("kind", SITES)
def test_money_goes_back_in_parts_once_for_each_key(town: Town, kind: str) -> None:
    site, order = town.sites[kind], top_up(town)
    page = site.start(order).pay_url.replace("https://oplata.qiwi.com", town.url)
    with pytest.raises(ProviderRefused):
        site.refund(order, rub("1.00"), "refund-0")
    town.pay(page)
    for _ in range(2):
        site.refund(order, rub("200.00"), "refund-1")
    site.refund(order, rub("300.00"), "refund-2")
    with pytest.raises(ProviderRefused):
        site.refund(order, rub("0.01"), "refund-3")
    with pytest.raises(ProviderUnknown):
        site.refund(order, rub("100.00"), "refund-1")
    if kind == "payin":
        assert (site.look(order).state, site.look(order).refunded) == (TopUpState.REFUNDED, rub("500.00"))


@pytest.mark.parametrize("kind", ["bill", "pull"])
def test_a_bill_that_nobody_paid_can_be_taken_back(town: Town, kind: str) -> None:
    site: Any = town.sites[kind]
    order = top_up(town)
    page = site.start(order).pay_url.replace("https://oplata.qiwi.com", town.url)
    site.cancel(order)
    assert site.look(order).state is TopUpState.DECLINED
    assert town.pay(page).status_code == 409
    with pytest.raises(ProviderRefused):
        site.cancel(replace(order, reference="K5-1-1"))


@pytest.mark.parametrize("kind", SITES)
def test_a_bill_runs_out(town: Town, kind: str) -> None:
    site, order = town.sites[kind], top_up(town)
    site.start(order)
    town.clock.forward(hours=2)
    assert site.look(order).state is TopUpState.EXPIRED
    assert site.look(replace(order, reference="K5-1-1")).state is TopUpState.EXPIRED


def test_the_page_leads_back_to_k5_only(town: Town) -> None:
    page = town.sites["bill"].start(top_up(town, return_url="https://evil.example/")).pay_url
    assert "evil" not in town.pay(page).headers["Location"]


def test_the_demo_partners_open(tmp_path: Path) -> None:
    secrets = iter(f"secret-{number}" for number in range(99))
    tables = sandbox.demo_tables("http://127.0.0.1:8090/qiwi", lambda: next(secrets))
    opened = open_connectors(tables, Opening("http://127.0.0.1:8000", Clock()))
    assert [connector.address for connector in opened] == ["qiwi/terminal", "qiwi-bill/k5-demo"]
    sandbox.create(
        tables, SandboxOptions("http://127.0.0.1:8090/qiwi", "http://127.0.0.1:8000", str(tmp_path), Clock())
    )
