"""Refusals for programs are problems of one shape, also for what is not there, and keep our secrets. Promises: B7."""

import pytest
from flask import Flask

from k5web.errors import NoDeck
from tests.services.house import House
from tests.web.programs import B, Program


def test_a_problem_tells_a_moment_as_a_call_does_and_leaves_out_what_is_not_known(
    program: Program, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for until, told in ((k5.clock(), "2026-12-01T09:00:00Z"), (None, None)):

        def refuse(*_: object, until: object = until) -> None:
            raise NoDeck(deck="k5", until=until)

        monkeypatch.setattr("k5web.services.calls.ordering.offer", refuse)
        assert program.get(f"/quote?number={B.removeprefix('+')}").get_json().get("until") == told


def test_what_is_not_there_is_a_problem_too(program: Program, app: Flask) -> None:
    assert program.get("/nothing").get_json()["code"] == "not_found"
    assert program.client.get("/api/").content_type == "application/problem+json"
    wrong = program.send("DELETE", "/account")
    assert (wrong.status_code, wrong.get_json()["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]
    assert program.get("/quote").get_json()["where"] == "number"
    assert program.get("/quote?number=x").get_json()["code"] == "wrong_number"


def test_a_bug_is_a_problem_that_keeps_its_secrets(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError("a secret of ours")

    monkeypatch.setattr("k5web.services.accounts.accounts.purse", bug)
    answer = program.get("/account")
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_server_error")
    assert "secret" not in answer.text
