"""The wallet's XML dialect, protocol version 4.00."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, fromstring

import pytest

from connectors.elsom.connector import open_connectors
from connectors.elsom.osmp4 import CODES, XmlBiller, password_md5
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening
from k5web.domain.payments.masking import masked_request
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
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
from tests.effort import is_cheaper, make_lists

NOW = datetime(2026, 11, 24, 12, 0, 1, tzinfo=UTC)
SOM = Money.parse("250.00", "KGS")
TABLE: dict[str, object] = {
    "code": "wallet", "protocol": "osmp4", "currency": "KGS", "allowed": ["127.0.0.1/32"], "login": "elsom-k5",
    "service": "7001", "secrets": ["k5-elsom-password"], "account_types": ["id", "phone", "inn"],
}  # fmt: skip
PAY = """<?xml version="1.0" encoding="UTF-8"?>
<request>
  <protocol-version>4.00</protocol-version>
  <request-type>2</request-type>
  <terminal-id>9001</terminal-id>
  <extra name="login">elsom-k5</extra>
  <extra name="password-md5">77b700ed7b49217f08d81209bf8ece5a</extra>
  <transaction-number>900001</transaction-number>
  <from><amount currency-code="417">250.00</amount></from>
  <to><service-id>7001</service-id><amount currency-code="417">250.00</amount>\
<account-number>K5-1042</account-number></to>
  <receipt><receipt-number>800001</receipt-number><datetime>20261124180000</datetime></receipt>
