"""Requests of QIWI and its networks, for their tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import fromstring

from connectors.qiwi.connector import open_connectors
from k5web.domain.topup import Opening, PaymentConnector, WireRequest, WireResponse

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
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
