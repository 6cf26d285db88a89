"""The adapter towards the switch: one request a call, and an honest word about what may ring (at most once)."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

from k5web.config.switches import SwitchSettings
from k5web.domain.calls.endings import LAST_WORDS
from k5web.errors import SwitchRefused, SwitchSilent
from k5web.logs import OneLine
from k5web.telephony.asterisk import NO_REDIRECT, AsteriskSwitch
from tests.telephony.orders import order

pytestmark = pytest.mark.server

CALL = order("8841-17", "79161234567", "74957654321", ring_a_s=40, ring_b_s=45, talk_ms=179_000, leg_a_s=227)


@dataclass
class Wire:
    """A switch made of bytes: takes one connection after another and answers with `reply`, or breaks off."""

    reply: bytes | None
    requests: list[bytes] = field(default_factory=list)
    url: str = ""
    patience: threading.Event = field(default_factory=threading.Event)


@contextmanager
def wire(reply: bytes | None, hang: bool = False) -> Iterator[Wire]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stand_in = Wire(reply, url=f"http://127.0.0.1:{listener.getsockname()[1]}/ari")

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    stand_in.requests.append(_request(connection))
                    if hang:
                        stand_in.patience.wait()
                    if stand_in.reply is not None:
                        connection.sendall(stand_in.reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield stand_in
        finally:
            stand_in.patience.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _request(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def reply(status: int, body: str = "{}", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n{body}".encode()


def switch_at(url: str, timeout_s: tuple[float, float] = (20.0, 20.0)) -> AsteriskSwitch:
    settings = SwitchSettings("msk", "asterisk", url, "k5", "s3cret-word", Path("cel.json"), "74950000000", 10, ())
    return AsteriskSwitch(settings, timeout_s)


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/ari"


def test_a_call_is_one_request_with_all_its_limits() -> None:
    with wire(reply(200)) as stand_in:
        switch_at(stand_in.url).originate(CALL)
    (request,) = stand_in.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /ari/channels/k5-8841-17-a HTTP/1.1")
    assert json.loads(body) == {
        "endpoint": "PJSIP/79161234567@trunk-a",
        "context": "k5-callback",
        "extension": "74957654321",
        "priority": 1,
        "timeout": 40,
        "callerId": "74950000000",
        "variables": {
            "CHANNEL(accountcode)": "8841-17",
            "K5_ORDER": "8841-17",
            "K5_RING_B": "45",
            "K5_TALK_MS": "179000",
            "K5_LEG_S": "227",
            "K5_TRUNKS_B": "trunk-a",
            "K5_SHOW": "74950000000",
            "K5_LAST_WORDS": LAST_WORDS,
            "K5_PRESS_1": "",
            "K5_REC": "",
            "CHANNEL(hangup_handler_push)": "k5-end,s,1",
            "FORWARD_CONTEXT": NO_REDIRECT,
        },
    }


def test_a_recorded_call_says_so() -> None:
    with wire(reply(200)) as stand_in:
        switch_at(stand_in.url).originate(replace(CALL, is_recorded=True))
    body = stand_in.requests[0].partition(b"\r\n\r\n")[2]
    assert json.loads(body)["variables"]["K5_REC"] == "rec"


def test_a_later_try_has_an_id_and_a_trunk_of_its_own_and_names_all_trunks_of_b() -> None:
    call = replace(CALL, trunks_a=("trunk-a", "trunk-c"), trunks_b=("trunk-b", "trunk-c"), ring_a_s=31)
    with wire(reply(200)) as stand_in:
        switch = switch_at(stand_in.url)
        switch.originate(call)
        switch.cancel(call.id, call.attempt)
    heads = [request.partition(b" HTTP")[0] for request in stand_in.requests]
    assert heads == [
        b"POST /ari/channels/k5-8841-17-a2",
        b"DELETE /ari/channels/k5-8841-17-a2?reason_code=16",
    ]
    body = json.loads(stand_in.requests[0].partition(b"\r\n\r\n")[2])
    assert (body["endpoint"], body["timeout"]) == ("PJSIP/79161234567@trunk-c", 31)
    assert body["variables"]["K5_TRUNKS_B"] == "trunk-b,trunk-c"


def test_without_a_trunk_nothing_is_asked() -> None:
    with wire(reply(200)) as stand_in, pytest.raises(SwitchRefused):
        switch_at(stand_in.url).originate(replace(CALL, trunks_b=()))
    assert stand_in.requests == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_a_refusal_means_that_nothing_rings(status: int) -> None:
    with wire(reply(status)) as stand_in, pytest.raises(SwitchRefused):
        switch_at(stand_in.url).originate(CALL)
    assert len(stand_in.requests) == 1


@pytest.mark.parametrize("status", [302, 307, 408, 502, 504])
def test_an_answer_of_something_in_between_leaves_it_open(status: int) -> None:
    with wire(reply(status, headers="Location: /ari/elsewhere\r\n")) as stand_in, pytest.raises(SwitchSilent):
        switch_at(stand_in.url).originate(CALL)
    assert len(stand_in.requests) == 1


def test_a_live_channel_of_this_call_is_the_call() -> None:
    with wire(reply(409, '{"message":"Channel with given unique ID already exists"}')) as stand_in:
        switch_at(stand_in.url).originate(CALL)
    assert len(stand_in.requests) == 1


def test_no_connection_means_that_nothing_rings() -> None:
    with pytest.raises(SwitchRefused):
        switch_at(closed_port()).originate(CALL)


def test_a_connection_broken_after_the_request_leaves_it_open_and_is_not_repeated() -> None:
    with wire(None) as stand_in, pytest.raises(SwitchSilent):
        switch_at(stand_in.url).originate(CALL)
    assert len(stand_in.requests) == 1


def test_silence_leaves_it_open_and_is_not_repeated() -> None:
    with wire(reply(200), hang=True) as stand_in:
        with pytest.raises(SwitchSilent):
            switch_at(stand_in.url, (20.0, 0.1)).originate(CALL)
        assert len(stand_in.requests) == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda switch: switch.cancel("8841-17"),
        lambda switch: switch.living(),
        lambda switch: switch.started_at(),
    ],
)
def test_other_questions_without_an_answer_are_unknown(ask: Callable[[AsteriskSwitch], object]) -> None:
    with pytest.raises(SwitchSilent):
        ask(switch_at(closed_port()))
    for bad in (None, reply(500), reply(401)):
        with wire(bad) as stand_in, pytest.raises(SwitchSilent):
            ask(switch_at(stand_in.url))


def test_the_list_of_channels_tells_whose_leg_a_is_up() -> None:
    ids = ["k5-8841-17-a", "k5-8841-18-a3", "k5-1795192016.7", "1795192016.8", "k5-8841-19-b"]
    with wire(reply(200, json.dumps([{"id": name, "state": "Up"} for name in ids]))) as stand_in:
        assert switch_at(stand_in.url).living() == {("8841-17", 1), ("8841-18", 3)}
    assert stand_in.requests[0].startswith(b"GET /ari/channels HTTP/1.1")


@pytest.mark.parametrize("bad", [reply(404), *map(partial(reply, 200), ["[]x", "null", "{}", "[1]", '[{"id":1}]'])])
def test_what_is_no_list_of_channels_tells_nothing(bad: bytes) -> None:
    """That a call is not in it would end it."""
    with wire(bad) as stand_in, pytest.raises(SwitchSilent):
        switch_at(stand_in.url).living()


@pytest.mark.parametrize("body", ["{}", "nonsense", '{"status":{}}', '{"status":{"startup_time":"yesterday"}}'])
def test_a_switch_that_cannot_say_when_it_came_up_is_unknown(body: str) -> None:
    with wire(reply(200, body)) as stand_in, pytest.raises(SwitchSilent):
        switch_at(stand_in.url).started_at()


def test_a_cancel_names_normal_clearing() -> None:
    with wire(reply(204, "")) as stand_in:
        switch_at(stand_in.url).cancel("8841-17")
    assert stand_in.requests[0].startswith(b"DELETE /ari/channels/k5-8841-17-a?reason_code=16 HTTP/1.1")


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", closed_port())
    monkeypatch.setenv("no_proxy", "")
    with wire(reply(200)) as stand_in:
        switch_at(stand_in.url).originate(CALL)
    assert len(stand_in.requests) == 1


def test_neither_numbers_nor_the_password_reach_the_log_or_the_errors(caplog: pytest.LogCaptureFixture) -> None:
    told = []
    caplog.set_level(logging.INFO, "k5web")
    for answer in (reply(200), reply(409), reply(500), None):
        with wire(answer) as stand_in:
            try:
                switch_at(stand_in.url).originate(CALL)
            except (SwitchRefused, SwitchSilent) as error:
                told.append(str(error))
    told += [OneLine().format(record) for record in caplog.records]
    assert len(told) == 2 + 4 + 2  # errors, a line each request, two that say whose call is placed
    assert sum("+7916***67" in text for text in told) == 2
    for text in told:
        assert "79161234567" not in text
        assert "74957654321" not in text
        assert "s3cret-word" not in text
