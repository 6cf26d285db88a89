"""K5 as the wallet's merchant: against the simulated wallet over HTTP, and against answers that make no sense."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import requests

from connectors.elsom import sandbox
from connectors.elsom.connector import open_connectors
from connectors.elsom.merchant import Merchant
from connectors.elsom.sandbox_pin import PinDoor
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening, Seen
from k5web.domain.payments.notice import Look, Noted, Refusal, Refused, WireRequest
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import MalformedNotice, NumberUsed, ProviderRefused, ProviderUnknown, WrongKey
from tests.conftest import Clock
from tests.connectors.serving import served
from tests.processes import free_port

NOW = Clock().now
TOP_UP = TopUp(
    reference="K5-8841-12", owner_id=8841, origin="elsom:merchant", amount=Money.parse("250.00", "KGS"),
    state=TopUpState.NEW, created_at=NOW, expires_at=NOW + timedelta(minutes=20), return_url="https://t.k5.ru/x",
    language="ru", payer_phone="996555010203", mark="QKXR7T2P4W",
)  # fmt: skip


def merchant(url: str, timeout_s: float = 20.0, **keys: object) -> Merchant:
    table: dict[str, object] = {
        "code": "merchant", "protocol": "merchant", "currency": "KGS", "base_url": f"{url}/MerchantAPI",
        "partner_code": "00001", "msisdn": "0555000001", "password": "a-secret",
    }  # fmt: skip
    [found] = open_connectors([table | keys], Opening("https://t.k5.ru", Clock(), (timeout_s, timeout_s)))
    assert isinstance(found, Merchant)
    return found


@pytest.fixture
def wallet() -> Iterator[str]:
    """The simulated wallet's address; nobody listens for its notices."""
    port = free_port()
    options = SandboxOptions(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{free_port()}", "", Clock())
    table: dict[str, object] = {"protocol": "merchant", "password": "a-secret"}
    with served(sandbox.create([table], options), port) as url:
        yield url


class Stand:
    """A wallet that answers as it is told and keeps what it was sent."""

    def __init__(self) -> None:
        self.says: tuple[str, bytes] = ("200 OK", b"{}")
        self.sent: list[Any] = []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        self.sent.append(json.loads(environ["wsgi.input"].read(length)))
        status, body = self.says
        start(status, [("Content-Type", "application/json"), ("Location", "http://127.0.0.1:1/")])
        return [body]


@pytest.fixture
def stand() -> Iterator[tuple[Stand, str]]:
    """A wallet that says what the test wants."""
    with ExitStack() as stack:
        found = Stand()
        yield found, stack.enter_context(served(found))


@pytest.mark.server
def test_a_code_is_paid_and_seen(wallet: str) -> None:
    shop = merchant(wallet)
    started = shop.start(TOP_UP)
    assert (started.provider_id, len(started.code)) == (TOP_UP.number, 7)
    assert started.expires_at == NOW + timedelta(minutes=15)
    assert shop.look(TOP_UP) == Seen(TopUpState.WAITING, provider_id=TOP_UP.number)
    requests.post(f"{wallet}/code", {"code": started.code, "silent": "1"}, timeout=60)
    assert shop.look(TOP_UP) == Seen(TopUpState.PAID, amount=TOP_UP.amount, provider_id=TOP_UP.number)


@pytest.mark.server
def test_a_number_is_never_used_twice(wallet: str) -> None:
    shop = merchant(wallet)
    shop.start(TOP_UP)
    with pytest.raises(NumberUsed):
        shop.start(TOP_UP)
    assert shop.start(replace(TOP_UP, attempt=2)).provider_id == f"{TOP_UP.number}-2"


@pytest.mark.server
def test_b2_an_old_number_without_letters_is_believed_only_where_we_know_that_it_began(wallet: str) -> None:
    """This interface tells neither date nor sum: two houses on one login made the same."""
    shop, old = merchant(wallet), replace(TOP_UP, mark="")
    shop.start(old)
    assert shop.look(old).is_foreign
    assert shop.look(replace(old, provider_id=old.number)).state is TopUpState.WAITING


@pytest.mark.server
def test_a_page_is_given_paid_or_declined(wallet: str) -> None:
    with pytest.raises(ProviderRefused):  # no page without https
        merchant(wallet, flow="redirect", init_url=f"{wallet}/MerchantAPI").start(TOP_UP)


def a_wallet() -> sandbox.Wallet:
    return sandbox.Wallet(None, None, "http://127.0.0.1:9", PinDoor(Clock()))


def test_what_is_paid_cannot_be_declined() -> None:
    wallet = a_wallet()
    order = wallet.take_order("K5-8841-12", "250.00")
    assert order
    wallet.pay_order(order, is_silent=True)
    money = wallet.money
    assert wallet.decline_order(order) == "Уже оплачено: отказаться нельзя."
    assert (order.status, wallet.money) == ("A", money)


def test_one_number_asked_for_at_once_is_one_order() -> None:
    wallet = a_wallet()
    together = Barrier(8)

    def ask(_n: int) -> sandbox.SandboxOrder | None:
        together.wait()
        return wallet.take_order("K5-8841-12", "250.00")

    with ThreadPoolExecutor(8) as pool:
        orders = [order for order in pool.map(ask, range(8)) if order]
    assert orders == list(wallet.orders.values())


@pytest.mark.server
def test_what_is_sent_has_the_wallets_names(stand: tuple[Stand, str]) -> None:
    fake, url = stand
    fake.says = ("200 OK", b'{"Response":{"ErrorCode":0,"ErrorMsg":"","Result":{"OTP":4821907}}}')
    assert merchant(url).start(TOP_UP).code == "4821907"
    assert fake.sent == [
        {
            "PartnerGenerateOTP": {
                "PartnerTrnID": TOP_UP.number, "CultureInfo": "ru-RU", "PartnerCode": "00001", "ChequeNo": "",
                "Amount": "250.00", "CashierNo": "K5", "UDF": "K5-8841-12", "Password": "a-secret",
                "MSISDN": "0555000001",
            }
        }
    ]  # fmt: skip


@pytest.mark.server
def test_a_wallet_that_cannot_be_reached_was_asked_nothing() -> None:
    """Nothing was sent, so the payer may choose another way at once; a look learns nothing."""
    shop = merchant(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ProviderRefused, match="no connection"):
        shop.start(TOP_UP)
    with pytest.raises(ProviderUnknown):
        shop.look(TOP_UP)


@pytest.mark.server
def test_the_payers_number_goes_with_a_page(stand: tuple[Stand, str]) -> None:
    fake, url = stand
    fake.says = ("200 OK", b'{"Response":{"Result":{"URL":"https://pay.example/1"}}}')
    shop = merchant(url, flow="redirect", init_url=f"{url}/init", amount_format="integer")
    assert shop.start(TOP_UP).pay_url == "https://pay.example/1"
    sent = fake.sent[0]["IA_Init"]
    assert (sent["MSISDN"], sent["PmSISDN"], sent["Amount"]) == ("0555010203", "0555000001", "250")
    for top_up in (replace(TOP_UP, payer_phone="79161234567"), replace(TOP_UP, payer_phone="")):
        with pytest.raises(ProviderRefused):
            shop.start(top_up)
    with pytest.raises(ProviderRefused):
        shop.start(replace(TOP_UP, amount=Money.parse("250.50", "KGS")))
    assert len(fake.sent) == 1


@pytest.mark.server
@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (("500 Oh", b""), ProviderUnknown),
        (("302 Found", b""), ProviderUnknown),
        (("200 OK", b"<html>"), ProviderUnknown),
        (("200 OK", b'{"Response":{}}'), ProviderUnknown),
        (("200 OK", b'{"Response":{"Result":{}}}'), ProviderUnknown),
        (("200 OK", b'{"Other":{"Result":{"OTP":"1"}}}'), ProviderUnknown),
        (("200 OK", b'{"Response":{"ErrorCode":"150","Result":{"OTP":"1"}}}'), ProviderRefused),
    ],
)
def test_answers_that_make_no_sense(
    stand: tuple[Stand, str], answer: tuple[str, bytes], refusal: type[Exception]
) -> None:
    fake, url = stand
    fake.says = answer
    with pytest.raises(refusal):
        merchant(url).start(TOP_UP)
    with pytest.raises(ProviderUnknown):  # a question that is refused proves nothing about the payment
        merchant(url).look(TOP_UP)
    assert len(fake.sent) == 2  # nothing was repeated


