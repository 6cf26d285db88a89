"""The simulated provider and the connectors over HTTP: bills made out, paid, refunded; a terminal that pays.

Long because all simulated protocols share one stand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
import requests

from connectors.qiwi import sandbox
from connectors.qiwi.bills import Bills
from connectors.qiwi.connector import open_connectors
from k5web.domain.money import Money, rub
from k5web.domain.payments.connector import Opening, PaymentConnector, ReadsRegister, RepeatsStart, Seen
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
    Look,
    Notice,
    NoticeOutcome,
    OrderPaid,
    Paid,
    Possible,
    Refusal,
    Refused,
    Undone,
)
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import NumberUsed, ProviderRefused, ProviderUnknown
from tests.conftest import Clock
from tests.connectors.desk import Desk
from tests.connectors.qiwi.wire_requests import BILL, OSMP, PAYIN, PULL
from tests.connectors.serving import served
from tests.processes import wait_for

pytestmark = pytest.mark.server

SITES = {"bill": BILL, "pull": PULL, "payin": PAYIN}
TERMINAL = OSMP | {"authentication": "basic", "login": "optima", "secrets": ["s-1"], "cancel": "txn_id"}


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


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Everything on loopback."""
    desk, clock = Desk(), Clock()
    apps: list[WSGIApplication] = []

    def late(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        return apps[0](environ, start_response)

    with served(desk) as k5_url, served(late) as url:
        tables = [table | {"base_url": url} for table in SITES.values()]
        options = SandboxOptions(url, k5_url, str(tmp_path), clock)
        apps.append(sandbox.create([TERMINAL, *tables], options))
        opened = open_connectors([TERMINAL, *tables], Opening(k5_url, clock))
        desk.connectors = {connector.address: connector for connector in opened}
        sites: dict[str, Bills] = {site.protocol: site for site in opened if isinstance(site, Bills)}
        yield Town(desk, url, sites, opened[0], clock, tmp_path)


def top_up(town: Town, **changes: Any) -> TopUp:
    now = town.clock()
    order = TopUp(
        "K5-8841-12", 8841, "qiwi:bill", rub("500.00"), TopUpState.NEW, now, now + timedelta(hours=1),
        "http://127.0.0.1:1/pay/return/K5-8841-12", "ru", payer_phone="79161234567", payer_key="p-1",
        mark="QKXR7T2P4W",
    )  # fmt: skip
    return replace(order, **changes)


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
def test_a_bill_that_was_there_before_is_another_house_s(town: Town, kind: str) -> None:
    """B2: the same number, the same sum, years ago and paid, or an hour ago and waiting: not ours."""
    site, order = town.sites[kind], top_up(town)
    order = replace(order, expires_at=town.clock() + timedelta(hours=5))
    page = site.start(order).pay_url.replace("https://oplata.qiwi.com", town.url)
    town.clock.forward(hours=2)
    later = town.clock()
    mine = replace(order, created_at=later, expires_at=later + timedelta(hours=1), payer_phone="79160000001")
    with pytest.raises(NumberUsed):
        site.start(mine)
    assert site.look(mine).is_foreign
    town.clock.forward(hours=-2)
    town.pay(page)
    with pytest.raises(NumberUsed):
        site.start(replace(mine, expires_at=order.expires_at))
    found = site.look(mine)
    assert (found.is_foreign, found.amount) == (True, None)
    assert site.look(order).state is TopUpState.PAID


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


@pytest.mark.parametrize("kind", SITES)
def test_wrong_keys_are_refused_and_never_taken_for_an_answer(town: Town, kind: str) -> None:
    keys: dict[str, object] = {"password": "x"} if kind == "pull" else {"api_key": "x"}
    [stranger] = open_connectors([SITES[kind] | {"base_url": town.url} | keys], Opening(town.url, town.clock))
    assert isinstance(stranger, Bills)
    with pytest.raises(ProviderRefused):
        stranger.start(top_up(town))
    with pytest.raises(ProviderUnknown):
        stranger.look(top_up(town))


@pytest.mark.parametrize("kind", SITES)
def test_nobody_there_is_refused_at_once(town: Town, kind: str) -> None:
    table = SITES[kind] | {"base_url": "http://127.0.0.1:9"}
    [site] = open_connectors([table], Opening(town.url, town.clock))
    assert isinstance(site, Bills)
    with pytest.raises(ProviderRefused):
        site.start(top_up(town))
    with pytest.raises(ProviderUnknown):
        site.look(top_up(town))


def test_a_bill_to_a_phone_needs_one(town: Town) -> None:
    with pytest.raises(ProviderRefused):
        town.sites["pull"].start(top_up(town, payer_phone=""))


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


GOOD = (
    b'{"billId":"K5-8841-12-QKXR7T2P4W","amount":{"value":"500.00","currency":"RUB"},"status":{"value":"WAITING"},'
    b'"payUrl":"https://oplata.example/form?invoice_uid=1"}'
)


@pytest.mark.parametrize("lost", [(500, b""), (502, b"<html>"), (200, b"not json"), (408, b""), (302, b"")])
def test_a_lost_answer_is_unknown_and_nothing_is_repeated_here(town: Town, lost: tuple[int, bytes]) -> None:
    """The service repeats it under the same number, for it may."""
    with answering(lost, (200, GOOD)) as (url, asked):
        [site] = open_connectors([BILL | {"base_url": url}], Opening(town.url, town.clock))
        assert isinstance(site, Bills)
        assert isinstance(site, RepeatsStart)
        with pytest.raises(ProviderUnknown):
            site.start(top_up(town))
        assert asked == ["PUT /partner/bill/v1/bills/K5-8841-12-QKXR7T2P4W"]
        assert site.start(top_up(town)).pay_url.startswith("https://oplata.example/form?invoice_uid=1&successUrl=http")


@pytest.mark.parametrize("kind", SITES)
def test_e_a_lost_refund_is_looked_for_before_it_is_asked_again(town: Town, kind: str) -> None:
    with answering((500, b"")) as (url, asked):
        [site] = open_connectors([SITES[kind] | {"base_url": url}], Opening(town.url, town.clock))
        assert isinstance(site, Bills)
        with pytest.raises(ProviderUnknown):
            site.refund(top_up(town), rub("1.00"), "refund-1")
    assert {line.split()[0] for line in asked} == {"GET"}


@pytest.mark.parametrize(
    "answer",
    [
        GOOD.replace(b"K5-8841-12", b"K5-8841-13"),
        GOOD.replace(b"https://oplata", b"javascript:alert"), GOOD.replace(b'"billId"', b'"bill"'), b"[]", b"{}",
    ],
)  # fmt: skip
def test_an_answer_about_something_else_is_not_believed(town: Town, answer: bytes) -> None:
    with answering((200, answer)) as (url, _):
        [site] = open_connectors([BILL | {"base_url": url}], Opening(town.url, town.clock))
        assert isinstance(site, Bills)
        with pytest.raises(ProviderUnknown):
            site.start(top_up(town))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("300", ProviderUnknown), ("13", ProviderUnknown), ("5", ProviderRefused), ("215", NumberUsed),
        ("150", ProviderRefused), ("241", ProviderRefused), ("777", ProviderUnknown), ("0", ProviderUnknown),
    ],
)  # fmt: skip
def test_pulls_codes_mean_what_its_own_table_says(town: Town, code: str, error: type[Exception]) -> None:
    """300 is final in the provider protocol and not here; an unknown code is an error."""
    with answering((200, b'{"response":{"result_code":%s}}' % code.encode())) as (url, _):
        [site] = open_connectors([PULL | {"base_url": url}], Opening(town.url, town.clock))
        assert isinstance(site, Bills)
        with pytest.raises(error):
            site.start(top_up(town))


