"""Ringing by requests: what is let through, what is told."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from k5web.telephony.simulator.pbx_calls import Home, PbxCalls, Place
from k5web.telephony.simulator.pbx_face import INCOMING, PbxFace
from k5web.telephony.simulator.switch import SimulatedSwitch
from tests.processes import wait_for
from tests.telephony.simulator.town import CALLER, NUMBER, accounts_file, rule

RING: dict[str, Any] = {"caller": CALLER, "called": NUMBER, "keys": "", "seconds": 7000}


class Asked:
    """A face, and its calls."""

    def __init__(self, folder: Path) -> None:
        accounts_file(folder, rule(start="ring|u8841-1|25|bye|bye|bye"))
        self.switch = SimulatedSwitch(folder / "cel.json")
        place = Place(folder, self.switch.next_place, self.switch.append, self.switch.now_us)
        self.calls = PbxCalls(Home("k5", "secret", "http://127.0.0.1:9", "trunk", 20), place)
        self.face = PbxFace(self.calls)

    def __call__(self, method: str, path: str, body: object = None) -> tuple[HTTPStatus, Any]:
        told = self.face.answer(method, path, json.dumps(body).encode() if body is not None else b"")
        assert told is not None
        return told


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asked]:
    asked = Asked(tmp_path)
    yield asked
    asked.calls.close()
    asked.switch.close()


def test_who_rings_sees_what_happens_and_hangs_up(ask: Asked) -> None:
    status, told = ask("POST", INCOMING, RING)
    assert status == HTTPStatus.OK
    wait_for(lambda: len(ask.face.channels()) == 2 and ask.face.channels()[1]["state"] == "Up", "somebody answers")
    assert [channel["accountcode"] for channel in ask.face.channels()] == ["8841", "8841"]
    status, story = ask("GET", f"{INCOMING}/{told['id']}")
    assert [step["what"] for step in story["steps"]] == ["in", "rings", "answered"]
    assert not story["is_over"]
    assert ask("DELETE", f"{INCOMING}/{told['id']}")[0] == HTTPStatus.NO_CONTENT
    wait_for(lambda: ask("GET", f"{INCOMING}/{told['id']}")[1]["is_over"], "it is over")
    assert ask.face.channels() == []
    assert ask("DELETE", f"{INCOMING}/{told['id']}")[0] == HTTPStatus.NOT_FOUND


def test_a_channel_is_ended_as_k5_ends_one(ask: Asked) -> None:
    name = ask("POST", INCOMING, RING)[1]["id"]
    wait_for(lambda: len(ask.face.channels()) == 2, "it rings")
    assert ask("DELETE", f"/channels/{ask.face.channels()[1]['id']}")[0] == HTTPStatus.NO_CONTENT
    wait_for(lambda: ask("GET", f"{INCOMING}/{name}")[1]["is_over"], "it is over")


@pytest.mark.parametrize(
    "wrong",
    [
        {"caller": "mama"},
        {"caller": "w8841-1"},
        {"called": ""},
        {"called": f"{NUMBER}/../x"},
        {"keys": "1;2"},
        {"seconds": 0},
        {"seconds": 7201},
        {"seconds": "soon"},
    ],
)
def test_what_is_no_call_is_refused(ask: Asked, wrong: dict[str, object]) -> None:
    assert ask("POST", INCOMING, RING | wrong)[0] == HTTPStatus.BAD_REQUEST
    assert ask.face.answer("POST", INCOMING, b"[") == ask("POST", INCOMING, {})


def test_nothing_is_told_of_what_is_not_there(ask: Asked) -> None:
    assert ask("GET", f"{INCOMING}/k5-1.00000000")[0] == HTTPStatus.NOT_FOUND
    assert ask.face.answer("GET", "/channels/k5-7-1-a", b"") is None
