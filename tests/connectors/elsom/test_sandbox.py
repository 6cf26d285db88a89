"""The simulated wallet's pages and its merchant's interface: who may ask, what is paid once, where a person is led."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from connectors.elsom import sandbox
from connectors.elsom.connector import open_connectors
from connectors.elsom.sandbox import FIRST_MONEY, SandboxOrder, Wallet
from connectors.elsom.sandbox_pin import PinDoor
from k5web.domain.payments.connector import Opening
from k5web.domain.payments.sandbox import SandboxOptions
from tests.conftest import Clock
from tests.processes import free_port

OPTIONS = SandboxOptions(
    url="http://127.0.0.1:8090/elsom",
    k5_url="http://127.0.0.1:1",  # nobody hears the notices
    folder="/nowhere",
    clock=Clock(),
    pages_url="http://192.168.1.5:8000",
)
TABLE = {"protocol": "merchant", "password": "a-secret"}


@pytest.fixture
def wallet() -> FlaskClient:
    """A person's browser before the wallet."""
    return sandbox.create([TABLE], OPTIONS).test_client()


def ask(wallet: FlaskClient, operation: str, **members: str) -> dict[str, Any]:
    """Ask the merchant's interface."""
    sent = {operation: {"Password": "a-secret", "PartnerTrnID": "K5-1-1", "Amount": "250.00"} | members}
    found: dict[str, Any] = wallet.post("/MerchantAPI", json=sent).get_json()["Response"]
    return found


def status(wallet: FlaskClient) -> str:
    return str(ask(wallet, "PartnerGetPaymentStatus")["Result"]["PaymentStatus"])


def test_a_pin_is_guessed_neither_on_the_form_nor_in_the_menu(wallet: FlaskClient) -> None:
    opening = ["2", "1", "Айгуль К.", "01234567890123", "1", "1"]
    pin = wallet.post("/900", data={"key": opening}).text.partition("Ваш PIN ")[2][:4]
    wrong = str((int(pin) + 1) % 10**4).zfill(4)
    for _time in range(2):
        assert "Неверный PIN." in wallet.post("/pay", data={"account": "1", "amount": "5", "pin": wrong}).text
    assert "Неверный PIN." in wallet.post("/900", data={"key": ["2", "8", "3", wrong]}).text
    later = "Повторите через 5 мин."
    assert later in wallet.post("/pay", data={"account": "1", "amount": "5", "pin": pin}).text
    assert later in wallet.post("/900", data={"key": ["2", "8", "3", pin, "1234"]}).text


def test_a_code_is_paid_once(wallet: FlaskClient) -> None:
    code = ask(wallet, "PartnerGenerateOTP")["Result"]["OTP"]
    assert (len(code), status(wallet)) == (7, "1")
    assert "оплачено 250.00 сом" in wallet.post("/code", data={"code": code, "silent": "1"}).text
    assert status(wallet) == "A"
    wallet.post("/code", data={"code": code, "silent": "1"})
    assert "Такого кода нет" in wallet.post("/code", data={"code": "0"}).text


@pytest.mark.server
def test_a_page_is_paid_or_declined(wallet: FlaskClient) -> None:
    page = str(ask(wallet, "IA_Init")["Result"]["URL"]).removeprefix(OPTIONS.url)
    assert page.startswith("/order/")
    assert "Отказано" in wallet.post(page, data={"step": "decline"}).text
    assert status(wallet) == "R"
    assert "Оплата невозможна" in wallet.post(page, data={"step": "pay"}).text
    assert wallet.get("/order/none").status_code == 404


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("PartnerGenerateOTP", {"Password": "guess"}, "150"),
        ("PartnerGetPaymentStatus", {"Password": ""}, "150"),
        ("PartnerRefund", {}, "300"),
        ("PartnerGenerateOTP", {"PartnerTrnID": ""}, "10"),
        ("PartnerGenerateOTP", {"Amount": "0"}, "10"),
        ("PartnerGenerateOTP", {"Amount": "-5"}, "10"),
    ],
)
def test_what_cannot_be_asked_has_its_code(
    wallet: FlaskClient, operation: str, members: dict[str, str], code: str
) -> None:
    assert ask(wallet, operation, **members)["ErrorCode"] == code


