"""What K5 asks Kannel, and what it makes of the answers."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from k5web.config.messages import KannelSettings
from k5web.domain.messaging.message import Fate, Sms
from k5web.domain.prices.number import Msisdn
from k5web.messaging.kannel import KannelMessenger

pytestmark = pytest.mark.server

SECRET = "s" * 24
RUSSIAN = Sms("ref1", Msisdn("79161234567"), "Код 123456")


@contextmanager
def gateway(status: int | None) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Smsbox(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if status is not None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"0: Accepted for delivery")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Smsbox)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def messenger(url: str) -> KannelMessenger:
    return KannelMessenger(KannelSettings(url, "k5", "password", "http://127.0.0.1:8000"), SECRET, "4443")


@pytest.mark.parametrize(
    ("status", "fate"),
    [(202, "accepted"), (403, "not_sent"), (503, "not_sent"), (400, "refused"), (404, "refused"), (500, "unknown"),
     (None, "unknown")],
)  # fmt: skip
def test_each_answer_has_one_meaning(status: int | None, fate: Fate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with gateway(status) as (url, asked):
        assert messenger(url).send(RUSSIAN) == fate
    assert len(asked) == 1
    assert "123456" not in caplog.text
    assert "79161234567" not in caplog.text


def test_where_nobody_answers_nothing_was_sent() -> None:
    with gateway(202) as (url, _):
        pass
    assert messenger(url).send(RUSSIAN) == "not_sent"


@pytest.mark.parametrize(("text", "coding"), [("Код 123456", ["2"]), ("code 123456", None)])
def test_russian_goes_in_the_wide_alphabet_and_reports_name_the_message(text: str, coding: list[str] | None) -> None:
    with gateway(202) as (url, asked):
        messenger(url).send(Sms("ref1", Msisdn("79161234567"), text))
    sent = parse_qs(urlsplit(asked[0]).query)
    assert sent.get("coding") == coding
    assert (sent["to"], sent["text"], sent["from"], sent["charset"]) == (["+79161234567"], [text], ["4443"], ["UTF-8"])
    assert sent["dlr-url"] == [f"http://127.0.0.1:8000/hooks/sms/{SECRET}/report?ref=ref1&status=%d"]
