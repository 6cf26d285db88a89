"""The API: bearer tokens, one call per key, problems instead of pages; its description held to what it really does."""

import json
import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from k5web.domain.accounts.token import ASKING, ORDERING
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, tokens
from k5web.web.api import PAPER
from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.programs import B, Program, check
from tests.web.test_errors import every_refusal

HTTP_CODES = {"not_found", "method_not_allowed", "unsupported_media_type", "bad_request", "forbidden"}


HTTP_CODES |= {"request_entity_too_large", "internal_server_error"}


def test_a_program_asks_for_the_price_and_the_money(program: Program) -> None:
    found = program.get(f"/quote?number={B.replace('+', '%2B')}").get_json()
    assert found["per_minute"] == {"amount": "2.20", "currency": "RUB"}
    assert (found["a"]["per_minute"]["amount"], found["b"]["per_minute"]["amount"]) == ("1.75", "0.45")
    assert (found["minutes"], found["needed"]["amount"], found["live_call"]) == (45, "2.20", None)
    account = program.get("/account").get_json()
    assert account["balance"] == account["available"] == {"amount": "100.00", "currency": "RUB"}
    assert account["phone"] == "+79161234567"


def test_a_program_sees_what_is_taken_beside_the_minutes_and_its_limit_counts_it(program: Program, k5: House) -> None:
    k5.reprice("7495", "1.00", connect_fee_micro=5_000_000, minimum_s=180)
    found = program.get(f"/quote?number=%2B{B[1:]}").get_json()
    assert (found["per_minute"]["amount"], found["connect_fee"]["amount"]) == ("2.75", "5.00")
    assert found["first_minute"]["amount"] == found["needed"]["amount"] == "9.75"
    assert (found["b"]["connect_fee"]["amount"], found["b"]["minimum_s"]) == ("5.00", 180)
    assert (found["a"]["connect_fee"]["amount"], found["a"]["increment_s"], found["a"]["free_below_s"]) == (
        "0.00", 60, 3,
    )  # fmt: skip
    refused = program.order(max_price="9.74")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "price_rose")
    assert (refused.get_json()["was"]["amount"], refused.get_json()["now"]["amount"]) == ("9.74", "9.75")
    assert program.order(max_price="9.75").status_code == 201


def test_minutes_of_the_money_are_told_apart_from_the_longest_call(program: Program, k5: House) -> None:
    k5.top_up("400.00")
    found = program.get(f"/quote?number=%2B{B[1:]}").get_json()
    assert (found["money_minutes"], found["minutes"]) == (227, 60)


def test_a_program_orders_a_call_and_follows_it_to_its_cost(program: Program, k5: House) -> None:
    ordered = program.order()
    assert ordered.status_code == 201
    call_id = ordered.get_json()["id"]
    assert ordered.headers["Location"] == f"/api/v1/calls/{call_id}"
    assert program.get(f"/calls/{call_id}").get_json()["queue_place"] == 0
    assert program.get(f"/quote?number=%2B{B[1:]}").get_json()["live_call"] == call_id
    k5.talk(k5.ordered_by(call_id), "61")
    over = program.get(f"/calls/{call_id}").get_json()
    assert (over["state"], over["outcome"], over["is_over"]) == ("settled", "done_b", True)
    assert over["cost"] == {"amount": "4.40", "currency": "RUB"}
    assert (over["a"]["charge"]["amount"], over["b"]["charge"]["amount"]) == ("3.50", "0.90")
    assert (over["a"]["billed_s"], over["b"]["billed_s"]) == (120, 120)
    assert k5.balance() == rub("95.60")


def test_the_same_key_is_the_same_call_and_another_number_under_it_is_refused(program: Program, k5: House) -> None:
    first = program.order("a-1")
    again = [program.order(key) for key in ("a-1", '"a-1"')]
    assert [answer.status_code for answer in again] == [200, 200]
    assert {answer.get_json()["id"] for answer in again} == {first.get_json()["id"]}
    other = program.order("a-1", number="+77172123456")
    assert (other.status_code, other.get_json()["code"]) == (422, "key_reused")
    k5.work()
    assert len(k5.switch.orders) == 1


