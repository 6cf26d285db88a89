"""One request to another party: never sent or unknown, nothing repeated, one line in the log."""

import logging
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
import requests

from k5web.errors import K5Error, ProviderRefused, ProviderUnknown
from k5web.logs import OneLine
from k5web.outgoing import request as outgoing
from k5web.outgoing.request import Remote
from tests.processes import free_port
from tests.telephony.test_asterisk import reply, wire

pytestmark = pytest.mark.server

BANK = Remote("net:bank", (5.0, 5.0))
SECRET: dict[str, Any] = {"headers": {"Authorization": "Bearer s3cret-word"}, "json": {"phone": "79161234567"}}


def test_an_answer_comes_with_its_status_and_its_body() -> None:
    with wire(reply(404, "not here")) as bank:
        answer = BANK.request("GET", bank.url)
    assert (answer.status, answer.body, answer.is_success) == (404, b"not here", False)


def test_a_redirection_is_not_followed() -> None:
    """S15: who is asked has no say in who is asked next."""
    with wire(reply(302, headers="Location: /elsewhere\r\n")) as bank:
        assert not BANK.request("GET", bank.url).is_success
    assert len(bank.requests) == 1


def test_what_found_no_connection_was_never_sent() -> None:
    with pytest.raises(ProviderRefused, match="no connection"):
        BANK.request("POST", f"http://127.0.0.1:{free_port()}/")


def test_what_found_no_connection_in_time_was_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.Session, "request", Mock(side_effect=requests.ConnectTimeout))
    with pytest.raises(ProviderRefused, match="no connection"):
        BANK.request("POST", "http://127.0.0.1/")


@pytest.mark.parametrize("answer", [None, b"HTTP/1.1 2", b"nonsense\r\n\r\n"])
def test_a_connection_broken_after_the_request_leaves_it_open_and_is_not_repeated(answer: bytes | None) -> None:
    with wire(answer) as bank, pytest.raises(ProviderUnknown):
        BANK.request("POST", bank.url)
    assert len(bank.requests) == 1


def test_an_answer_that_does_not_come_leaves_it_open() -> None:
    with wire(None, hang=True) as bank, pytest.raises(ProviderUnknown, match="ReadTimeout"):
        Remote("net:bank", (5.0, 0.2)).request("POST", bank.url)


def test_no_proxy_and_no_netrc_come_between(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "")
    with wire(reply(200)) as bank:
        assert BANK.request("GET", bank.url).is_success


def facts(record: logging.LogRecord) -> dict[str, object]:
    names = ("provider", "reference", "method", "status", "duration_s")
    return {name: vars(record)[name] for name in names}


def ask_well() -> None:
    with wire(reply(503)) as bank:
        BANK.request("POST", bank.url, reference="K5-1", **SECRET)


def ask_nobody() -> None:
    BANK.request("POST", f"http://127.0.0.1:{free_port()}/79161234567", reference="K5-1", **SECRET)


@pytest.mark.parametrize(
    ("ask", "status", "level"), [(ask_well, 503, logging.INFO), (ask_nobody, "no connection", logging.WARNING)]
)
def test_each_request_is_one_line_without_secrets(
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[], None],
    status: object,
    level: int,
) -> None:
    moments = iter((100.0, 100.25))
    monkeypatch.setattr(outgoing, "monotonic", lambda: next(moments))
    caplog.set_level(logging.DEBUG, "k5web")
    try:
        ask()
    except K5Error:
        assert status == "no connection"
    [record] = [record for record in caplog.records if record.name.startswith("k5web")]
    expected = {"provider": "net:bank", "reference": "K5-1", "method": "POST", "status": status, "duration_s": 0.25}
    assert (facts(record), record.levelno) == (expected, level)
    assert not any(secret in OneLine().format(record) for secret in ("s3cret-word", "79161234567"))


def test_what_is_asked_all_the_time_is_told_to_who_looks_closely(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "k5web")
    with pytest.raises(ProviderRefused):
        BANK.request("GET", f"http://127.0.0.1:{free_port()}/", level=logging.DEBUG)
    assert not caplog.records
