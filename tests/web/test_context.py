"""Where a visitor comes back to, and under which name a browser is remembered (S12, S16)."""

from dataclasses import replace

import pytest
from flask import Flask

from k5web.config.settings import Settings
from k5web.web.context import came_from, cookie_name, own_path


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