def test_a_repeated_key_is_answered_however_often_and_after_the_call(program: Program, k5: House) -> None:
    call_id = program.order().get_json()["id"]
    k5.talk(k5.ordered_by(call_id), "5")
    for _ in range(ORDERING.at_once + 2):
        assert program.order().get_json()["id"] == call_id
    k5.work()
    assert len(k5.switch.orders) == 1


def test_a_repeated_key_tells_of_the_call_what_its_own_address_tells(program: Program, k5: House) -> None:
    call_id = program.order().get_json()["id"]
    assert program.order().get_json()["queue_place"] == 0
    k5.talk(k5.ordered_by(call_id), "5")
    again = program.order().get_json()
    assert again == program.get(f"/calls/{call_id}").get_json()
    assert again["b"]["billed_s"] == 60


def test_two_programs_with_the_same_key_never_meet(program: Program, app: Flask, k5: House) -> None:
    call_id = program.order("1").get_json()["id"]
    k5.talk(k5.ordered_by(call_id), "5")
    other = Program(app, tokens.make_token(k5.ports, k5.caller.id, "Сайт", may_call=True))
    assert other.order("1").get_json()["id"] != call_id


def test_a_crowd_of_requests_with_one_key_make_one_call_and_are_counted_once(
    program: Program, app: Flask, k5: House
) -> None:
    answers: list[TestResponse] = []

    def send() -> None:
        answers.append(Program(app, program.token).order("same"))

    threads = [threading.Thread(target=send) for _ in range(ORDERING.at_once + 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = [answer for answer in answers if answer.status_code in {200, 201}]
    assert good
    assert {answer.status_code for answer in answers} <= {200, 201, 503}
    assert len({answer.get_json()["id"] for answer in good}) == 1
    k5.work()
    assert len(k5.switch.orders) == 1


def test_a_program_ends_a_call_in_any_state(program: Program, k5: House) -> None:
    call_id = program.order().get_json()["id"]
    k5.work()
    assert program.send("POST", f"/calls/{call_id}/end").get_json()["end_requested"] is True
    k5.work()
    assert program.send("POST", f"/calls/{call_id}/end").get_json()["outcome"] == "cancelled"
    assert k5.held() == rub("0.00")


def test_a_dearer_minute_than_agreed_is_refused_and_a_cheaper_one_taken(program: Program, k5: House) -> None:
    refused = program.order(max_price="2.19").get_json()
    assert (refused["code"], refused["was"]["amount"], refused["now"]["amount"]) == ("price_rose", "2.19", "2.20")
    assert program.order("k2", max_price="2,20").status_code == 201


def test_refusals_carry_what_a_program_needs(program: Program, k5: House) -> None:
    poor = accounts.add_subscriber(k5.ports, Msisdn("79160000001"), "correct horse", "Ольга")
    theirs = Program(program.client.application, tokens.make_token(k5.ports, poor.id, "x", may_call=True))
    no_money = theirs.order()
    assert no_money.status_code == 402
    assert no_money.get_json()["needed"] == {"amount": "2.20", "currency": "RUB"}
    assert "Пополните хотя бы на" in no_money.get_json()["detail"]
    assert program.order(number="+79161234567").get_json()["code"] == "own_number"
    assert program.order(number="+999123456789").get_json()["code"] == "no_rate"
    call_id = program.order().get_json()["id"]
    busy = program.order("k2").get_json()
    assert (busy["code"], busy["live_call_id"]) == ("too_many_calls", call_id)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer k5_x", "Basic azU6azU=", "Bearer k5_" + "A" * 16 + "." + "B" * 43, "{}"],
)
def test_every_wrong_token_gets_the_same_answer(program: Program, header: str | None) -> None:
    said = set()
    for method, path in (("GET", "/account"), ("POST", "/calls"), ("GET", "/calls/1-1"), ("POST", "/calls/1-1/end")):
        text = "" if header is None else header.format(program.token)
        headers = {} if header is None else {"Authorization": text}
        answer = program.client.open(f"/api/v1{path}", method=method, headers=headers, json={"number": B})
        check(answer, method, path)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        said.add((answer.status_code, answer.data))
    assert len(said) == 1
    assert said.pop()[0] == 401


def test_a_token_that_only_looks_orders_and_ends_nothing(program: Program, k5: House) -> None:
    call_id = program.order().get_json()["id"]
    looker = Program(program.client.application, tokens.make_token(k5.ports, k5.caller.id, "x", may_call=False))
    assert looker.get(f"/calls/{call_id}").status_code == 200
    for refused in (looker.order("k2"), looker.send("POST", f"/calls/{call_id}/end")):
        assert (refused.status_code, refused.get_json()["code"]) == (403, "token_may_not_call")
        assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    assert not k5.call(k5.ordered_by(call_id)).cancel_requested_at


def test_other_peoples_calls_are_not_there(program: Program, k5: House) -> None:
    call_id = program.order().get_json()["id"]
    other = accounts.add_subscriber(k5.ports, Msisdn("79160000001"), "correct horse", "Ольга")
    theirs = Program(program.client.application, tokens.make_token(k5.ports, other.id, "x", may_call=True))
    own_but_none = theirs.get(f"/calls/{other.id}-1")
    for tried in (call_id, "x", "0-0", f"{call_id}%00", "9" * 30 + "-1", f"{call_id}'"):
        for method, path in (("GET", f"/calls/{tried}"), ("POST", f"/calls/{tried}/end")):
            answer = theirs.send(method, path)
            assert (answer.status_code, answer.data) == (404, own_but_none.data)
    assert not k5.call(k5.ordered_by(call_id)).cancel_requested_at


def test_a_cookie_opens_nothing(phone: Browser, program: Program) -> None:
    assert phone.get("/me").status_code == 200
    assert phone.get("/api/v1/account").status_code == 401
    assert phone.client.post("/api/v1/calls", json={"number": B}).status_code == 401


def test_a_token_opens_no_page(program: Program) -> None:
    page = program.client.get("/me", headers={"Authorization": f"Bearer {program.token}"})
    assert page.status_code == 303


@pytest.mark.parametrize(
    ("body", "kind", "status", "where"),
    [
        (b"", "application/json", 400, "JSON"),
        (b"{", "application/json", 400, "JSON"),
        (b"[]", "application/json", 400, "JSON"),
        (b"[" * 30_000, "application/json", 400, "JSON"),
        (b"\xff", "application/json", 400, "JSON"),
        (b'{"number": 74951234567}', "application/json", 400, "number"),
        (b"{}", "application/json", 400, "number"),
        (b'{"number": null}', "application/json", 400, "number"),
        (b'{"number": "+74951234567", "max_price": 2.5}', "application/json", 400, "JSON"),
        (b'{"number": "+74951234567", "max_price": 2}', "application/json", 400, "max_price"),
        (b'{"number": "+74951234567", "max_price": "NaN"}', "application/json", 400, "max_price"),
        (b'{"number": "+74951234567", "max_price": "-1"}', "application/json", 400, "max_price"),
        (b'{"number": "+74951234567", "max_price": NaN}', "application/json", 400, "JSON"),
        (b'{"number": "+74951234567", "maxprice": "1.00"}', "application/json", 400, "maxprice"),
        (b'{"number": "+74951234567", "max_price": "1.00", "max_price": "99.00"}', "application/json", 400, "JSON"),
        (b'{"number": "+74951234567", "\\ud800": "1.00"}', "application/json", 400, "?"),
        (b'{"number": "\\ud800"}', "application/json", 400, None),
        (b'{"number": "\\u0000' + b"1" * 20 + b'"}', "application/json", 400, None),
        (b"number=%2B74951234567", "application/x-www-form-urlencoded", 415, None),
        (b'{"number": "+74951234567"}', "text/plain", 415, None),
        (b'{"number": "' + b"1" * 70_000 + b'"}', "application/json", 413, None),
    ],
    ids=range(21),
)
def test_what_cannot_be_read_is_named_and_orders_nothing(
    program: Program, k5: House, body: bytes, kind: str, status: int, where: str | None
) -> None:
    answer = program.send("POST", "/calls", {"Idempotency-Key": "k"}, data=body, content_type=kind)
    assert (answer.status_code, answer.get_json().get("where")) == (status, where)
    k5.work()
    assert k5.switch.orders == []


def test_an_order_without_a_proper_key_is_refused(program: Program) -> None:
    for key in ("", " ", "я", "a b", "a" * 65, '""', "a\tb", "a,b", '"a', 'a"'):
        answer = program.order(key)
        assert (answer.status_code, answer.get_json()["where"]) == (400, "Idempotency-Key"), key


def test_a_number_without_its_country_is_refused_with_the_right_form(program: Program) -> None:
    """A program has nobody to ask: a home form is never guessed, and ten digits are what E.164 makes of them."""
    for typed in ("9161234567", "8(916)1234567", "8 916 123-45-67"):
        problem = program.get(f"/quote?number={typed}").get_json()
        assert problem["code"] == "wrong_number"
        assert "+79161234567" in problem["detail"]
    assert program.get("/quote?number=3652123456").get_json()["code"] == "no_rate"  # Hungary, which the list lacks


def test_who_asks_too_often_is_told_when_to_come_back(program: Program, k5: House) -> None:
    for _ in range(ASKING.at_once):
        assert program.get("/account").status_code == 200
    answer = program.get("/account")
    assert (answer.status_code, answer.get_json()["wait_s"], answer.headers["Retry-After"]) == (429, 1, "1")
    k5.clock.forward(seconds=1)
    assert program.get("/account").status_code == 200


def test_a_language_asked_for_sets_no_cookie(program: Program) -> None:
    program.get("/account?lang=ru")


def test_a_foreign_page_cannot_use_a_token_through_a_browser(program: Program) -> None:
    answer = program.send("POST", "/calls", {"Origin": "https://evil.example", "Idempotency-Key": "k"}, json={})
    assert answer.status_code == 403


def operations() -> Iterator[tuple[str, str]]:
    for path, ways in PAPER["paths"].items():
        for way, found in ways.items():
            rule = path.replace("{", "<").replace("}", ">")
            yield f"api.{found['operationId']}", f"{way.upper()} {rule}"


def test_the_description_names_every_route_and_no_other(app: Flask) -> None:
    routes = {
        (rule.endpoint, f"{method} {rule.rule}")
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    assert routes == set(operations())


def test_the_description_is_open_and_says_where_it_stands(app: Flask) -> None:
    told = app.test_client().get("/api/v1/openapi.json")
    assert told.get_json()["servers"] == [{"url": "http://127.0.0.1:8000"}]
    assert told.get_json()["openapi"] == "3.1.0"
    for schema in PAPER["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    refs = re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(PAPER))
    assert all(name in PAPER["components"][kind] for kind, name in refs)


def test_the_description_knows_every_refusal_of_ordering() -> None:
    """A code that is no refusal of ours, nor of HTTP, would promise what never comes."""
    codes = {refusal.code for refusal in every_refusal()}
    assert set(PAPER["x-problems"]) <= codes | HTTP_CODES
    for code, words in PAPER["x-problems"].items():
        status = {refusal.status for refusal in every_refusal() if refusal.code == code}
        assert not status or int(words[:3]) in status
