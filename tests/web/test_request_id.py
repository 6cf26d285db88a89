"""A request has one name in the log and the audit: the proxy's where one is counted, else one of our own (S28)."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from k5web import request_id
from tests.web.conftest import Browser

OWN = re.compile(r"[0-9a-f]{16}")


@pytest.mark.parametrize("given", [None, "", "short", "x" * 65, "with space here", "a\nb-longer-text", "имя-запроса"])
def test_what_is_no_name_gets_one_of_our_own(given: str | None) -> None:
    assert OWN.fullmatch(request_id.begin(given))
    assert request_id.current()
    request_id.end()
    assert request_id.current() == ""


@pytest.mark.parametrize(("proxies", "is_believed"), [(0, False), (1, True)])
def test_only_a_proxy_that_is_counted_may_name_a_request(
    make_app: Callable[..., Flask], proxies: int, is_believed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, begin = [], request_id.begin
    monkeypatch.setattr(request_id, "begin", lambda given: named.append(begin(given)))
    Browser(make_app(trusted_proxies=proxies).test_client()).get("/tariffs", **{"X-Request-Id": "0123456789abcdef"})
    assert (named == ["0123456789abcdef"]) is is_believed
    assert request_id.current() == ""