</request>
"""


def biller(**keys: object) -> XmlBiller:
    [found] = open_connectors([TABLE | keys], Opening("https://t.k5.ru", clock=lambda: NOW))
    assert isinstance(found, XmlBiller)
    return found


def request(body: str | bytes = PAY, content_type: str = "text/xml", **more: Any) -> WireRequest:
    raw = body.encode() if isinstance(body, str) else body
    facts: dict[str, Any] = {"method": "POST", "path": "/hooks/elsom/wallet", "query": "", "body": raw}
    facts |= {"headers": {"content-type": content_type}, "address": "127.0.0.1", "at": NOW}
    return WireRequest(**facts | more)


def said(outcome: NoticeOutcome, body: str = PAY) -> dict[str, str]:
    answer = biller().answer(request(body), None, outcome)
    assert answer.status == 200
    root: Element = fromstring(answer.body)
    assert root.tag == "response"
    return {child.tag: child.text or "" for child in root}


def test_password_vector() -> None:
    assert password_md5("k5-elsom-password") == b"77b700ed7b49217f08d81209bf8ece5a"


def test_pay_is_read_and_keyed_by_the_transaction_number() -> None:
    at = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert biller().read(request()) == Paid("900001", "K5-1042", SOM, at, receipt="800001")


def test_check_cancel_and_status_are_read() -> None:
    kinds = PAY.replace("<request-type>2<", "<request-type>{}<")
    assert biller().read(request(kinds.format(1))) == Check("K5-1042", SOM, key="900001")
    assert biller().read(request(kinds.format(3))) == Cancelled("900001")
    status = PAY.replace("<from>", "<status><transaction-number>900000</transaction-number></status><from>")
    assert biller().read(request(status)) == Query("900000")


def test_a_form_field_and_windows_letters_are_taken() -> None:
    cyrillic = PAY.replace("UTF-8", "windows-1251").replace("K5-1042", "счёт").encode("cp1251")
    form = urlencode({"data": cyrillic}).encode()
    for asked in (request(cyrillic), request(form, "application/x-www-form-urlencoded; charset=windows-1251")):
        found = biller().read(asked)
        assert isinstance(found, Paid)
        assert found.account == "счёт"


def test_answer_of_a_payment() -> None:
    assert said(Credited(number=90418, amount=SOM, at=NOW, is_new=False)) == {
        "protocol-version": "4.00",
        "request-type": "2",
        "terminal-id": "9001",
        "transaction-number": "900001",
        "status-id": "60",
        "result-code": "0",
        "txn-id": "90418",
        "txn-date": "20261124180001",
    }


def test_answers_of_the_other_operations() -> None:
    def state(outcome: NoticeOutcome) -> tuple[str, str]:
        found = said(outcome)
        return found["status-id"], found["result-code"]

    assert state(Possible("А. К.", SOM, SOM)) == ("30", "0")
    assert said(Possible("А. К.", SOM, SOM))["extra"] == "А. К."
    assert state(Undone(90418, SOM, is_new=False)) == ("60", "0")
    assert state(Standing("paid", 90418, SOM)) == ("60", "0")
    assert state(Standing("cancelled", 90418, SOM)) == ("160", "240")
    assert state(Standing("absent")) == ("160", "203")


@pytest.mark.parametrize(
    ("why", "status", "result"),
    [
        ("account_unknown", "160", "5"), ("account_inactive", "160", "300"), ("sum_too_small", "160", "241"),
        ("sum_too_large", "160", "275"), ("conflict", "160", "202"), ("forged", "10", "150"),
        ("cannot_cancel", "160", "240"), ("unknown_payment", "160", "203"), ("wrong_currency", "160", "202"),
        ("later", "10", "13"), ("account_format", "160", "4"),
    ],
)  # fmt: skip
def test_each_refusal_has_its_state_and_code(why: str, status: str, result: str) -> None:
    found = said(Refused(Refusal(why), "a sentence"))
    assert (found["status-id"], found["result-code"], found["extra"]) == (status, result, "a sentence")


def test_no_refusal_is_forgotten() -> None:
    assert set(CODES) == set(Refusal)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("77b700ed7b49217f08d81209bf8ece5a", "77b700ed7b49217f08d81209bf8ece5b"),
        ("77b700ed7b49217f08d81209bf8ece5a", ""),
        (">elsom-k5<", ">elsom<"),
        ('<extra name="login">elsom-k5</extra>', ""),
        ('<extra name="login">', '<extra name="login">elsom-k5</extra><extra name="login">'),
    ],
)
def test_a_wrong_login_or_password_is_forged(was: str, becomes: str) -> None:
    with pytest.raises(ForgedNotice):
        biller().read(request(PAY.replace(was, becomes)))


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("is_form", [True, False])
def test_the_md5_of_the_password_is_a_password_and_never_kept(is_form: bool, quote: str) -> None:
    """Section 5: whoever reads it may pay."""
    partner = biller(secrets=["newer", "k5-elsom-password"])
    for shown in (password_md5("k5-elsom-password").decode(), password_md5("k5-elsom-password").decode().upper()):
        body = PAY.replace('name="password-md5"', f"name={quote}password-md5{quote}").replace(
            "77b700ed7b49217f08d81209bf8ece5a", shown
        )
        raw = request(urlencode({"data": body}), "application/x-www-form-urlencoded") if is_form else request(body)
        assert isinstance(partner.read(raw), Paid)
        assert shown not in masked_request(raw, partner.partner.secrets, 8192)


@pytest.mark.parametrize("secret", ["k5-elsom-password", "older"])
def test_both_passwords_hold_while_they_are_changed(secret: str) -> None:
    body = PAY.replace("77b700ed7b49217f08d81209bf8ece5a", password_md5(secret).decode().upper())
    assert isinstance(biller(secrets=["k5-elsom-password", "older"]).read(request(body)), Paid)


SUM = '</service-id><amount currency-code="417"'


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (">4.00<", ">3.00<"), ("<request-type>2<", "<request-type>10<"), (">900001</trans", "></trans"),
        (">900001</trans", ">9 1</trans"), ("<service-id>7001<", "<service-id>7002<"), (f"{SUM}>2", f"{SUM}>,2"),
        (f"{SUM}>250.00", f"{SUM}>-1.00"), (f"{SUM}>250.00", f"{SUM}>1e3"), (f"{SUM}>250.00</amount>", "</service-id>"),
        (f"{SUM}>", f"{SUM}>1.00</amount>{SUM[13:]}>"), (SUM, SUM.replace("417", "som")), ("20261124", "now"),
        ("<account-number>", "<account-number>1</account-number><account-number>"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused_with_202(was: str, becomes: str) -> None:
    body = PAY.replace(was, becomes)
    assert body != PAY
    with pytest.raises(MalformedNotice):
        biller().read(request(body))
    assert said(Refused(Refusal.MALFORMED), body)["result-code"] == "202"


BOMB = '<!DOCTYPE request [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {"abcdefgh"[at]} "{"&" + "abcdefgh"[at - 1] + ";" * 1}">' for at in range(1, 8)
)


@pytest.mark.parametrize(
    "body",
    [
        "", "no xml", "<request>", "<response/>", f"{BOMB}]><request>&h;</request>",
        '<!DOCTYPE request SYSTEM "file:///etc/passwd"><request/>',
        '<!DOCTYPE request [<!ENTITY x SYSTEM "file:///etc/passwd">]><request>&x;</request>',
        "<a>" * 20_000, PAY.replace('encoding="UTF-8"', 'encoding="UTF-7"'), PAY.encode("utf-16")[:-1],
        '<request xmlns="http://x"/>',
    ],
)  # fmt: skip
def test_what_is_no_document_of_ours_gets_400_at_once(body: str | bytes) -> None:
    asked = request(body)

    def refuse() -> None:
        with pytest.raises(MalformedNotice):
            biller().read(asked)
        answer = biller().answer(asked, None, Refused(Refusal.MALFORMED))
        assert (answer.status, answer.body) == (400, b"")

    assert is_cheaper(refuse, make_lists, 1000)


@pytest.mark.parametrize("hostile", ["</terminal-id><status-id>60</status-id>", "]]>", "\u202eevil"])
def test_echoes_and_words_cannot_break_the_answer(hostile: str) -> None:
    escaped = hostile.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    found = said(Refused(Refusal.CONFLICT, hostile + "\0\r\n"), PAY.replace(">9001<", f">{escaped}<"))
    assert found["status-id"] == "160"
    assert found["terminal-id"] == hostile.replace("\u202e", "")
    assert found["extra"] == hostile.replace("\u202e", "")


@pytest.mark.parametrize("keys", [{"secrets": []}, {"login": ""}, {"service": 7001}, {"base_url": "https://x"}])
def test_wrong_tables_stop_the_start(keys: dict[str, object]) -> None:
    with pytest.raises(WrongKey):
        biller(**keys)
