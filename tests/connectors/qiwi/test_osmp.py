"""The provider protocol: what networks send and what they get back."""

from datetime import UTC, datetime
from typing import get_args
from urllib.parse import urlencode

import pytest

from connectors.qiwi.osmp import CODES, Osmp, signed_text
from connectors.qiwi.wire import md5
from k5web.domain.money import Money
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
from k5web.errors import MalformedNotice, WrongKey
from tests.connectors.qiwi.wire_requests import CHECK, FORM, NOW, OSMP, PAY, elements, get, opened, post

SOM = Money.parse("250.00", "KGS")
CREDITED = Credited(90417, SOM, NOW, is_new=True)
POSSIBLE = Possible("A. K.", Money(1000, "KGS"), Money(1_500_000, "KGS"))
MD5 = {"authentication": "md5", "secrets": ["hd1827", "hd1826"]}
BASIC = {"authentication": "basic", "login": "optima", "secrets": ["пароль-1", "pass-2"]}


def code_of(request: WireRequest, **keys: object) -> str:
    """The result code of a request that cannot be read."""
    partner = opened(OSMP, **keys)
    with pytest.raises(MalformedNotice):
        partner.read(request)
    return elements(partner.answer(request, None, Refused(Refusal.MALFORMED)))["result"]


def signed(sent: dict[str, str], secret: str = "hd1827") -> str:
    return urlencode(sent | {"sign": md5(signed_text(sent) + secret)})


def test_check_and_pay_are_read() -> None:
    partner = opened(OSMP)
    assert partner.read(get(CHECK)) == Check("996555010203", SOM, key="700100200300")
    moscow_noon = datetime(2026, 11, 20, 11, 30, 5, tzinfo=UTC)
    assert partner.read(get(PAY)) == Paid("700100200300", "996555010203", SOM, moscow_noon)
    assert (partner.origin, partner.address) == ("qiwi:optima", "qiwi/optima")


def test_a_form_says_the_same_as_a_query() -> None:
    assert opened(OSMP).read(post(urlencode(PAY).encode())) == opened(OSMP).read(get(PAY))
    with_charset = post(urlencode(PAY).encode(), f"{FORM}; charset=UTF-8")
    assert opened(OSMP).read(with_charset) == opened(OSMP).read(get(PAY))


def test_the_time_is_by_the_networks_clock() -> None:
    paid = opened(OSMP, zone="Asia/Bishkek").read(get(PAY))
    assert isinstance(paid, Paid)
    assert paid.occurred_at == datetime(2026, 11, 20, 8, 30, 5, tzinfo=UTC)


def test_the_command_is_read_in_any_case() -> None:
    assert isinstance(opened(OSMP).read(get(PAY | {"command": "PAY"})), Paid)


def test_getinfo_asks_without_a_payment() -> None:
    partner, request = opened(OSMP), get({"command": "getInfo", "account": "1042", "ccy": "KGS"})
    notice = partner.read(request)
    assert notice == Check("1042")
    answer = partner.answer(request, notice, POSSIBLE)
    assert list(elements(answer)) == ["result", "comment", "fields"]
    assert b'<field1 name="name">A. K.</field1>' in answer.body


@pytest.mark.parametrize("currency", ["KGS", "kgs", "417"])
def test_the_currency_comes_in_letters_or_digits(currency: str) -> None:
    assert opened(OSMP).read(get(CHECK | {"ccy": currency})) == opened(OSMP).read(get(CHECK))


def test_another_currency_is_read_as_it_is_and_what_is_none_not_at_all() -> None:
    paid = opened(OSMP).read(get(PAY | {"ccy": "643"}))
    assert isinstance(paid, Paid)
    assert paid.amount == Money(25000, "RUB")
    for ccy in ("XAU", "840"):
        other = opened(OSMP).read(get(PAY | {"ccy": ccy}))
        assert isinstance(other, Paid)
        assert other.amount == Money(25000, ccy), "refused as a wrong currency"
    assert code_of(get(PAY | {"ccy": "рубли"})) == "300"


def test_the_answers_are_the_documents_own() -> None:
    partner = opened(OSMP)
    assert partner.answer(get(CHECK), partner.read(get(CHECK)), POSSIBLE).body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<response><osmp_txn_id>700100200300</osmp_txn_id>'
        b"<result>0</result><comment>A. K.</comment></response>"
    )
    assert partner.answer(get(PAY), partner.read(get(PAY)), CREDITED).body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<response><osmp_txn_id>700100200300</osmp_txn_id>'
        b"<prv_txn>90417</prv_txn><sum>250.00</sum><result>0</result><comment>OK</comment></response>"
    )


