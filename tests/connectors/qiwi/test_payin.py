"""Notices of Payin: what is signed, captures and refunds, the check of a card, either writing of a signature."""

import json

import pytest

from connectors.qiwi import payin
from connectors.qiwi.wire import encoded, sign
from k5web.domain.payments.notice import (
    Ignored,
    Look,
)
from k5web.errors import ForgedNotice
from tests.connectors.qiwi.wire_requests import JSON, PAYIN, PAYIN_SIGNED, PAYMENT, hexed, opened, payin_notice, post


def test_payin_signs_the_sum_as_it_stands() -> None:
    payment = (
        '{"payment":{"paymentId":"A22170834426031500000733E625FCB3","createdDateTime":"2022-08-05T11:34:42+03:00",'
        '"amount":{"value":%s,"currency":"RUB"},"status":{"value":"SUCCESS"},"billId":"K5-1-1"},"type":"PAYMENT"}'
    )
    signature = "9aff6717e2c61b407a4be053b70c206e325f48fe9ed69db2c48369e35691960a"
    assert opened(PAYIN).read(post((payment % "5").encode(), JSON, signature=signature)) == Look("K5-1-1")
    for other in ("5.0", "5.00", "5e0", "50"):
        with pytest.raises(ForgedNotice):
            opened(PAYIN).read(post((payment % other).encode(), JSON, signature=signature))


@pytest.mark.parametrize(
    ("kind", "subject", "message"),
    [
        ("CAPTURE", {"captureId": "c-1"}, "c-1|2026-11-20T12:00:00+03:00|5"),
        ("REFUND", {"refundId": "r-1"}, "r-1|2026-11-20T12:00:00+03:00|5"),
    ],
)
def test_payin_tells_of_captures_and_refunds_too(kind: str, subject: dict[str, str], message: str) -> None:
    content = PAYMENT | subject | {"amount": {"value": 5, "currency": "RUB"}}
    assert opened(PAYIN).read(payin_notice(content, hexed(message, "k5-payin-key"), kind)) == Look("K5-2026-000042")


def test_payins_check_of_a_card_is_nothing_of_ours() -> None:
    body = {"checkPaymentMethod": {"requestUid": "u", "checkOperationDate": "d"}, "type": "CHECK_CARD"}
    request = post(json.dumps(body).encode(), JSON, signature=hexed("u|d", "k5-payin-key"))
    assert isinstance(opened(PAYIN).read(request), Ignored)


def test_payins_signature_may_come_in_base64() -> None:
    partner = opened(PAYIN, payin_signature_encoding="base64")
    digest = sign(payin.signed_message({"payment": PAYMENT, "type": "PAYMENT"}), "k5-payin-key", "sha256")
    assert partner.read(payin_notice(PAYMENT, encoded(digest, "base64").decode())) == Look("K5-2026-000042")
    with pytest.raises(ForgedNotice):
        partner.read(payin_notice(PAYMENT, PAYIN_SIGNED))
