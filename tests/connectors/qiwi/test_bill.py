"""Notices about bills in the three protocols: what is believed, what each gets back, what nobody may say.

Long because every case is asked of three protocols side by side.
"""

import hashlib
import hmac
import json
import random
from datetime import UTC, datetime
from typing import get_args

import pytest

from connectors.qiwi import bill, payin, pull
from connectors.qiwi.wire import encoded, is_signed, sign
from k5web.domain.money import Money, rub
from k5web.domain.payments.notice import (
    Credited,
    Ignored,
    Look,
    Noted,
    NoticeOutcome,
    OrderEnded,
    OrderPaid,
    Possible,
    Refusal,
    Refused,
    Standing,
    Undone,
    WireRequest,
)
from k5web.errors import ForgedNotice, MalformedNotice, WrongKey
from tests.connectors.qiwi.wire_requests import (
    BILL,
    FORM,
    JSON,
    NOW,
    PAYIN,
    PULL,
    bill_notice,
    elements,
    hexed,
    opened,
    payin_notice,
    post,
    pull_notice,
)

MERCHANT = "test-merchant-secret-for-signature-check"
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
    return post(request.body, **(dict(request.headers) | {header: signature, "content_type": content_type(request)}))


def content_type(request: WireRequest) -> str:
    return request.headers["content-type"]


# Vectors


@pytest.mark.parametrize(
    ("message", "secret", "expected"),
    [
        ("RUB|1.00|test_bill|test|PAID", MERCHANT, "07e0ebb10916d97760c196034105d010607a6c6b7d72bfa1c3451448ac484a3b"),
        ("RUB|1|test_bill|test|PAID", MERCHANT, "1536ed36e8e5fb82dc5ee3ca360afc307ddb151c65fe6a63becf201e5cc97b12"),
        ("data", "key", "5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0"),
        (
            "RUB|500.00|K5-2026-000042|k5-site-01|PAID",
            "k5-bill-secret",
            "be80ee8b3ce18fc3da24f234ee46aaab2f97f77c8c6fa2f2880ab0eff3360d14",
        ),
        (
            "A22170834426031500000733E625FCB3|2022-08-05T11:34:42+03:00|5",
            "k5-payin-key",
            "9aff6717e2c61b407a4be053b70c206e325f48fe9ed69db2c48369e35691960a",
        ),
        ("pay-0001|2026-11-20T12:00:00+03:00|500.00", "k5-payin-key", PAYIN_SIGNED),
    ],
)
def test_vectors_of_the_hex_signatures(message: str, secret: str, expected: str) -> None:
    assert hexed(message, secret) == expected
    assert is_signed(expected, message, [secret], "sha256")


@pytest.mark.parametrize(("comment", "expected"), [("Topup", "cWS15BFJf4fR96gTebpmu6mpY58="), (TOPUP, PULL_SIGNED)])
def test_vectors_of_the_base64_signature(comment: str, expected: str) -> None:
    text = pull.signed_text(SENT | {"comment": comment})
    assert text == f"500.00|K5-2026-000042|RUB|bill|{comment}|0|K5|paid|tel:+79161234567"
    assert encoded(sign(text, "k5-notify-pass", "sha1"), "base64") == expected.encode()


def test_the_body_of_the_second_pull_vector_is_read() -> None:
    body = (
        b"command=bill&bill_id=K5-2026-000042&status=paid&error=0&amount=500.00&user=tel%3A%2B79161234567&prv_name=K5"
        b"&ccy=RUB&comment=%D0%9F%D0%BE%D0%BF%D0%BE%D0%BB%D0%BD%D0%B5%D0%BD%D0%B8%D0%B5+%D1%81%D1%87%D1%91%D1%82%D0%B0"
    )
    notice = opened(PULL).read(post(body, **{"x-api-signature": PULL_SIGNED}))
    assert notice == OrderPaid("K5-2026-000042", rub("500.00"), provider_id="K5-2026-000042")


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


# What becomes of a bill