def test_a_number_begins_one_payment(wallet: FlaskClient) -> None:
    assert ask(wallet, "PartnerGenerateOTP")["ErrorCode"] == "0"
    assert ask(wallet, "PartnerGenerateOTP")["ErrorCode"] == "10"
    assert ask(wallet, "PartnerGetPaymentStatus", PartnerTrnID="K5-1-2")["Result"]["PaymentStatus"] == "N"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"a":{},"b":{}}', b'{"IA_Init":[]}'])
def test_a_document_that_asks_nothing_is_refused(wallet: FlaskClient, body: bytes) -> None:
    assert wallet.post("/MerchantAPI", data=body).get_json()["Response"]["ErrorCode"] in {"150", "300"}


def test_k5_leads_people_to_the_page_that_pays(wallet: FlaskClient) -> None:
    code = ask(wallet, "PartnerGenerateOTP")["Result"]["OTP"]
    assert wallet.get("/try?order=K5-1-1").headers["Location"].endswith(f"/code?code={code}")
    assert wallet.get("/try?order=K5-1-2").status_code == 404
    assert "/pay?account=1042" in wallet.get("/try?account=1042&sum=250.00").headers["Location"]


def test_its_pages_lead_back_to_k5_as_people_find_it(wallet: FlaskClient) -> None:
    for page in ("/900", "/pay", "/code", "/history"):
        shown = wallet.get(page)
        assert shown.status_code == 200
        assert OPTIONS.pages_url in shown.text, page


def test_a_wallet_pays_no_more_than_it_has() -> None:
    wallet = Wallet(network=None, merchant=TABLE, k5_url="http://127.0.0.1:1", door=PinDoor(Clock()))
    order = SandboxOrder("K5-1-1", "50000.01", code="1", key="k")
    assert wallet.pay_order(order, is_silent=True) == "Оплата невозможна."
    assert (order.status, wallet.money) == ("1", FIRST_MONEY)
    order = SandboxOrder("K5-1-2", "50000.00", code="2", key="k")
    assert "оплачено" in wallet.pay_order(order, is_silent=True)
    assert (order.status, wallet.balance()) == ("A", "0.00")
    wallet.pay_order(order, is_silent=True)
    assert wallet.money == 0


def test_without_a_service_nothing_can_be_paid_to() -> None:
    wallet = Wallet(network=None, merchant=None, k5_url="http://127.0.0.1:1", door=PinDoor(Clock()))
    assert wallet.check("1042", "250.00") == (False, "услуга не подключена")
    assert wallet.pay("1042", "250.00") == (False, "Оплата невозможна.")


@pytest.mark.server
def test_a_merchant_that_does_not_hear_costs_nobody_the_payment() -> None:
    wallet = Wallet(network=None, merchant=TABLE, k5_url=f"http://127.0.0.1:{free_port()}", door=PinDoor(Clock()))
    order = SandboxOrder("K5-1-1", "250.00", code="1", key="k")
    assert "оплачено" in wallet.pay_order(order, is_silent=False)


def test_the_demo_partners_open_and_their_sandbox_serves_them() -> None:
    secrets = iter(f"secret-number-{count}" for count in range(9))
    tables = sandbox.demo_tables(OPTIONS.url, lambda: next(secrets))
    opened = open_connectors(tables, Opening("http://127.0.0.1:8000", Clock()))
    assert [connector.address for connector in opened] == ["elsom/wallet", "elsom-merchant"]
    assert sandbox.create(tables, OPTIONS).test_client().get("/900").status_code == 200
