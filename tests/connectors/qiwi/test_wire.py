"""Bytes and values of the four protocols: signatures, sums, JSON, parameters, texts for answers."""

import pytest

from connectors.qiwi import wire
from connectors.qiwi.wire import is_signed
from k5web.domain.money import Money
from k5web.domain.payments.notice import WireRequest
from k5web.errors import MalformedNotice
from tests.connectors.qiwi.wire_requests import FORM, JSON, MERCHANT, PAYIN_SIGNED, get, hexed, post


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


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("5", "RUB", Money(500, "RUB")),
        ("5.0", "RUB", Money(500, "RUB")),
        ("5.00", "RUB", Money(500, "RUB")),
        ("0.05", "KGS", Money(5, "KGS")),
        ("5.00", "USD", Money(500, "USD")),  # a foreign one is told as it is
    ],
)
def test_5_and_5_00_are_one_sum(text: str, currency: str, amount: Money) -> None:
    assert wire.sum_of(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "RUB"),
        ("5,00", "RUB"),
        ("5.001", "RUB"),
        ("-5", "RUB"),
        ("5e2", "RUB"),
        ("5", "rub"),
        ("5", ""),
        ("5", "RU"),
    ],
)
def test_what_is_no_sum_or_no_currency_is_malformed(text: str, currency: str) -> None:
    with pytest.raises(MalformedNotice):
        wire.sum_of(text, currency)


def test_a_form_and_its_query_are_one_set_of_parameters() -> None:
    assert wire.parameters(get("a=1&b=%D1%8F+x&c=")) == {"a": "1", "b": "я x", "c": ""}
    assert wire.parameters(post(b"a=1", FORM)) == {"a": "1"}
    assert wire.parameters(get("")) == {}


@pytest.mark.parametrize(
    "query",
    [
        "a=1&a=2", "a=1&A=2", "a[]=1", "a=%zz", "a=%FF", "я=1", "=1", "a=%00", "a=%1b[31m", f"a={'x' * 1001}",
        "&".join(f"a{n}=1" for n in range(51)),
    ],
)  # fmt: skip
def test_parameters_with_two_readings_are_refused(query: str) -> None:
    with pytest.raises(MalformedNotice):
        wire.parameters(get(query))


@pytest.mark.parametrize(
    ("path", "found"), [(("id",), "K5-1"), (("amount", "value"), "5.00"), (("amount", "parts"), "2")]
)
def test_texts_and_numbers_are_found_by_their_path(path: tuple[str, ...], found: str) -> None:
    document = wire.read_json(b'{"id":"K5-1","amount":{"value":"5.00","parts":2},"flag":true,"list":["x"]}')
    assert wire.at(document, *path) == found
    assert wire.part(document, "amount") == {"value": "5.00", "parts": "2"}


@pytest.mark.parametrize("path", [("absent",), ("id", "x"), ("flag",), ("list",), ("amount",), ("long",), ("odd",)])
def test_what_is_no_text_is_missing(path: tuple[str, ...]) -> None:
    document = {"id": "1", "flag": True, "list": ["x"], "amount": {}, "long": "x" * 1001, "odd": "\x1b"}
    with pytest.raises(MalformedNotice, match="is missing or no text"):
        wire.at(document, *path)


@pytest.mark.parametrize(
    "request_",
    [
        post(b'{"a":"1"}', "text/plain"),
        post(b'{"a":"1"}', f"{JSON}; charset=windows-1251"),
        post(b'{"a":"1"}', JSON, content_encoding="gzip"),
        get("", method="PUT", body=b'{"a":"1"}', headers={"content-type": JSON}),
        get("x=1", method="POST", body=b'{"a":"1"}', headers={"content-type": JSON}),
    ],
)
def test_a_json_notice_is_a_plain_post_and_nothing_else(request_: WireRequest) -> None:
    assert wire.json_object(post(b'{"a":"1"}', f"{JSON}; charset=UTF-8")) == {"a": "1"}
    with pytest.raises(MalformedNotice):
        wire.json_object(request_)


@pytest.mark.parametrize(
    ("header", "is_right"),
    [
        (wire.basic("k5", "newer"), True),
        (wire.basic("k5", "older"), True),
        (wire.basic("k5", "older").replace("Basic", "bAsIc"), True),
        (wire.basic("k5", "guessed"), False),
        (wire.basic("k6", "newer"), False),
        (wire.basic("k5", "newer").replace("Basic", "Bearer"), False),
        (wire.basic("k5", "newer")[:-1], False),
        ("Basic ***", False),
        ("Basic", False),
        ("", False),
    ],
)
def test_a_login_is_believed_with_one_of_its_passwords(header: str, is_right: bool) -> None:
    assert wire.is_basic(header, "k5", ["newer", "older"]) is is_right


def test_a_signature_is_believed_as_it_is_written_and_under_any_secret_in_use() -> None:
    made = wire.encoded(wire.sign("a|b", "older", "sha256"), "hex").decode()
    assert wire.is_signed(made, "a|b", ["newer", "older"], "sha256")
    for given, secrets in ((made.upper(), ["older"]), (made, ["newer"]), (made, []), (f" {made}", ["older"])):
        assert not wire.is_signed(given, "a|b", secrets, "sha256")
    assert wire.is_md5_signed(wire.md5("textkey"), "text", ["other", "key"])
    assert not wire.is_md5_signed(wire.md5("textkey"), "text", ["other"])


def test_a_text_for_an_answer_steers_nothing_and_ends() -> None:
    assert wire.plain("да\x1b[31m\u202eнет\n\0") == "да[31mнет"
    assert len(wire.plain("я" * 500)) == wire.LONGEST_COMMENT