def test_a_paid_bill_is_an_order_paid() -> None:
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert opened(BILL).read(bill_notice()) == OrderPaid("K5-2026-000042", rub("500.00"), at, "K5-2026-000042")


@pytest.mark.parametrize(("status", "state"), [("REJECTED", "declined"), ("EXPIRED", "expired")])
def test_a_bill_that_ends_unpaid(status: str, state: str) -> None:
    ended = opened(BILL).read(bill_notice(status=status))
    assert ended == OrderEnded("K5-2026-000042", state)  # type: ignore[arg-type]
    assert ended == opened(PULL).read(pull_notice(SENT | {"status": status.lower()}))


def test_a_pull_bill_that_could_not_be_paid_is_declined() -> None:
    assert opened(PULL).read(pull_notice(SENT | {"status": "unpaid"})) == OrderEnded("K5-2026-000042", "declined")


def test_a_waiting_bill_is_no_news() -> None:
    assert isinstance(opened(BILL).read(bill_notice(status="WAITING")), Ignored)
    assert isinstance(opened(PULL).read(pull_notice(SENT | {"status": "waiting"})), Ignored)


def test_another_currency_is_told_as_it_is() -> None:
    notice = opened(BILL).read(bill_notice(currency="USD"))
    assert isinstance(notice, OrderPaid)
    assert notice.amount == Money(50000, "USD")


@pytest.mark.parametrize(
    ("table", "request_"),
    [
        (BILL, bill_notice(status="REFUNDED")),
        (BILL, bill_notice(status="paid")),
        (BILL, bill_notice(site="another")),
        (BILL, bill_notice(bill="K5|1")),
        (PULL, pull_notice(SENT | {"status": "PAID"})),
        (PULL, pull_notice(SENT | {"command": "pay"})),
        (PULL, pull_notice(SENT | {"bill_id": ""})),
        (PULL, pull_notice(SENT | {"amount": "500."})),
        (PULL, pull_notice(SENT | {"amount": "5e2"})),
        (PAYIN, payin_notice(PAYMENT | {"status": {"value": "PAID"}}, PAYIN_SIGNED)),
        (PAYIN, payin_notice(PAYMENT | {"billId": "a b"}, PAYIN_SIGNED)),
    ],
)
def test_an_unknown_word_is_an_error_and_never_a_silent_default(
    table: dict[str, object], request_: WireRequest
) -> None:
    with pytest.raises(MalformedNotice):
        opened(table).read(request_)


# What each gets back


@pytest.mark.parametrize(
    ("outcome", "json_status", "pull_code"),
    [
        (CREDITED, 200, "0"),
        (Noted(), 200, "0"),
        (Refused(Refusal.UNKNOWN_PAYMENT), 200, "5"),
        (Refused(Refusal.CONFLICT), 200, "0"),
        (Refused(Refusal.WRONG_CURRENCY), 200, "0"),
        (Refused(Refusal.ACCOUNT_INACTIVE), 200, "0"),
        (Refused(Refusal.LATER), 500, "13"),
        (Refused(Refusal.MALFORMED), 400, "5"),
        (Refused(Refusal.FORGED), 403, "151"),
    ],
)
def test_each_outcome_has_its_answer(outcome: NoticeOutcome, json_status: int, pull_code: str) -> None:
    for kind in ("bill", "payin"):
        table, request = TRUE[kind]
        answer = opened(table).answer(request, None, outcome)
        assert answer.status == json_status
        assert answer.body == (b'{"error": "0"}' if json_status == 200 else b"")
    table, request = TRUE["pull"]
    answer = opened(table).answer(request, None, outcome)
    assert elements(answer) == {"result_code": pull_code}
    assert answer.status == (403 if pull_code == "151" else 200)


