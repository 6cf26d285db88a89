"""The gateway's words and ours: what an answer's fields say, and what is no answer at all."""

import json
from datetime import UTC, datetime

import pytest

from connectors.cards import wire
from connectors.cards.wire import ERRORS, ErrorMeaning, Method, OrderState
from tests.connectors.cards.acquirer import ANSWER, MD_ORDER


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("411111**1111", "4111**1111"),
        ("220138*******0047", "2201**0047"),
        ("4111111111111111", "4111**1111"),
        ("", ""),
        ("**", ""),
        ("<script>", ""),
    ],
)
def test_of_a_card_number_only_its_ends_are_kept(came: str, kept: str) -> None:
    assert wire.mask(came) == kept


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "0"),
        ({"errorCode": "0"}, "0"),
        ({"errorCode": "7"}, "7"),
        ({"success": True}, "0"),
        ({"success": False}, "?"),
        ({"errorCode": None}, "0"),
        ({"errorCode": True}, "?"),
    ],
)
def test_success_is_an_error_code_of_nought_or_none(fields: dict[str, object], code: str) -> None:
    assert wire.error_code(fields) == code
    assert wire.error_code(wire.read_fields(b'{"errorCode":0}')) == "0"


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_an_answer_with_a_number_that_is_none_is_refused(number: bytes) -> None:
    with pytest.raises(ValueError, match="is no number"):
        wire.read_fields(b'{"errorCode":"0","formUrl":%s}' % number)


@pytest.mark.parametrize("amount", ["500.00", "-1", "٥", "1e3", True, "1" * 13, [50000]])
def test_a_sum_that_is_no_whole_number_is_an_error(amount: object) -> None:
    with pytest.raises(ValueError, match="is no sum"):
        wire.read_order(wire.read_fields(json.dumps({**ANSWER, "amount": amount}).encode()))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"a":1,"a":1}', b"\xff", b"[" * 100_000, b"<html>"])
def test_an_answer_that_is_no_table_of_fields_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        wire.read_fields(body)


def test_every_method_s_error_codes_are_in_a_table() -> None:
    assert set(ERRORS) == set(Method)


@pytest.mark.parametrize(
    ("method", "code", "meaning"),
    [
        (Method.REGISTER, "1", ErrorMeaning.NUMBER_USED),
        (Method.REGISTER_HELD, "1", ErrorMeaning.NUMBER_USED),
        (Method.STATUS, "6", ErrorMeaning.NOT_FOUND),
        (Method.REVERSE, "7", ErrorMeaning.OTHER_WAY),  # too late to reverse: a refund
        (Method.REFUND, "7", ErrorMeaning.UNKNOWN),
        (Method.REFUND, "5", ErrorMeaning.REFUSED),
        (Method.PAY_BY_BINDING, "2", ErrorMeaning.CARD_GONE),
        (Method.UNBIND, "2", ErrorMeaning.DONE_BEFORE),
        (Method.DECLINE, "5", ErrorMeaning.REFUSED),
    ],
)
def test_a_code_means_another_thing_for_each_method(method: Method, code: str, meaning: ErrorMeaning) -> None:
    assert ERRORS[method][code] is meaning


@pytest.mark.parametrize("method", Method)
def test_the_gateway_s_own_trouble_is_never_taken_for_a_no(method: Method) -> None:
    assert ERRORS[method]["7"] in {ErrorMeaning.UNKNOWN, ErrorMeaning.OTHER_WAY}


def test_an_order_is_read_as_the_gateway_tells_it() -> None:
    order = wire.read_order(wire.read_fields(json.dumps(ANSWER).encode()))
    assert (order.state, order.number, order.id) == (OrderState.TAKEN, "K5-8841-12", MD_ORDER)
    assert (order.amount, order.currency, order.deposited, order.refunded) == (50000, "RUB", 50000, 0)
    assert (order.card_mask, order.card_expires, order.client_id) == ("4111**1111", "203012", "k5-cust-9f2c")
    assert order.taken_at == datetime(2026, 12, 1, 10, 0, 8, tzinfo=UTC)  # whole seconds of its milliseconds


@pytest.mark.parametrize("told", [None, "", "soon", -1, 1796119208, "1796119208805x"])
def test_a_moment_that_is_none_is_not_told(told: object) -> None:
    assert wire.read_order(wire.read_fields(json.dumps({**ANSWER, "depositedDate": told}).encode())).taken_at is None
