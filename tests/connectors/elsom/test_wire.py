"""What the wallet's protocols share: its clock, its sums, a JSON document with one root."""

import json
from datetime import UTC, datetime

import pytest

from connectors.elsom import wire
from connectors.elsom.wire import Number
from k5web.domain.money import Money
from k5web.errors import MalformedNotice

AT = datetime(2026, 11, 24, 12, 0, 1, tzinfo=UTC)


def test_a_moment_is_by_the_clock_of_bishkek() -> None:
    assert wire.moment("20261124180001") == AT
    assert wire.stamp(AT) == "20261124180001"
    assert wire.moment("") is None


@pytest.mark.parametrize(
    "text",
    ["2026", "202611241800010", "20261324180001", "20260229000000", "2026112418000x", " 20261124180001", "\u0662" * 14],
)
def test_a_moment_that_is_none_is_malformed(text: str) -> None:
    with pytest.raises(MalformedNotice, match="YYYYMMDDhhmmss"):
        wire.moment(text)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("250", "KGS", Money(25000, "KGS")),
        ("250.5", "KGS", Money(25050, "KGS")),
        ("250.05", "KGS", Money(25005, "KGS")),
        ("1.00", "USD", Money(100, "USD")),  # not ours: told as it is, and refused as such
    ],
)
def test_a_sum_has_at_most_two_decimals(text: str, currency: str, amount: Money) -> None:
    assert wire.sum_of(text, currency) == amount


@pytest.mark.parametrize(
    "text", ["", "250,00", "250.001", "-1", "+1", "1e3", " 1", "NaN", "\u0662\u0665\u0660", "1.", ".5"]
)
def test_what_is_no_sum_is_malformed(text: str) -> None:
    with pytest.raises(MalformedNotice, match=r"like 500\.00"):
        wire.sum_of(text, "KGS")


@pytest.mark.parametrize("currency", ["", "som", "KGSX", "41", "4170", "К" * 3])
def test_a_currency_has_three_letters_or_digits(currency: str) -> None:
    with pytest.raises(MalformedNotice, match="currency"):
        wire.sum_of("1.00", currency)


def test_numbers_of_a_document_stay_as_they_were_written() -> None:
    body = b'{"BillerCheck":{"Amount":250.10,"Count":7,"Account":"1042","Flag":true}}'
    root, members = wire.one_root(body)
    assert root == "BillerCheck"
    assert members == {"Amount": Number("250.10"), "Count": Number("7"), "Account": "1042", "Flag": True}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{}", "one root key is expected"),
        (b'{"a":{},"b":{}}', "one root key is expected"),
        (b'{"a":[]}', "a must be an object"),
        (b'{"a":"x"}', "a must be an object"),
        (b'{"a":{"x":1,"x":2}}', "there twice"),
    ],
)
def test_a_document_without_one_plain_root_is_malformed(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedNotice, match=reason):
        wire.one_root(body)


def test_an_answer_has_a_code_and_words_and_a_result_where_there_is_one() -> None:
    assert json.loads(wire.envelope("5", "нет")) == {"Response": {"ErrorCode": "5", "ErrorMsg": "нет"}}
    assert json.loads(wire.envelope("0", "OK", {}))["Response"]["Result"] == {}
    assert "нет".encode() in wire.envelope("5", "нет")
