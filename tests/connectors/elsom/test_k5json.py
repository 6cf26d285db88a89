"""The wallet's JSON profile: signature vectors, what is read, what is answered."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.elsom.connector import open_connectors
from connectors.elsom.k5json import CODES, JsonBiller, signature
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
    Noted,
    NoticeOutcome,
    Paid,
    Possible,
    Query,
    Refusal,
    Refused,
    Standing,
    Undone,
    WireRequest,
)
from k5web.errors import ForgedNotice, MalformedNotice, WrongKey

KEY = "k5-elsom-hmac"
PATH = "/pay/elsom/biller"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHECK = '{"BillerCheck":{"Account":"K5-1042","Amount":"250.00","Currency":"KGS"}}'
PAY = (
    '{"BillerPay":{"TrnID":"ELS-900001","Account":"K5-1042","Amount":"250.00","Currency":"KGS",'
    '"TrnDate":"20261124180000"}}'
)
VECTORS = [
    (CHECK, "6b6cd98f619c31d728e2f792b824cb8af347857ec870f15647b5e80d443a73f9"),
    (PAY, "03157c3adfd77c988cd00d84c8b1d68cd3c3106e5deacc7ba6e0b93faa876984"),
]
TABLE: dict[str, object] = {
    "code": "wallet", "protocol": "k5json", "currency": "KGS", "allowed": ["127.0.0.1/32"],
    "account_types": ["inn", "id", "phone"], "secrets": ["newer-key", KEY],
}  # fmt: skip
SOM = Money.parse("250.00", "KGS")


def opening() -> Opening:
    return Opening("https://t.k5.ru", clock=lambda: NOW)


def biller(**keys: object) -> JsonBiller:
    [found] = open_connectors([TABLE | keys], opening())
    assert isinstance(found, JsonBiller)
    return found


def request(
    body: str | bytes = CHECK, secret: str = KEY, timestamp: str = "1795521600", sign: str | None = None, **more: Any
) -> WireRequest:
    raw = body.encode() if isinstance(body, str) else body
    headers = {
        "x-k5-timestamp": timestamp,
        "x-k5-signature": sign if sign is not None else signature(secret, PATH, timestamp, raw).decode(),
    }
    facts: dict[str, Any] = {"method": "POST", "path": PATH, "query": "", "headers": headers, "body": raw}
    return WireRequest(**facts | {"address": "127.0.0.1", "at": NOW} | more)


def said(outcome: NoticeOutcome) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(biller().answer(request(), None, outcome).body)["Response"]
    return found


@pytest.mark.parametrize(("body", "expected"), VECTORS)
def test_signature_vectors(body: str, expected: str) -> None:
    assert signature(KEY, PATH, "1795521600", body.encode()).decode() == expected
    biller().read(request(body, sign=expected))


def test_check_and_pay_are_read() -> None:
    assert biller().read(request(CHECK)) == Check("K5-1042", SOM)
    assert biller().read(request(PAY)) == Paid("ELS-900001", "K5-1042", SOM, NOW)


def test_pay_by_code_and_company_number() -> None:
    body = PAY.replace('"K5-1042"', '"01234567890123","AccountType":"inn","PaymentCode":"4821907"')
    found = biller().read(request(body))
    assert isinstance(found, Paid)
    assert (found.account, found.account_type, found.payment_code) == ("01234567890123", "inn", "4821907")


def test_status_and_cancel_are_read() -> None:
    assert biller().read(request('{"BillerStatus":{"TrnID":"ELS-1"}}')) == Query("ELS-1")
    cancel = '{"BillerCancel":{"TrnID":"ELS-1","CancelTrnID":"ELS-2","Reason":"mistake"}}'
    assert biller().read(request(cancel)) == Cancelled("ELS-1", "ELS-2")


@pytest.mark.parametrize(
    "forged",
    [
        {"sign": ""},
        {"sign": VECTORS[1][1]},
        {"sign": VECTORS[0][1].upper()},
        {"sign": VECTORS[0][1][:-1]},
        {"secret": "another"},
        {"timestamp": ""},
        {"timestamp": "-1795521600"},
        {"timestamp": "1795521299"},
        {"timestamp": "1795521901"},
        {"path": "/hooks/elsom/other", "sign": VECTORS[0][1]},
        {"body": CHECK + " ", "sign": VECTORS[0][1]},
    ],
)
def test_forged_and_stale_requests_are_refused_without_account_data(forged: dict[str, Any]) -> None:
    asked = request(**forged)
    with pytest.raises(ForgedNotice):
        biller().read(asked)
    answer = biller().answer(asked, None, Refused(Refusal.FORGED))
    assert (answer.status, answer.body) == (403, b"")


@pytest.mark.parametrize("secret", ["newer-key", KEY])
def test_both_keys_hold_while_they_are_changed(secret: str) -> None:
    assert isinstance(biller().read(request(secret=secret)), Check)


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", "null", '{"BillerRefund":{}}', '{"BillerCheck":[]}', CHECK[:-1] + ',"x":{}}',
        PAY.replace('"250.00"', "250.00"), PAY.replace("250.00", "250,00"), PAY.replace("250.00", "-1.00"),
        PAY.replace("250.00", "1e3"), PAY.replace("250.00", "٢٥٠.٠٠"), PAY.replace('"Account"', '"account"'),
        CHECK.replace('{"Account"', '{"Account":"1","Account"'), "[" * 5000, PAY.replace('"KGS"', '"som"'),
        PAY.replace("ELS-900001", ""), PAY.replace("ELS-900001", "x" * 33), PAY.replace("20261124180000", "2026"),
        PAY.replace("20261124180000", "20261324180000"), PAY.replace('"KGS"', '"KGS","AccountType":"iban"'),
        CHECK.replace('"250.00"', "NaN"), b"\xff\xfe",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_300(body: str | bytes) -> None:
    asked = request(body)
    with pytest.raises(MalformedNotice):
        biller().read(asked)
    answer = biller().answer(asked, None, Refused(Refusal.MALFORMED))
    assert (answer.status, json.loads(answer.body)["Response"]["ErrorCode"]) == (200, "300")


def test_answers_of_success() -> None:
    credited = Credited(number=90418, amount=SOM, at=NOW, is_new=False)
    assert said(credited) == {
        "ErrorCode": "0",
        "ErrorMsg": "OK",
        "Result": {"PartnerTrnID": "90418", "Amount": "250.00", "TrnDate": "20261124180000"},
    }
    possible = Possible("А. К.", Money.parse("10.00", "KGS"), Money.parse("15000.00", "KGS"))
    assert said(possible)["Result"] == {"AccountName": "А. К.", "MinAmount": "10.00", "MaxAmount": "15000.00"}
    assert said(Undone(90418, SOM, is_new=True))["Result"] == {"State": "cancelled"}
    assert said(Standing("absent"))["Result"] == {"State": "absent"}
    paid = {"State": "paid", "PartnerTrnID": "90418", "Amount": "250.00"}
    assert said(Standing("paid", 90418, SOM))["Result"] == paid
    assert said(Noted())["ErrorCode"] == "0"


@pytest.mark.parametrize(
    ("why", "code"),
    [
        ("later", "1"), ("account_format", "4"), ("account_unknown", "5"), ("closed", "7"), ("account_inactive", "79"),
        ("sum_too_small", "241"), ("sum_too_large", "242"), ("cannot_cancel", "251"), ("conflict", "300"),
        ("wrong_currency", "300"), ("unknown_payment", "5"), ("cancelled_before", "300"),
    ],
)  # fmt: skip
def test_each_refusal_has_its_code(why: str, code: str) -> None:
    assert said(Refused(Refusal(why)))["ErrorCode"] == code


def test_no_refusal_is_forgotten() -> None:
    assert set(CODES) == set(Refusal)


def test_partners_may_name_things_otherwise() -> None:
    other = biller(names={"check": "Check", "account": "Acc"}, codes={"5": "2"})
    body = CHECK.replace("BillerCheck", "Check").replace('"Account"', '"Acc"')
    assert other.read(request(body)) == Check("K5-1042", SOM)
    answer = other.answer(request(body), None, Refused(Refusal.ACCOUNT_UNKNOWN))
    assert json.loads(answer.body)["Response"]["ErrorCode"] == "2"


def test_hostile_words_stay_inside_their_strings() -> None:
    answer = biller().answer(request(), None, Possible('","x":"\r\n\u202e\0', SOM, SOM)).body
    assert json.loads(answer)["Response"]["Result"]["AccountName"] == '","x":"\r\n\u202e\0'
    assert b"\r" not in answer
    assert b"\0" not in answer


@pytest.mark.parametrize("keys", [{"secrets": []}, {"names": {"sum": "S"}}, {"x": 1}, {"protocol": "osmp5"}])
def test_wrong_tables_stop_the_start(keys: dict[str, object]) -> None:
    with pytest.raises(WrongKey):
        biller(**keys)


def test_no_secret_is_shown() -> None:
    assert KEY not in repr(biller().partner)
