"""Every connector of the registry keeps the contract, and so does a fourth that is one folder and one entry."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

import connectors
from app import create_app, open_ports
from connectors.cards.callback import HmacSeal
from connectors.cards.callback import signed_text as seal_text
from connectors.elsom.k5json import signature
from connectors.elsom.osmp4 import password_md5
from connectors.qiwi.osmp import signed_text as osmp_text
from connectors.qiwi.pull import signed_text as pull_text
from connectors.qiwi.wire import encoded, md5, sign
from k5web.config.settings import Settings
from k5web.domain.payments.notice import WireRequest
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber, purse
from k5web.services.books.verify import verify
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.cards.acquirer import TOKEN, acquirer_table
from tests.connectors.contract import (
    MutatedContract,
    PaymentContract,
    SealedContract,
    SignedContract,
    TypedContract,
)
from tests.connectors.qiwi.wire_requests import (
    BILL,
    FORM,
    JSON,
    OSMP,
    PAYIN,
    PULL,
    bill_notice,
    hexed,
    payin_notice,
    pull_notice,
)
from tests.connectors.trial import Case, Told, Trial
from tests.fakes.tin.connector import open_boxes, seal

ROOT = Path(__file__).parents[2]
CODES = {"RUB": "643", "KGS": "417"}
WALLET: dict[str, object] = {"code": "wallet", "currency": "KGS", "allowed": ["127.0.0.1/32"]}
TIN: dict[str, object] = {
    "code": "box", "title": "Жестянка", "protocol": "seal", "allowed": ["127.0.0.1/32"], "secrets": ["tin-secret"],
}  # fmt: skip


def posted(body: bytes, content_type: str, **headers: str) -> WireRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()} | {"content-type": content_type}
    return WireRequest("POST", "/hooks/x", "", named, body, "127.0.0.1", datetime(2026, 12, 1, 9, 0, tzinfo=UTC))


def osmp(told: Told, secret: str) -> WireRequest:
    sent = {"command": "pay", "txn_id": told.key, "txn_date": "20261120143005", "account": told.account}
    sent |= {"sum": str(told.amount), "ccy": told.amount.currency}
    query = urlencode(sent | {"sign": md5(osmp_text(sent) + secret)})
    return WireRequest(
        "GET", "/hooks/qiwi/optima", query, {}, b"", "127.0.0.1", datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    )


def bill(told: Told, secret: str) -> WireRequest:
    return bill_notice(secret, bill=told.number, value=str(told.amount), currency=told.amount.currency)


def pull(told: Told, secret: str) -> WireRequest:
    sent = {"command": "bill", "bill_id": told.number, "status": "paid", "error": "0", "amount": str(told.amount)}
    sent |= {"user": "tel:+79161234567", "prv_name": "K5", "ccy": told.amount.currency, "comment": "Пополнение"}
    return pull_notice(sent, encoded(sign(pull_text(sent), secret, "sha1"), "base64").decode())


def payin(told: Told, secret: str) -> WireRequest:
    payment = {
        "paymentId": "pay-0001", "createdDateTime": "2026-11-20T12:00:00+03:00", "billId": told.number,
        "amount": {"value": str(told.amount), "currency": told.amount.currency}, "status": {"value": "SUCCESS"},
    }  # fmt: skip
    return payin_notice(payment, hexed(f"pay-0001|2026-11-20T12:00:00+03:00|{told.amount}", secret))


def osmp4(told: Told, secret: str) -> WireRequest:
    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\0", "&#xFFFD;")

    amount = f'<amount currency-code="{CODES[told.amount.currency]}">{told.amount}</amount>'
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><request><protocol-version>4.00</protocol-version>'
        '<request-type>2</request-type><terminal-id>9001</terminal-id><extra name="login">elsom-k5</extra>'
        f'<extra name="password-md5">{password_md5(secret).decode()}</extra>'
        f"<transaction-number>{escaped(told.key)}</transaction-number><from>{amount}</from>"
        f"<to><service-id>7001</service-id>{amount}<account-number>{escaped(told.account)}</account-number></to>"
        "<receipt><receipt-number>800001</receipt-number><datetime>20261124180000</datetime></receipt></request>"
    )
    return posted(body.encode(), "text/xml")


def k5json(told: Told, secret: str) -> WireRequest:
    pay = {"TrnID": told.key, "Account": told.account, "Amount": str(told.amount), "Currency": told.amount.currency}
    body = json.dumps({"BillerPay": pay | {"TrnDate": "20261124180000"}}).encode()
    at = str(told.at_s)
    return posted(body, JSON, x_k5_timestamp=at, x_k5_signature=signature(secret, "/hooks/x", at, body).decode())


def merchant(told: Told, secret: str) -> WireRequest:
    result = {"PartnerTrnID": told.number, "PSPTrnID": "P1", "PaymentStatus": "A", "Message": ""}
    return posted(json.dumps({"PartnerPaymentResult": result}).encode(), JSON)


def cards(told: Told, secret: str) -> WireRequest:
    sent = {"mdOrder": told.provider_id, "operation": "deposited", "orderNumber": told.number, "status": "1"}
    sent["amount"] = str(told.amount.minor)
    checksum = HmacSeal.of(secret or " ").checksum(seal_text(sent))
    return posted(urlencode(sent | {"checksum": checksum}).encode(), FORM)


def tin(told: Told, secret: str) -> WireRequest:
    sent = {"id": told.key, "account": told.account, "sum": str(told.amount), "currency": told.amount.currency}
    body = json.dumps(sent).encode()
    return posted(body, JSON, x_tin_seal=seal(body, secret))


QIWI, ELSOM, CARDS = (connectors.OPENERS[code] for code in ("qiwi", "elsom", "cards"))
OF_WALLET = {"login": "elsom-k5", "service": "7001", "secrets": ["k5-elsom-password"]}
OF_MERCHANT = {
    "protocol": "merchant", "base_url": "http://127.0.0.1:9/x", "partner_code": "00001", "msisdn": "0555000001",
    "password": "a-merchants-password",
}  # fmt: skip
CASES = [
    Case("osmp", QIWI, OSMP | {"authentication": "md5", "secrets": ["hd1827abc"]}, osmp, "content", ("hd1827abc",)),
    Case("bill", QIWI, BILL, bill, "content", ("k5-bill-secret", "api-key")),
    Case("pull", QIWI, PULL, pull, "content", ("k5-notify-pass", "api-pass")),
    Case("payin", QIWI, PAYIN, payin, "content", ("k5-payin-key", "api-key")),
    Case("osmp4", ELSOM, WALLET | OF_WALLET | {"protocol": "osmp4"}, osmp4, "speaker", ("k5-elsom-password",)),
    Case("k5json", ELSOM, WALLET | {"protocol": "k5json", "secrets": ["k5-elsom-hmac"]}, k5json, "content",
         ("k5-elsom-hmac",)),
    Case("merchant", ELSOM, WALLET | OF_MERCHANT, merchant, "nothing", ("a-merchants-password",)),
    Case("cards", CARDS, acquirer_table(), cards, "content", (TOKEN, "s3cret-password")),
    Case("a made-up fourth", open_boxes, TIN, tin, "content", ("tin-secret",)),
]  # fmt: skip


TYPED_INTO = {"osmp", "osmp4", "k5json", "a made-up fourth"}  # the others are told of payments that began here


def each(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


@each(CASES)
class TestEveryConnector(PaymentContract):
    """The same checks for all of them."""


OPEN: dict[str, dict[str, object]] = {
    "osmp": {"authentication": "none", "secrets": []},
    "k5json": {"signed": False},
    "cards": {"callback_secrets": []},
}
UNSIGNED = [replace(case, name=f"{case.name}, unsigned", table={**case.table, **OPEN[case.name]})
            for case in CASES if case.name in OPEN]  # fmt: skip


@each([*CASES, *UNSIGNED])
class TestEveryConnectorIsSpokenToAtRandom(MutatedContract):
    """A signature stops most of it at the door, so those that may do without are tried without, too."""


@each([case for case in CASES if case.proves != "nothing"])
class TestEverySealedConnector(SealedContract):
    """Where there is a secret, it is asked for."""


@each([case for case in CASES if case.proves == "content"])
class TestEverySignedConnector(SignedContract):
    """Where a signature covers what is said, nothing else is believed."""


@each([case for case in CASES if case.name in TYPED_INTO])
class TestEveryConnectorPayersTypeInto(TypedContract):
    """Where the answer repeats what a payer typed."""


def test_a_notice_whose_payment_became_its_cancel_takes_back_that_payment_and_no_other(
    sqlite_sessions: Sessions, clock: Clock
) -> None:
    """One digit makes ELSOM's payment a cancel, and its password vouches for the speaker alone, so it is one."""
    trial = Trial(sqlite_sessions, clock, next(case for case in CASES if case.name == "osmp4"))
    true, other = trial.says(trial.told()), trial.says(trial.told(key="700100200301"))
    cancel = replace(true, body=true.body.replace(b"<request-type>2<", b"<request-type>3<"))
    trial.deliver(true)
    trial.deliver(other)
    for _ in range(2):
        assert b"<status-id>60<" in trial.deliver(cancel).body
        assert trial.balance() == trial.money("250.00")
    assert b"<result-code>240<" in trial.deliver(true).body
    assert trial.balance() == trial.money("250.00")
    assert verify(trial.ports) == []