@pytest.mark.parametrize("state", ["REFUNDED", "paid", ""])
def test_an_unknown_state_is_an_error(town: Town, state: str) -> None:
    with answering((200, GOOD.replace(b"WAITING", state.encode()))) as (url, _):
        for kind in ("bill", "payin"):
            [site] = open_connectors([SITES[kind] | {"base_url": url}], Opening(town.url, town.clock))
            assert isinstance(site, Bills)
            with pytest.raises(ProviderUnknown):
                site.look(top_up(town))


# How the provider tells


@pytest.mark.parametrize("kind", SITES)
def test_notices_come_twice_when_asked(town: Town, kind: str) -> None:
    page = town.sites[kind].start(top_up(town)).pay_url.replace("https://oplata.qiwi.com", town.url)
    town.pay(page, copies="2")
    wait_for(lambda: len(town.desk.heard) == 2, "both notices")
    assert town.desk.heard[0] == town.desk.heard[1]


def test_a_closed_tab_sends_no_notice_when_asked(town: Town) -> None:
    site, order = town.sites["bill"], top_up(town)
    town.pay(site.start(order).pay_url, copies="0")
    assert town.desk.heard == []
    assert site.look(order).state is TopUpState.PAID


@pytest.mark.parametrize("kind", SITES)
def test_a_notice_is_repeated_until_it_is_understood(town: Town, kind: str) -> None:
    def later_twice(notice: Notice) -> NoticeOutcome:
        return Refused(Refusal.LATER) if len(town.desk.heard) < 3 else Credited(7, rub("500.00"), town.clock(), True)

    town.desk.outcome = later_twice
    town.pay(town.sites[kind].start(top_up(town)).pay_url.replace("https://oplata.qiwi.com", town.url))
    wait_for(lambda: len(town.desk.heard) == 3, "the third try")


