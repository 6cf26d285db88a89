"""The simulated switch's face: the answers that Asterisk's REST interface would give, request by request."""

import base64
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from k5web.telephony.cel import read_records
from k5web.telephony.simulator.caller import MISSED
from k5web.telephony.simulator.pbx_calls import Home, PbxCalls, Place
from k5web.telephony.simulator.pbx_face import PbxFace
from k5web.telephony.simulator.server import Face
from k5web.telephony.simulator.switch import SimulatedSwitch

NOW_US = 1_795_198_436_661_000  # 20 November 2026, 18:13:56.661 UTC
HOME = Home("simulator", "simulator", "http://127.0.0.1:9", "trunk-a", 1)
ENTRY = "Basic " + base64.b64encode(b"k5:simulator").decode()
BODY: dict[str, Any] = {
    "endpoint": "PJSIP/79160001200@trunk-a",
    "extension": "74950001200",
    "callerId": "74950000000",
    "timeout": 40,
    "variables": {"CHANNEL(accountcode)": "7-1", "K5_TALK_MS": "60000", "K5_LEG_S": "90", "K5_TRUNKS_B": "trunk-a"},
}


class Asked:
    """A face and its switch, whose clock stands still."""

    def __init__(self, folder: Path) -> None:
        self.cel_file = folder / "cel.json"
        self.switch = SimulatedSwitch(self.cel_file, now_us=lambda: NOW_US)
        place = Place(folder, self.switch.next_place, self.switch.append, self.switch.now_us)
        self.face = Face(self.switch, PbxFace(PbxCalls(HOME, place)), "/ari", "k5:simulator")

    def __call__(self, method: str, path: str, body: object = None, entry: str = ENTRY) -> tuple[HTTPStatus, Any]:
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.face.answer(method, path, entry, sent)


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asked]:
    asked = Asked(tmp_path)
    yield asked
    asked.switch.close()


@pytest.mark.parametrize("entry", ["", "Basic ", ENTRY[:-2], ENTRY.replace("Basic", "Bearer"), "Basic \u0441"])
def test_without_the_right_password_nothing_is_told_or_done(ask: Asked, entry: str) -> None:
    for method, path in (("GET", "/ari/channels"), ("POST", "/ari/channels/k5-7-1-a"), ("GET", "/elsewhere")):
        assert ask(method, path, BODY, entry)[0] == HTTPStatus.UNAUTHORIZED
    assert ask.switch.calls() == []


def test_it_says_since_when_it_is_up_as_asterisk_writes_it(ask: Asked) -> None:
    status, said = ask("GET", "/ari/asterisk/info")
    assert (status, said["status"]["startup_time"]) == (HTTPStatus.OK, "2026-11-20T18:13:56.661+0000")


def test_a_placed_call_is_a_ringing_channel_until_it_is_cut(ask: Asked) -> None:
    status, channel = ask("POST", "/ari/channels/k5-7-1-a", BODY)
    assert status == HTTPStatus.OK
    assert (channel["id"], channel["state"], channel["accountcode"]) == ("k5-7-1-a", "Ringing", "7-1")
    assert channel["caller"]["number"] == "74950000000"
    assert ask("GET", "/ari/channels") == (HTTPStatus.OK, [channel])
    assert ask("GET", "/ari/channels/k5-7-1-a") == (HTTPStatus.OK, channel)
    assert ask("DELETE", "/ari/channels/k5-7-1-a")[0] == HTTPStatus.NO_CONTENT


def test_the_same_name_rings_once(ask: Asked) -> None:
    assert ask("POST", "/ari/channels/k5-7-1-a", BODY)[0] == HTTPStatus.OK
    assert ask("POST", "/ari/channels/k5-7-1-a", BODY)[0] == HTTPStatus.CONFLICT
    assert len(ask.switch.calls()) == 1


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", HTTPStatus.BAD_REQUEST, "Error parsing request body"),
        ({}, HTTPStatus.BAD_REQUEST, "Endpoint must be specified"),
        ([], HTTPStatus.BAD_REQUEST, "Endpoint must be specified"),
        (BODY | {"endpoint": 7}, HTTPStatus.BAD_REQUEST, "Endpoint must be specified"),
        (BODY | {"variables": {"K5_TALK_MS": 60000}}, HTTPStatus.BAD_REQUEST, "must be a string"),
        (BODY | {"endpoint": "PJSIP/79160001200"}, HTTPStatus.INTERNAL_SERVER_ERROR, "Allocation failed"),
        (BODY | {"endpoint": "SIP/79160001200@trunk-a"}, HTTPStatus.INTERNAL_SERVER_ERROR, "Allocation failed"),
    ],
)
def test_an_order_that_cannot_be_placed_rings_nobody(ask: Asked, body: object, status: HTTPStatus, said: str) -> None:
    answered, facts = ask("POST", "/ari/channels/k5-7-1-a", body)
    assert answered == status
    assert said in str(facts)
    assert ask.switch.calls() == []


@pytest.mark.parametrize("path", ["/ari/channels/absent", "/ari/channels/..%2F..%2Fetc", "/ari/bridges", "/channels"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_what_is_not_there_is_not_found(ask: Asked, method: str, path: str) -> None:
    assert ask(method, path)[0] == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "wrong",
    [b"{", {}, [], {"caller": "79161234567"}, {"caller": "79161234567", "access": "x"}, {"caller": 7, "access": 8}],
)
def test_a_missed_call_without_two_numbers_is_not_recorded(ask: Asked, wrong: object) -> None:
    assert ask("POST", f"/ari{MISSED}", wrong)[0] == HTTPStatus.BAD_REQUEST
    assert read_records(ask.cel_file, "").missed == ()


def test_a_missed_call_is_recorded(ask: Asked) -> None:
    numbers = {"caller": "79161234567", "access": "74951110001"}
    assert ask("POST", f"/ari{MISSED}", numbers)[0] == HTTPStatus.NO_CONTENT
    [missed] = read_records(ask.cel_file, "").missed
    assert (missed.caller, missed.access) == ("79161234567", "74951110001")


def test_limits_that_are_no_numbers_are_no_limits_of_the_order(ask: Asked) -> None:
    ask(
        "POST", "/ari/channels/k5-7-1-a", BODY | {"timeout": "forty", "variables": {"K5_TALK_MS": "-1", "K5_LEG_S": ""}}
    )
    [call] = ask.switch.calls()
    assert (call.order.ring_a_s, call.order.talk_ms, call.order.leg_a_s) == (30, 0, 0)
