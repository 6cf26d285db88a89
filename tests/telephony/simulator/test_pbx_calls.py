"""Calls to rented numbers as they are played: asked for, cut, killed and played on."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from k5web.errors import NotFound
from k5web.telephony.simulator.pbx_calls import Home, PbxCalls, Place
from k5web.telephony.simulator.switch import SimulatedSwitch
from tests.processes import wait_for
from tests.telephony.simulator.town import CALLER, NUMBER, OTHER, YES, accounts_file, rule

FORWARD = rule(start=f"forward|{OTHER}|25|vm|vm|vm", vm="voicemail|8841|5")


class K5:
    """K5's side of the question: keeps what was asked, answers `said`."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.said, self.status = YES, 200
        self.goes_on = threading.Event()
        self.goes_on.set()
        house = self

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                house.asked.append(dict(parse_qsl(body.decode())))
                house.goes_on.wait(10)
                self.send_response(house.status)
                self.end_headers()
                self.wfile.write(house.said.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


class Played:
    """Calls of a switch in a folder, twenty times as fast as life."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.cel_file = folder, folder / "cel.json"
        self.switch = SimulatedSwitch(self.cel_file)
        place = Place(folder, self.switch.next_place, self.switch.append, lambda: time.time_ns() // 1000)
        self.calls = PbxCalls(Home("k5", "secret", url, "trunk", 20), place)

    def kinds(self) -> list[str]:
        lines = self.cel_file.read_text().splitlines() if self.cel_file.exists() else []
        return [str(json.loads(line)["eventtype"]) for line in lines]

    def wait(self, kind: str) -> None:
        wait_for(lambda: kind in self.kinds(), kind)

    def wait_over(self, name: str) -> None:
        wait_for(lambda: self.calls.story(name)[1], "the call is over")

    def close(self) -> None:
        self.calls.close()
        self.switch.close()


Start = Callable[[], Played]


@pytest.fixture
def k5() -> Iterator[K5]:
    house = K5()
    yield house
    house.goes_on.set()
    house.server.shutdown()
    house.server.server_close()


@pytest.fixture
def start(tmp_path: Path, k5: K5) -> Iterator[Start]:
    begun: list[Played] = []

    def begin() -> Played:
        begun.append(Played(tmp_path, k5.url))
        return begun[-1]

    yield begin
    begun[-1].close()


@pytest.mark.server
def test_a_forward_is_asked_for_once_and_told_step_by_step(start: Start, k5: K5, tmp_path: Path) -> None:
    accounts_file(tmp_path, FORWARD)
    played = start()
    name = played.calls.ring(CALLER, NUMBER, hangs_up_s=5)
    played.wait_over(name)
    assert [(one["kind"], one["to"], one["n"]) for one in k5.asked] == [("forward", OTHER, "1")]
    assert [step.what for step in played.calls.story(name)[0]] == [
        *("in", "paid", "rings_out", "answered", "over"),
    ]
    assert played.kinds()[-1] == "LINKEDID_END"
    assert not list((tmp_path / "spool" / "pbx").iterdir())
    with pytest.raises(NotFound):
        played.calls.story("k5-1.00000000")


@pytest.mark.server
@pytest.mark.parametrize(("status", "said"), [(500, YES), (200, "<html>")])
def test_where_k5_gives_no_answer_what_was_held_ahead_is_spent_once(
    start: Start, k5: K5, tmp_path: Path, status: int, said: str
) -> None:
    k5.status, k5.said = status, said
    ahead = f"yes|8841-9|599000|647|trunk-a||{''}|{int(time.time()) + 600}"
    accounts_file(tmp_path, FORWARD, {f"8841/forward-{OTHER}": ahead})
    played = start()
    for paid in ("8841-9", ""):
        name = played.calls.ring(CALLER, NUMBER, hangs_up_s=4)
        played.wait_over(name)
        holds = [line for line in played.cel_file.read_text().splitlines() if "K5_HOLD" in line and name in line]
        assert len(holds) == 1
        assert f"8841|1|forward|{OTHER}|{paid}|{'' if paid else 'silent'}" in holds[0]


@pytest.mark.server
def test_the_caller_hangs_up_in_the_talk(start: Start, tmp_path: Path) -> None:
    accounts_file(tmp_path, rule(start="ring|u8841-1|25|bye|bye|bye"))
    played = start()
    name = played.calls.ring(CALLER, NUMBER, hangs_up_s=7000)
    played.wait("BRIDGE_ENTER")
    assert {record.kind for record in played.calls.records()} >= {"CHAN_START", "ANSWER"}
    assert played.calls.hang_up(name)
    played.wait_over(name)
    assert not played.calls.hang_up(name)
    assert played.calls.records() == []


@pytest.mark.server
def test_a_killed_switch_plays_on_and_asks_the_same_again(start: Start, k5: K5, tmp_path: Path) -> None:
    accounts_file(tmp_path, FORWARD)
    k5.goes_on.clear()
    killed = start()
    name = killed.calls.ring(CALLER, NUMBER, hangs_up_s=5)
    wait_for(lambda: k5.asked, "K5 is asked")
    kept = next((tmp_path / "spool" / "pbx").glob("*.json")).read_bytes()
    k5.goes_on.set()
    killed.close()
    (tmp_path / "spool" / "pbx" / f"{name}.json").write_bytes(kept)  # as it was when it was killed
    (tmp_path / "spool" / "pbx" / "k5-9.json").write_text("{")
    played = start()
    played.wait_over(name)
    assert {one["n"] for one in k5.asked} == {"1"}
    assert len({one["channel"] for one in k5.asked}) == 1
    assert played.kinds()[-1] == "LINKEDID_END"
    assert (tmp_path / "spool" / "pbx" / "k5-9.bad").exists()


@pytest.mark.server
def test_a_message_lies_there_before_its_record(start: Start, tmp_path: Path) -> None:
    accounts_file(tmp_path, rule(start="voicemail|8841|2"))
    played = start()
    name = played.calls.ring("", NUMBER)
    played.wait("K5_VOICEMAIL")
    assert (tmp_path / "spool" / "recording" / f"vm-8841-{name}.wav").stat().st_size == 44 + 32_000
    played.wait_over(name)