def test_no_connector_is_left_out() -> None:
    tried = {case.opener for case in CASES}
    assert set(connectors.OPENERS.values()) <= tried


@pytest.mark.parametrize("code", connectors.OPENERS)
def test_a_connector_is_a_package_with_a_page_and_a_row_in_the_handbook(code: str) -> None:
    folder = ROOT / "connectors" / code
    for name in ("__init__.py", "README.md"):
        assert (folder / name).is_file(), f"connectors/{code} wants {name}"
    link = f"(../connectors/{code}/README.md)"
    assert link in (ROOT / "docs" / "payments.md").read_text("utf-8"), f"docs/payments.md wants a row with {link}"


PARTNERS = """
[[tin]]
code = "box"
title = "Жестянка"
protocol = "seal"
allowed = ["127.0.0.1/32"]
secrets = ["tin-secret"]
"""


def test_a_fourth_way_to_pay_takes_one_folder_and_one_entry(sqlite_url: str, tmp_path: Path) -> None:
    """Nothing of K5 is told of it but the registry: its address, its page and its money are there."""
    (tmp_path / "partners.toml").write_text(PARTNERS)
    environ = {"K5_DATABASE_URL": sqlite_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    settings = Settings.from_env(environ | {"K5_CONNECTORS": str(tmp_path / "partners.toml")})
    ports = open_ports(settings, {**connectors.OPENERS, "tin": open_boxes})
    try:
        owner = add_subscriber(ports, Msisdn("79161234567"), "correct horse", "Анна")
        client = create_app(settings, ports).test_client()
        assert "Жестянка" in client.get("/pay").text
        sent = {"id": "1", "account": str(owner.id), "sum": "250.00", "currency": "RUB"}
        body = json.dumps(sent).encode()
        for _ in range(2):
            answer = client.post("/hooks/tin/box", data=body, headers={"X-Tin-Seal": seal(body, "tin-secret")})
            assert json.loads(answer.data)["taken"] is True
        assert str(purse(ports, owner.id).balance) == "250.00"
    finally:
        ports.sessions.dispose()