def test_every_outcome_is_answered() -> None:
    made: list[NoticeOutcome] = [
        Possible("A", rub("1.00"), rub("2.00")), CREDITED, Undone(1, rub("1.00"), True), Standing("absent"), Noted(),
        Refused(Refusal.LATER),
    ]  # fmt: skip
    assert {type(outcome) for outcome in made} == set(get_args(NoticeOutcome))
    for table, request in TRUE.values():
        for outcome in made:
            assert opened(table).answer(request, None, outcome).body or isinstance(outcome, Refused)


def test_the_document_of_a_pull_answer() -> None:
    answer = opened(PULL).answer(TRUE["pull"][1], None, CREDITED)
    assert answer.body == (b'<?xml version="1.0" encoding="UTF-8"?>\n<result><result_code>0</result_code></result>')


def test_pull_by_password() -> None:
    partner = opened(PULL, authentication="basic")
    body = TRUE["pull"][1].body
    good = post(body, authorization="Basic MzczNzEyOms1LW5vdGlmeS1wYXNz")
    assert isinstance(partner.read(good), OrderPaid)
    for wrong in (TRUE["pull"][1], post(body, authorization="Basic MzczNzEyOms1LW5vdGlmeS1wYXN0")):
        with pytest.raises(ForgedNotice):
            partner.read(wrong)
    answer = partner.answer(good, None, Refused(Refusal.FORGED))
    assert (answer.status, elements(answer)) == (401, {"result_code": "150"})


# Who speaks


@pytest.mark.parametrize("kind", TRUE)
def test_two_secrets_are_believed_while_they_are_changed(kind: str) -> None:
    table, request = TRUE[kind]
    secrets = table["secrets"]
    assert isinstance(secrets, list)
    assert opened(table, secrets=["the-new-one", *secrets]).read(request) == opened(table).read(request)


@pytest.mark.parametrize("kind", TRUE)
def test_s1_a_forged_signature_is_refused(kind: str) -> None:
    table, request = TRUE[kind]
    true = request.headers[HEADERS[kind]]
    other_body = post(request.body.replace(b"500.00", b"900.00"), **request_headers(request))
    others = ["", true[:-1], true.swapcase(), f"{true} ", f"{true}, {true}", "а" * 64, hexed("x", "y")]
    for forged in [other_body, *[changed(request, HEADERS[kind], text) for text in others]]:
        with pytest.raises(ForgedNotice):
            opened(table).read(forged)
    with pytest.raises(ForgedNotice):
        opened(table, secrets=["another-partners"]).read(request)


def request_headers(request: WireRequest) -> dict[str, str]:
    return {("content_type" if name == "content-type" else name): value for name, value in request.headers.items()}


@pytest.mark.parametrize("kind", TRUE)
def test_s1_no_flipped_bit_becomes_other_money(kind: str) -> None:
    table, request = TRUE[kind]
    partner, chance = opened(table), random.Random(7)
    true = partner.read(request)
    for _ in range(3_400):  # of each of the three
        body = bytearray(request.body)
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        try:
            found = partner.read(post(bytes(body), **request_headers(request)))
        except (ForgedNotice, MalformedNotice):
            continue
        if kind == "payin":  # its signature leaves out the bill: which is why the interface is asked
            assert isinstance(found, Look | Ignored)
        elif kind == "bill":  # the time is not signed
            assert isinstance(found, OrderPaid)
            assert isinstance(true, OrderPaid)
            assert (found.number, found.amount) == (true.number, true.amount)
        else:
            assert found == true


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"{", b'{"bill":[]}', b'{"bill":{}}', b"[" * 100_000, b"\xff\xfe{\x00}\x00",
        json.dumps({"bill": 1}).encode("utf-16"), b'\xef\xbb\xbf{"bill":{}}',
        TRUE["bill"][1].body.replace(b'"500.00"', b'"500.00", "value": "900.00"'),
        TRUE["bill"][1].body.replace(b'"500.00"', b"NaN"), TRUE["bill"][1].body.replace(b'"500.00"', b"5e2"),
        TRUE["bill"][1].body.replace(b'"500.00"', b"500.001"), TRUE["bill"][1].body.replace(b'"500.00"', b'["500.00"]'),
    ],
)  # fmt: skip
def test_s2_what_is_not_one_plain_json_object_is_not_believed(body: bytes) -> None:
    for table, header in ((BILL, "x-api-signature-sha256"), (PAYIN, "signature")):
        with pytest.raises(ForgedNotice):
            opened(table).read(post(body, JSON, **{header: "0" * 64}))


