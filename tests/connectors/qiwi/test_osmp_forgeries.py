"""The provider protocol against forgers and monsters: who may speak, and what cannot be read."""

import base64
import random
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from connectors.qiwi.osmp import signed_text
from connectors.qiwi.wire import md5
from k5web.domain.money import Money
from k5web.domain.payments.notice import (
    Check,
    Paid,
    Possible,
    Refusal,
    Refused,
    WireRequest,
)
from k5web.errors import ForgedNotice, MalformedNotice
from tests.connectors.qiwi.wire_requests import CHECK, FORM, OSMP, PAY, elements, get, opened, post
from tests.effort import is_cheaper, make_lists

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


def test_md5_vector() -> None:
    sent = {"command": "check", "account": "user_login", "qxt_group": "vip", "qxt_server": "server"}
    assert signed_text(sent) + "hd1827" == "checkuser_loginvipserverhd1827"
    assert md5("checkuser_loginvipserverhd1827") == "e579c5c8a73221eece608f6f70d12998"


@pytest.mark.parametrize("secret", ["hd1827", "hd1826"])
def test_md5_by_either_secret_is_believed(secret: str) -> None:
    assert isinstance(opened(OSMP, **MD5).read(get(signed(dict(PAY), secret))), Paid)


def forgeries() -> list[str]:
    good = signed(dict(PAY))
    before, _, sign = good.rpartition("=")
    return [
        urlencode(PAY),
        f"{before}=",
        f"{before}={sign[:-1]}",
        f"{before}={sign.upper()}",
        signed(dict(PAY), "another partner's"),
        good.replace("250.00", "950.00"),
        f"{good}&sign={sign}",
        f"{good}&more=1",
        f"{before}=%ff",
        f"{before}=%D0%B0",
    ]


@pytest.mark.parametrize("query", forgeries())
def test_s1_a_forged_md5_is_refused_without_a_word(query: str) -> None:
    partner = opened(OSMP, **MD5)
    with pytest.raises(ForgedNotice):
        partner.read(get(query))
    answer = partner.answer(get(query), None, Refused(Refusal.FORGED))
    assert (answer.status, answer.body) == (403, b"")


def test_s1_no_flipped_bit_becomes_another_payment() -> None:
    partner, good = opened(OSMP, **MD5), signed(dict(PAY)).encode()
    true, chance = partner.read(post(good)), random.Random(7)
    assert isinstance(true, Paid)
    for _ in range(10_000):
        flipped = bytearray(good)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        try:
            found = partner.read(post(bytes(flipped)))
        except (ForgedNotice, MalformedNotice):
            continue
        assert isinstance(found, Paid)
        assert replace(found, occurred_at=true.occurred_at) == true, bytes(flipped)  # names are not signed: txn_data


@pytest.mark.parametrize("password", ["пароль-1", "pass-2"])
def test_basic_by_either_password_is_believed(password: str) -> None:
    request = get(PAY, headers={"authorization": basic("optima", password)})
    assert isinstance(opened(OSMP, **BASIC).read(request), Paid)


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !", "Basic b3B0aW1h", "Bearer b3B0aW1hOnBhc3MtMg==", "Basic b3B0aW1hOnBhc3MtMw=="],
)
def test_s1_a_wrong_login_is_refused_without_a_word(header: str) -> None:
    partner, request = opened(OSMP, **BASIC), get(PAY, headers={"authorization": header})
    with pytest.raises(ForgedNotice):
        partner.read(request)
    answer = partner.answer(request, None, Refused(Refusal.FORGED))
    assert (answer.status, answer.body) == (401, b"")


