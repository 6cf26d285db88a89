"""Notices of Bill Payments: as its own SDKs write and sign them."""

import json
from datetime import UTC, datetime

import pytest

from connectors.qiwi import bill
from connectors.qiwi.bills import Bills
from connectors.qiwi.connector import open_connectors
from k5web.domain.money import Money, rub
from k5web.domain.payments.connector import Opening, RepeatsStart
from k5web.domain.payments.notice import (
    OrderPaid,
)
from k5web.errors import ForgedNotice, ProviderUnknown
from tests.connectors.qiwi.town import GOOD, Town, answering, top_up
from tests.connectors.qiwi.wire_requests import BILL, JSON, MERCHANT, TRUE, bill_notice, opened, post, request_headers


@pytest.mark.parametrize("value", ["1", '"1"', "1.0", "1.00", '"1.00"'])
def test_the_sdks_notice_is_read_however_its_sum_is_written(value: str) -> None:
    document = (
        '{"bill":{"siteId":"test","billId":"test_bill","amount":{"value":VALUE,"currency":"RUB"},'
        '"status":{"value":"PAID","datetime":"2018-03-01T11:16:12+03"}},"version":"1"}'
    )
    body = document.replace("VALUE", value).encode()
    signature = "07e0ebb10916d97760c196034105d010607a6c6b7d72bfa1c3451448ac484a3b"
    partner = opened(BILL, site="test", secrets=[MERCHANT])
    notice = partner.read(post(body, JSON, **{"x-api-signature-sha256": signature}))
    assert notice == OrderPaid("test_bill", rub("1.00"), provider_id="test_bill")
    forgotten = "1536ed36e8e5fb82dc5ee3ca360afc307ddb151c65fe6a63becf201e5cc97b12"  # its two decimals
    with pytest.raises(ForgedNotice):
        partner.read(post(body, JSON, **{"x-api-signature-sha256": forgotten}))


def test_the_joining_of_the_java_sdk() -> None:
    found = bill.signed_message(
        {
            "siteId": "siteId",
            "billId": "billId",
            "amount": {"value": "10", "currency": "RUB"},
            "status": {"value": "PAID"},
        }
    )
    assert found == (rub("10.00"), "RUB|10.00|billId|siteId|PAID")


def test_a_paid_bill_is_an_order_paid() -> None:
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert opened(BILL).read(bill_notice()) == OrderPaid("K5-2026-000042", rub("500.00"), at, "K5-2026-000042")


def test_another_currency_is_told_as_it_is() -> None:
    notice = opened(BILL).read(bill_notice(currency="USD"))
    assert isinstance(notice, OrderPaid)
    assert notice.amount == Money(50000, "USD")


def test_s2_reordered_keys_say_the_same() -> None:
    document = json.loads(TRUE["bill"][1].body)
    document["bill"] = dict(reversed(document["bill"].items()))
    request = post(json.dumps(document).encode(), **request_headers(TRUE["bill"][1]))
    assert opened(BILL).read(request) == opened(BILL).read(TRUE["bill"][1])


@pytest.mark.server
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


@pytest.mark.server
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