def test_s2_reordered_keys_say_the_same() -> None:
    document = json.loads(TRUE["bill"][1].body)
    document["bill"] = dict(reversed(document["bill"].items()))
    request = post(json.dumps(document).encode(), **request_headers(TRUE["bill"][1]))
    assert opened(BILL).read(request) == opened(BILL).read(TRUE["bill"][1])


@pytest.mark.parametrize("kind", TRUE)
def test_s2_another_type_or_packing_or_method_is_not_believed(kind: str) -> None:
    table, request = TRUE[kind]
    headers = {name: value for name, value in request_headers(request).items() if name != "content_type"}
    own = content_type(request)
    strangers = [
        post(request.body, "text/plain", **headers),
        post(request.body, FORM if own == JSON else JSON, **headers),
        post(request.body, f"{own}; charset=windows-1251", **headers),
        post(request.body, own, **headers, content_encoding="gzip"),
    ]
    for stranger in strangers:
        with pytest.raises(ForgedNotice):
            opened(table).read(stranger)


def test_s6_pulls_repeated_parameters_are_not_believed() -> None:
    for more in (b"&amount=900.00", b"&AMOUNT=900.00", b"&amount[]=900.00"):
        body = TRUE["pull"][1].body + more
        with pytest.raises(ForgedNotice):
            opened(PULL).read(post(body, **request_headers(TRUE["pull"][1])))


def test_pulls_new_parameters_take_part_in_the_signature() -> None:
    assert opened(PULL).read(pull_notice(SENT | {"zzz": "1"})) == opened(PULL).read(TRUE["pull"][1])
    with pytest.raises(ForgedNotice):
        opened(PULL).read(pull_notice(SENT | {"zzz": "1"}, PULL_SIGNED))


def test_s3_comparison_is_by_compare_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def spy(left: bytes, right: bytes) -> bool:
        compared.append((left, right))
        return left == right

    monkeypatch.setattr(hmac, "compare_digest", spy)
    for table, request in TRUE.values():
        opened(table).read(request)
    assert len(compared) == len(TRUE)
    assert hashlib.sha256().digest_size * 2 in {len(left) for left, _ in compared}


# The partner's table


@pytest.mark.parametrize("table", [BILL, PULL, PAYIN])
def test_addresses_and_origins(table: dict[str, object]) -> None:
    partner = opened(table)
    assert partner.address == f"qiwi-{table['protocol']}/{table['site']}"
    assert partner.origin == f"qiwi:{table['code']}"


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (BILL, {"site": "a/b"}), (BILL, {"site": ""}), (BILL, {"secrets": []}), (BILL, {"api_key": ""}),
        (BILL, {"base_url": "ftp://a"}), (BILL, {"login": "x"}), (PULL, {"password": ""}), (PULL, {"api_key": "x"}),
        (PULL, {"authentication": "md5"}), (PULL, {"page_url": "x"}), (PAYIN, {"payin_signature_encoding": "hexx"}),
        (PAYIN, {"cancel": "txn_id"}),
    ],
)  # fmt: skip
def test_a_wrong_key_stops_the_start(table: dict[str, object], keys: dict[str, object]) -> None:
    with pytest.raises(WrongKey):
        opened(table, **keys)


@pytest.mark.parametrize("table", [BILL, PULL, PAYIN])
def test_secrets_are_not_shown(table: dict[str, object]) -> None:
    partner = opened(table)
    shown = repr(partner) + repr(vars(partner)) + repr(partner.partner)
    for secret in ("k5-bill-secret", "k5-notify-pass", "k5-payin-key", "api-key", "api-pass", "YXBpLWlk"):
        assert secret not in shown