def test_the_page_leads_back_to_k5_only(town: Town) -> None:
    page = town.sites["bill"].start(top_up(town, return_url="https://evil.example/")).pay_url
    assert "evil" not in town.pay(page).headers["Location"]


def test_the_terminal_checks_pays_and_cancels(town: Town) -> None:
    som = Money.parse("250.00", "KGS")
    answers: dict[type, NoticeOutcome] = {
        Check: Possible("A. K.", som, som),
        Paid: Credited(90417, som, town.clock(), True),
        Cancelled: Undone(90417, som, True),
    }
    town.desk.outcome = lambda notice: answers[type(notice)]
    assert "A. K." in town.at_terminal("check")
    page = town.at_terminal("pay", copies="2")
    assert "90417" in page
    wait_for(lambda: len(town.desk.heard) == 3, "the copy")
    check, paid, copy = town.desk.heard
    assert isinstance(check, Check)
    assert isinstance(paid, Paid)
    assert paid == copy
    assert (paid.account, paid.amount) == ("1042", som)
    assert "принято" in town.at_terminal("cancel", txn_id=paid.key)
    assert town.desk.heard[-1] == Cancelled(paid.key, town.desk.heard[-1].cancel_key)  # type: ignore[union-attr]
    assert "отменён" in requests.get(f"{town.url}/", timeout=60).text


def test_the_terminal_says_what_is_wrong(town: Town) -> None:
    town.desk.outcome = lambda notice: Refused(Refusal.ACCOUNT_UNKNOWN)
    assert "счёт не найден" in town.at_terminal("check")
    assert "Введите номер" in town.at_terminal("check", sum="много")
    assert "счёт не найден" in town.at_terminal("pay")


def test_the_register_of_the_day_is_what_the_connector_reads(town: Town) -> None:
    town.desk.outcome = lambda notice: Credited(90417, Money.parse("250.00", "KGS"), town.clock(), True)
    for _ in range(3):
        town.at_terminal("pay", copies="2")
    wait_for(lambda: len(town.desk.heard) == 6, "all copies")
    day = f"{town.clock():%Y%m%d}"
    text = requests.get(f"{town.url}/register/optima/{day}.csv", timeout=60).text
    assert text.endswith("Total:\t3\t750.00\r\n")
    assert isinstance(town.terminal, ReadsRegister)
    keys = {notice.key for notice in town.desk.heard if isinstance(notice, Paid)}
    assert {line.key for line in town.terminal.read_register(text.splitlines())} == keys
    assert requests.get(f"{town.url}/register/optima/../x.csv", timeout=60).status_code == 404


def test_the_demo_partners_open(tmp_path: Path) -> None:
    secrets = iter(f"secret-{number}" for number in range(99))
    tables = sandbox.demo_tables("http://127.0.0.1:8090/qiwi", lambda: next(secrets))
    opened = open_connectors(tables, Opening("http://127.0.0.1:8000", Clock()))
    assert [connector.address for connector in opened] == ["qiwi/terminal", "qiwi-bill/k5-demo"]
    sandbox.create(
        tables, SandboxOptions("http://127.0.0.1:8090/qiwi", "http://127.0.0.1:8000", str(tmp_path), Clock())
    )
