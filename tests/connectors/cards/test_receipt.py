"""The fiscal receipt of a top-up: an advance whose sums agree, and its rate of VAT in either generation's number."""

import json
import logging
from datetime import datetime

import pytest

from connectors.cards import acquirer, receipt
from k5web.domain.money import rub
from tests.conftest import Clock
from tests.connectors.cards.acquirer import RECEIPT, acquirer_table, open_one


def test_the_receipt_of_a_top_up_is_an_advance_whose_sums_agree() -> None:
    terms = receipt.read_terms({**receipt.NO_RECEIPT, **RECEIPT}, "rbs")
    assert terms is not None
    sale = receipt.of_sale(terms, rub("500.00"), "K5-8841-12", "79161234567")
    (position,) = json.loads(json.dumps(sale))["cartItems"]["items"]
    assert sale["total"] == position["itemAmount"] == position["itemPrice"] == 50000
    assert sale["payments"] == [{"type": 1, "sum": 50000}]
    assert (sale["receiptType"], position["paymentMethod"], position["paymentObject"]) == ("sell", "advance", "10")
    assert position["tax"] == {"taxType": 0}
    assert position["quantity"] == {"value": 1, "measure": "0"}
    assert sale["customerDetails"] == {"phone": "+79161234567"}
    back = receipt.of_refund(terms, rub("100.00"), "K5-8841-12", "")
    assert (back["receiptType"], back["total"]) == ("sell_refund", 10000)
    assert "customerDetails" not in back


@pytest.mark.parametrize(
    ("tax", "rbs", "ecom"),
    [
        ("none", 0, 0), ("0%", 1, 1), ("10%", 2, 2), ("10/110", 4, 4), ("20%", 6, 6), ("20/120", 7, 7),
        ("5%", 10, 8), ("5/105", 11, 9), ("7%", 12, 10), ("7/107", 13, 11), ("22%", 14, 12), ("22/122", 15, 13),
        ("22 %", 14, 12), ("6", 6, 6), ("14", 14, 14), ("42", 42, 42),
    ],
)  # fmt: skip
def test_c6_a_rate_of_vat_is_a_setting_by_its_name_or_the_gateway_s_code(tax: str, rbs: int, ecom: int) -> None:
    """Both generations of the gateway number the rates since 2025 in their own way."""
    for protocol, code in (("rbs", rbs), ("rbs-ecom", ecom)):
        terms = acquirer.read(acquirer_table(protocol=protocol, receipt={**RECEIPT, "tax": tax})).receipt
        assert terms is not None
        sale = json.loads(json.dumps(receipt.of_sale(terms, rub("500.00"), "K5-8841-12", "")))
        assert sale["cartItems"]["items"][0]["tax"] == {"taxType": code}


@pytest.mark.parametrize(
    ("tax", "day", "doubt"),
    [
        ("18%", "2018-12-31", ""), ("18%", "2019-01-01", "18%, which ended on 2019-01-01"),
        ("20%", "2025-12-31", ""), ("20%", "2026-01-01", "20%, which ended on 2026-01-01"),
        ("20/120", "2026-12-01", "20/120, which ended on 2026-01-01"),
        ("42", "2026-12-01", "code 42 is none that K5 knows"),
        ("22%", "2026-12-01", ""), ("5/105", "2026-12-01", ""), ("none", "2026-12-01", ""),
    ],
)  # fmt: skip
def test_c6_a_rate_that_ended_and_one_that_is_unknown_are_told_at_the_start(
    tax: str, day: str, doubt: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(datetime.fromisoformat(f"{day}T09:00:00+00:00"))
    with caplog.at_level(logging.WARNING):
        open_one(acquirer_table(receipt={**RECEIPT, "tax": tax}), clock)
    told = [vars(record).get("reason", "") for record in caplog.records]
    assert len(told) == bool(doubt)
    assert all(doubt in str(reason) for reason in told)


def test_without_a_taxpayer_s_number_there_is_no_receipt() -> None:
    assert receipt.read_terms(receipt.NO_RECEIPT, "rbs") is None