def basic(login: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


@pytest.mark.parametrize(
    "text",
    ["250,00", "250.", ".5", "0250", "-1.00", "1e3", "250.005", "+5.00", " 5.00", "٥.٠٠", "NaN", "9" * 40],
)
def test_row_13_a_sum_that_is_none_is_300(text: str) -> None:
    assert code_of(get(PAY | {"sum": text})) == "300"
    assert code_of(get(CHECK | {"sum": text})) == "1", "nothing moves: it may be mended"


def test_row_14_without_a_time_the_payment_has_none() -> None:
    paid = opened(OSMP).read(get({name: value for name, value in PAY.items() if name != "txn_date"}))
    assert isinstance(paid, Paid)
    assert paid.occurred_at is None


def test_row_17_an_unknown_command_is_300() -> None:
    assert code_of(get(PAY | {"command": "refund"})) == "300"


@pytest.mark.parametrize(
    "query",
    [
        urlencode(PAY | {"sum": "1.00"}) + "&sum=100.00",
        urlencode(PAY) + "&SUM=100.00",
        urlencode(PAY) + "&%73um=100.00",
        urlencode(PAY) + "&sum[]=100.00",
        urlencode(PAY) + "&a[b]=1",
    ],
)
def test_row_18_s6_a_repeated_or_nested_parameter_is_300(query: str) -> None:
    assert code_of(get(query)) == "300"


def test_s6_a_parameter_in_both_query_and_body_is_300() -> None:
    assert code_of(post_with_query(b"sum=100.00", urlencode(PAY))) == "300"
    assert code_of(get(PAY, body=b"sum=100.00")) == "300"


def post_with_query(body: bytes, query: str) -> WireRequest:
    return get(query, method="POST", body=body, headers={"content-type": FORM})


@pytest.mark.parametrize(
    "change",
    [
        {"txn_id": ""}, {"txn_id": "7" * 21}, {"txn_id": "7a"}, {"txn_id": "٧"}, {"account": ""},
        {"account": "9" * 201},
        {"txn_date": "2026112014300"}, {"txn_date": "20261320143005"}, {"txn_date": "00000000000000"},
        {"account": "996\x00"}, {"account": "996\r\n"}, {"sum": "5.00\x00"}, {"test": "1"}, {"command": ""},
    ],
)  # fmt: skip
def test_what_is_not_of_its_form_is_300(change: dict[str, str]) -> None:
    assert code_of(get(PAY | change)) == "300"


@pytest.mark.parametrize(
    "request_",
    [
        post(urlencode(PAY).encode(), "text/plain"),
        post(urlencode(PAY).encode(), "application/json"),
        post(urlencode(PAY).encode(), f"{FORM}; charset=windows-1251"),
        post(urlencode(PAY).encode(), content_encoding="gzip"),
        post(urlencode(PAY).encode("utf-16")),
        post(b"command=pay&account=%ff"),
        post(b"command=pay&account=%f"),
        post(b"&".join(b"a%d=1" % at for at in range(100))),
        get("command=pay&account=\xd0\xb0"),
    ],
)
def test_s2_another_charset_type_or_packing_is_300(request_: WireRequest) -> None:
    assert code_of(request_) == "300"


@pytest.mark.parametrize("at", [0, 20_000])
def test_s7_xml_and_other_monsters_are_refused_at_once(at: int) -> None:
    """No XML is read here: a bomb is a form that is none."""
    bomb = b'<!DOCTYPE a [<!ENTITY b "ha">]>' + b"<a>" * at + b"&b;" * 1000

    def refuse() -> None:
        assert code_of(post(bomb)) == code_of(post(bomb, "text/xml")) == "300"

    assert is_cheaper(refuse, make_lists, 100)


@pytest.mark.parametrize(
    "text", ["</comment><result>0</result>", "a\r\nb", "\u202e0.1", "a\x00b", "\ufffe", "]]>&amp;"]
)
def test_s8_nobody_speaks_through_our_answer(text: str) -> None:
    hostile = Possible(text, Money(1000, "KGS"), Money(1_500_000, "KGS"))
    for request in (get(CHECK), get(CHECK | {"txn_id": text, "account": text}), get({"command": "getinfo"})):
        for outcome in (hostile, Refused(Refusal.CONFLICT, text)):
            answer = opened(OSMP).answer(request, Check("1"), outcome)
            found = elements(answer)
            assert set(found) <= {"osmp_txn_id", "result", "comment", "fields"}
            assert found["comment"] == "".join(letter for letter in text if letter.isprintable())
            assert found.get("osmp_txn_id", "") in {"", "700100200300"}