@pytest.mark.server
@pytest.mark.parametrize(
    ("status", "state"), [("A", "paid"), ("1", "waiting"), ("0", "unclear"), ("a", "unclear"), ("R", "unclear")]
)
def test_each_payment_status_has_its_reading(stand: tuple[Stand, str], status: str, state: str) -> None:
    fake, url = stand
    fake.says = ("200 OK", json.dumps({"Response": {"Result": {"PaymentStatus": status}}}).encode())
    assert merchant(url).look(TOP_UP).state == state


@pytest.mark.server
def test_the_readings_are_settings(stand: tuple[Stand, str]) -> None:
    fake, url = stand
    fake.says = ("200 OK", b'{"Response":{"Result":{"PaymentStatus":"1"}}}')
    assert merchant(url, paid=["1"], open=[]).look(TOP_UP).state is TopUpState.PAID


def notice(body: bytes) -> WireRequest:
    return WireRequest("POST", "/hooks/elsom-merchant", "", {"content-type": "text/plain"}, body, "127.0.0.1", NOW)


def test_the_notice_only_makes_us_look() -> None:
    shop = merchant("http://127.0.0.1:1")
    body = b'{"PartnerPaymentResult":{"PartnerTrnID":"K5-8841-12-2","PSPTrnID":"P1","PaymentStatus":"%s","Message":""}}'
    for status in (b"A", b"1", b"R"):
        assert shop.read(notice(body % status)) == Look("K5-8841-12-2", receipt="P1")


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"PartnerTrnID=1", b'{"PartnerPaymentResult":{}}', b'{"PartnerPaymentResult":{"PartnerTrnID":1}}',
     b'{"PartnerPaymentResult":{"PartnerTrnID":""}}', b'{"Other":{"PartnerTrnID":"1"}}'],
)  # fmt: skip
def test_a_broken_notice_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedNotice):
        merchant("http://127.0.0.1:1").read(notice(body))


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Noted(), "0"),
        (Refused(Refusal.UNKNOWN_PAYMENT), "11003"),
        (Refused(Refusal.MALFORMED), "11003"),
        (Refused(Refusal.LATER), "8000"),
    ],
)
def test_answers_to_the_wallet(outcome: Noted | Refused, code: str) -> None:
    answer = merchant("http://127.0.0.1:1").answer(notice(b""), None, outcome)
    assert (answer.status, json.loads(answer.body)["Response"]["ErrorCode"]) == (200, code)


def test_pauses_and_wrong_tables() -> None:
    assert merchant("http://127.0.0.1:1").pauses_s() == (15, 60, 300, 900, 3600)
    broken: list[Callable[[], Merchant]] = [
        lambda: merchant("http://127.0.0.1:1", flow="sms"),
        lambda: merchant("http://127.0.0.1:1", flow="redirect"),
        lambda: merchant("http://127.0.0.1:1", password=""),
        lambda: merchant("ftp://127.0.0.1"),
    ]
    for opening in broken:
        with pytest.raises(WrongKey):
            opening()