def test_a_partner_names_the_elements_and_wants_the_currency() -> None:
    keys: dict[str, object] = {"txn_element": "rapida_txn_id", "elements": {"prv_txn": "our_id"}}
    answer = opened(OSMP, reply_currency=True, **keys).answer(get(PAY), None, CREDITED)
    assert elements(answer) == {
        "rapida_txn_id": "700100200300", "our_id": "90417", "sum": "250.00", "ccy": "KGS", "result": "0",
        "comment": "OK",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("why", "code"),
    [
        (Refusal.ACCOUNT_FORMAT, 4),
        (Refusal.ACCOUNT_UNKNOWN, 5),
        (Refusal.CLOSED, 7),
        (Refusal.ACCOUNT_INACTIVE, 79),
        (Refusal.SUM_TOO_SMALL, 241),
        (Refusal.SUM_TOO_LARGE, 242),
        (Refusal.CANNOT_CANCEL, 251),
        (Refusal.CONFLICT, 300),
        (Refusal.WRONG_CURRENCY, 300),
        (Refusal.MALFORMED, 300),
        (Refusal.LATER, 1),
    ],
)
def test_each_refusal_has_its_code(why: Refusal, code: int) -> None:
    answer = elements(opened(OSMP).answer(get(PAY), None, Refused(why)))
    assert answer["result"] == str(code)
    assert answer["osmp_txn_id"] == "700100200300"
    assert not {"prv_txn", "sum"} & set(answer)


def test_no_refusal_is_without_code_and_only_our_own_trouble_is_not_final() -> None:
    assert set(CODES) == set(Refusal) - {Refusal.FORGED}
    assert [why for why, code in CODES.items() if code in {1, 90}] == [Refusal.LATER]


def test_every_outcome_has_an_answer() -> None:
    made: list[NoticeOutcome] = [
        POSSIBLE,
        CREDITED,
        Undone(1, SOM, True),
        Standing("absent"),
        Noted(),
        Refused(Refusal.LATER),
    ]
    assert {type(outcome) for outcome in made} == set(get_args(NoticeOutcome))
    for outcome in made:
        assert elements(opened(OSMP).answer(get(PAY), None, outcome))["result"] in {"0", "1"}


# Cancel and status, by dialect


def test_cancel_and_status_are_off_unless_the_partner_has_them() -> None:
    cancel = {"command": "cancel", "txn_id": "9", "cancel_txn_id": "8"}
    assert code_of(get(cancel)) == "300"
    assert code_of(get({"command": "status", "txn_id": "9"})) == "300"


def test_a_cancel_names_the_payment_by_the_networks_number() -> None:
    cancel = {"command": "cancel", "txn_id": "9", "cancel_txn_id": "8", "account": "1042", "sum": "250.00"}
    partner = opened(OSMP, cancel="txn_id")
    notice = partner.read(get(cancel))
    assert notice == Cancelled("8", "9", SOM)
    answer = elements(partner.answer(get(cancel), notice, Undone(90417, SOM, True)))
    assert list(answer) == ["osmp_txn_id", "cancel_txn_id", "prv_txn", "sum", "result", "comment"]
    assert [answer[name] for name in ("osmp_txn_id", "cancel_txn_id", "prv_txn", "result")] == ["9", "8", "90417", "0"]


def test_a_cancel_names_the_payment_by_our_number() -> None:
    cancel = get({"command": "cancel", "prv_txn": "90417"})
    partner = opened(OSMP, cancel="prv_txn")
    notice = partner.read(cancel)
    assert notice == Cancelled("", number=90417)
    assert list(elements(partner.answer(cancel, notice, Undone(90417, SOM, True)))) == [
        "prv_txn", "sum", "result", "comment"
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["0", "5", "79"])
def test_the_cancel_of_an_unknown_payment_is_answered_as_the_partner_has_it(code: str) -> None:
    partner = opened(OSMP, cancel="txn_id", cancel_unknown=code)
    notice = Cancelled("8", "9")
    assert elements(partner.answer(get(CHECK), notice, Refused(Refusal.UNKNOWN_PAYMENT)))["result"] == code


@pytest.mark.parametrize(("state", "code"), [("paid", "0"), ("absent", "1"), ("cancelled", "7")])
def test_a_status_query_says_how_the_payment_stands(state: str, code: str) -> None:
    partner, request = opened(OSMP, status=True), get({"command": "status", "txn_id": "7"})
    assert partner.read(request) == Query("7")
    standing = Standing(state, 90417 if state == "paid" else None)  # type: ignore[arg-type]
    answer = elements(partner.answer(request, Query("7"), standing))
    assert (answer["osmp_txn_id"], answer["result"]) == ("7", code)


# The partner's table


@pytest.mark.parametrize(
    "keys",
    [
        {"protocol": "osmp5"}, {"cancel": "yes"}, {"cancel_unknown": "6"}, {"zone": "Mars/Olympus"}, {"zone": "../etc"},
        {"txn_element": "a b"}, {"elements": {"sum": "<"}}, {"elements": {"sun": "sum"}}, {"authentication": "md5"},
        {"authentication": "basic", "secrets": ["a"]}, {"base_url": "https://a.example"}, {"status": "yes"},
    ],
)  # fmt: skip
def test_a_wrong_key_stops_the_start(keys: dict[str, object]) -> None:
    with pytest.raises(WrongKey):
        opened(OSMP, **keys)


def test_secrets_are_not_shown() -> None:
    partner = opened(OSMP, **MD5)
    assert isinstance(partner, Osmp)
    assert "hd1827" not in repr(partner) + repr(partner.partner)
