"""Requests of QIWI and its networks, for their tests."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import fromstring

from connectors.qiwi.connector import open_connectors
from connectors.qiwi.pull import signed_text
from connectors.qiwi.wire import encoded, sign
from k5web.domain.money import rub
from k5web.domain.payments.connector import Opening, PaymentConnector
from k5web.domain.payments.notice import (
    Credited,
    WireRequest,
    WireResponse,
)

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
OSMP: dict[str, object] = {
    "code": "optima",
    "protocol": "osmp",
    "currency": "KGS",
    "minimum": "10.00",
    "maximum": "15000.00",
    "allowed": ["79.142.16.0/20", "127.0.0.1/32"],
    "account_types": ["id", "phone"],
}
CHECK = {
    "command": "check",
    "txn_id": "700100200300",
    "account": "996555010203",
    "sum": "250.00",
}
PAY = CHECK | {"command": "pay", "txn_date": "20261120143005"}


def opened(table: dict[str, object], **keys: object) -> PaymentConnector:
    """The connector of one partner."""
    [found] = open_connectors([table | keys], Opening("https://t.k5.ru", clock=lambda: NOW))
    return found


def get(query: str | Mapping[str, str], **more: Any) -> WireRequest:
    """A GET as a network sends it."""
    text = query if isinstance(query, str) else urlencode(query)
    facts: dict[str, Any] = {"method": "GET", "path": "/hooks/qiwi/optima", "query": text, "body": b""}
    return WireRequest(**facts | {"headers": {}, "address": "127.0.0.1", "at": NOW} | more)


def post(body: bytes, content_type: str = FORM, **headers: str) -> WireRequest:
    """A POST with its headers; "_" in a name stands for "-"."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return get("", method="POST", body=body, headers={"content-type": content_type} | named)


def elements(answer: WireResponse) -> dict[str, str]:
    """The elements of an XML answer, in their order."""
    assert answer.content_type == "text/xml; charset=utf-8"
    return {child.tag: child.text or "" for child in fromstring(answer.body)}


# Bills
BILL: dict[str, object] = {
    "code": "bill",
    "protocol": "bill",
    "site": "k5-site-01",
    "base_url": "http://127.0.0.1:9",
    "api_key": "api-key",
    "secrets": ["k5-bill-secret"],
    "allowed": ["127.0.0.1/32"],
}
PULL = BILL | {"code": "pull", "protocol": "pull", "site": "373712", "secrets": ["k5-notify-pass"]}
PULL = {key: value for key, value in PULL.items() if key != "api_key"} | {"login": "api-id", "password": "api-pass"}
PAYIN = BILL | {"code": "payin", "protocol": "payin", "site": "site-01", "secrets": ["k5-payin-key"]}


def hexed(message: str, secret: str) -> str:
    """A signature as the JSON protocols write it."""
    return sign(message, secret, "sha256").hex()


def bill_notice(secret: str = "k5-bill-secret", signature: str | None = None, **changes: Any) -> WireRequest:
    """A notice of Bill Payments v1; `value`, `status` … change it before it is signed."""
    facts = {"site": "k5-site-01", "bill": "K5-2026-000042", "value": "500.00", "currency": "RUB", "status": "PAID"}
    facts |= changes
    bill = {
        "siteId": facts["site"],
        "billId": facts["bill"],
        "amount": {"value": facts["value"], "currency": facts["currency"]},
        "status": {"value": facts["status"], "changedDateTime": "2026-11-20T12:00:00+03:00"},
    }
    if signature is None:
        value = f"{float(facts['value']):.2f}" if isinstance(facts["value"], int) else facts["value"]
        message = f"{facts['currency']}|{value}|{facts['bill']}|{facts['site']}|{facts['status']}"
        signature = hexed(message, secret)
    body = json.dumps({"bill": bill, "version": "1"}).encode()
    return post(body, JSON, **{"x-api-signature-sha256": signature})


def payin_notice(payment: Mapping[str, Any], signature: str, kind: str = "PAYMENT") -> WireRequest:
    """A notice of Payin v1."""
    return post(json.dumps({kind.lower(): payment, "type": kind, "version": "1"}).encode(), JSON, signature=signature)


def pull_notice(sent: Mapping[str, str], signature: str | None = None) -> WireRequest:
    """A notice of Pull v2."""
    if signature is None:
        signature = encoded(sign(signed_text(sent), "k5-notify-pass", "sha1"), "base64").decode()
    return post(urlencode(sent).encode(), **{"x-api-signature": signature})


MERCHANT = "test-merchant-secret-for-signature-check"  # of the SDKs' own tests
TOPUP = "Пополнение счёта"
SENT = {
    "command": "bill", "bill_id": "K5-2026-000042", "status": "paid", "error": "0", "amount": "500.00",
    "user": "tel:+79161234567", "prv_name": "K5", "ccy": "RUB", "comment": TOPUP,
}  # fmt: skip
PULL_SIGNED = "TKe4vFJvWuOj4R9rLA2UCALxLqY="
PAYMENT = {
    "paymentId": "pay-0001", "createdDateTime": "2026-11-20T12:00:00+03:00", "billId": "K5-2026-000042",
    "amount": {"value": "500.00", "currency": "RUB"}, "status": {"value": "SUCCESS"},
}  # fmt: skip
PAYIN_SIGNED = "743f5d6cf78a98aa3c5c3d57bd90a7ab35859baf13939f7e24a97a7253ab8abb"
CREDITED = Credited(90417, rub("500.00"), NOW, is_new=True)
TRUE = {
    "bill": (BILL, bill_notice()),
    "pull": (PULL, pull_notice(SENT, PULL_SIGNED)),
    "payin": (PAYIN, payin_notice(PAYMENT, PAYIN_SIGNED)),
}
HEADERS = {"bill": "x-api-signature-sha256", "pull": "x-api-signature", "payin": "signature"}


def changed(request: WireRequest, header: str, signature: str) -> WireRequest:
    """The same notice under another signature."""
    return post(request.body, **(dict(request.headers) | {header: signature, "content_type": content_type(request)}))


def content_type(request: WireRequest) -> str:
    """The type of its body."""
    return request.headers["content-type"]


def request_headers(request: WireRequest) -> dict[str, str]:
    """Its headers, as `post` takes them."""
    return {("content_type" if name == "content-type" else name): value for name, value in request.headers.items()}
