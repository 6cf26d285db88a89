"""Where a visitor comes back to, and under which name a browser is remembered (S12, S16)."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from k5web.config.settings import Settings
from k5web.web.context import came_from, cookie_name, own_path
from tests.services.house import THEIRS, House
from tests.services.visits import statements
from tests.web.conftest import Browser


@pytest.mark.parametrize("path", ["/", "/+74951234567", "/me/calls?before=2", "/pay?sum=12.30&next=/%2B7495"])
def test_a_path_of_our_own_is_followed(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "me",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\tevil",
        "/a\nb",
        "/привет",
        "/" + "a" * 500,
    ],
)
def test_anything_else_leads_to_our_front_door(path: str | None) -> None:
    assert own_path(path) == "/"
    assert own_path(path, "/me") == "/me"


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        ({"path": "/me/calls", "query_string": "before=2"}, "/me/calls?before=2"),
        ({"path": "/call", "method": "POST", "data": {"number": "+74951234567"}}, "/+74951234567"),
        ({"path": "/call", "method": "POST", "data": {"number": "//evil.example"}}, "/"),
        ({"path": "/x", "method": "POST", "headers": {"Referer": "http://localhost/me?a=1"}}, "/me?a=1"),
        ({"path": "/x", "method": "POST", "headers": {"Referer": "http://evil.example/me"}}, "/"),
    ],
)
def test_who_is_asked_to_log_in_comes_back_to_the_page_they_were_on(
    app: Flask, request_: dict[str, object], path: str
) -> None:
    with app.test_request_context(**request_):
        assert came_from() == path


def test_other_hosts_cannot_set_our_cookie_where_there_is_https(settings: Settings) -> None:
    assert cookie_name(settings) == "k5d"
    assert cookie_name(replace(settings, public_url="https://t.k5.example")) == "__Host-k5d"


def test_on_sqlite_no_page_waits_for_a_writer(phone: Browser, k5: House, sqlite_url: str) -> None:
    """Somebody else's transaction is open from before the first page to after the last one: none asks for its turn.
    What is noted about a phone, once an hour, has a short patience of its own (tests of `devices`).
    """
    k5.top_up("100.00")
    call = k5.order()
    phone.get("/me")  # the phone is noted
    pages = [f"/{THEIRS[1:]}", "/", "/me", "/me/statement", "/me/calls", "/me/numbers", f"/c/{call.id}/status"]
    with closing(sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE account SET closed_at = NULL")
        asked: list[str] = []
        with statements(k5.ports.sessions, asked):
            answers = [phone.get(page) for page in pages]
        assert writer.in_transaction
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            _second_writer(sqlite_url)
        writer.execute("ROLLBACK")
    assert [answer.status_code for answer in answers] == [200] * len(pages)
    assert not [each for each in asked if each.startswith(("BEGIN IMMEDIATE", "PRAGMA busy_timeout"))]
    assert asked.count("BEGIN") == len(pages)


def _second_writer(url: str) -> None:
    """Try to write, without patience."""
    with closing(sqlite3.connect(make_url(url).database or "", timeout=0, isolation_level=None)) as second:
        second.execute("BEGIN IMMEDIATE")
