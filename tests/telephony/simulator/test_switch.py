"""The simulated switch without its HTTP face: a heap of due records, a clock that the test moves."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from k5web.domain.calls.call import CallState
from k5web.domain.calls.outcome import state_of
from k5web.errors import WrongSetting
from k5web.telephony.cel import read_records
from k5web.telephony.simulator.phones import SECOND
from k5web.telephony.simulator.switch import SimulatedSwitch, StillAlive
from tests.processes import wait_for
from tests.telephony.simulator.test_script import ORDER


class Now:
    def __init__(self) -> None:
        self.us = 1_795_198_497_000_000

    def __call__(self) -> int:
        return self.us

    def forward(self, seconds: float) -> None:
        self.us += int(seconds * SECOND)


class Played:
    """A switch with its ticker thread."""

    def __init__(self, cel_file: Path, now: Now, speed: int = 1) -> None:
        self.cel_file = cel_file
        self.now = now
        self.switch = SimulatedSwitch(cel_file, speed, now)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.switch.run, args=(self.stop,))
        self.thread.start()

    def state(self) -> CallState:
        self.switch.wake()
        return state_of(read_records(self.cel_file, "").events)

    def reaches(self, state: CallState) -> None:
        wait_for(lambda: self.state() is state, state)

    def end(self) -> None:
        self.stop.set()
        self.switch.wake()
        self.thread.join()
        self.switch.close()


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def played(tmp_path: Path, now: Now) -> Iterator[Played]:
    played = Played(tmp_path / "cel.json", now)
    yield played
    played.end()


def test_records_come_when_they_are_due(played: Played, now: Now) -> None:
    played.switch.place(replace(ORDER, a_number="79160001567", extension="74950001260"))
    played.reaches(CallState.CALLING_A)
    now.forward(1.9)
    assert played.state() is CallState.CALLING_A
    now.forward(0.2)
    played.reaches(CallState.CALLING_B)
    now.forward(3)
    played.reaches(CallState.TALKING)
    assert len(played.switch.calls()) == 1
    now.forward(60)
    played.reaches(CallState.ENDED)
    wait_for(lambda: not played.switch.calls(), "an end")
    assert not list(played.cel_file.parent.glob("spool/*.json"))


def test_the_same_id_rings_once_while_it_lives_and_again_after(played: Played, now: Now) -> None:
    order = replace(ORDER, a_number="79160001486")
    played.switch.place(order)
    with pytest.raises(StillAlive):
        played.switch.place(order)
    now.forward(1)
    played.reaches(CallState.ENDED)
    wait_for(lambda: not played.switch.calls(), "an end")
    played.switch.place(order)
    assert played.switch.find(order.id) is not None


def test_no_two_calls_share_an_id_of_leg_b(played: Played) -> None:
    orders = [played.switch.place(replace(ORDER, id=f"k5-7-{n}-a")).order for n in range(1, 50)]
    assert len({order.b_id() for order in orders}) == 49


def test_hastened_calls_are_recorded_with_their_planned_times(tmp_path: Path, now: Now) -> None:
    played = Played(tmp_path / "cel.json", now, speed=100)
    played.switch.place(replace(ORDER, extension="74950001260"))
    now.forward(0.7)
    played.reaches(CallState.ENDED)
    played.end()
    events = read_records(played.cel_file, "").events
    assert 63 < (events[-1].at - events[0].at).total_seconds() < 64


def test_a_record_file_that_cannot_be_written_is_tried_again(
    played: Played, now: Now, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("k5web.telephony.simulator.switch.PAUSE_AFTER_FAILURE_S", 0.01)
    played.cel_file.mkdir()
    played.switch.place(replace(ORDER, a_number="79160001486"))
    now.forward(1)
    played.switch.wake()
    wait_for(lambda: "cannot write records" in caplog.text, "a failure")
    played.cel_file.rmdir()
    played.reaches(CallState.ENDED)


def test_a_kept_call_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path, now: Now) -> None:
    first = Played(tmp_path / "cel.json", now)
    first.switch.place(ORDER)
    first.end()
    (tmp_path / "spool" / "k5-7-9-a.json").write_text("{")
    second = Played(tmp_path / "cel.json", now)
    assert [call.order.id for call in second.switch.calls()] == ["k5-7-1-a"]
    second.end()
    assert [path.name for path in (tmp_path / "spool").glob("*.bad")] == ["k5-7-9-a.bad"]


def test_a_cut_is_kept_before_it_is_answered(tmp_path: Path, now: Now) -> None:
    """Nobody runs the first switch: it dies right after its answer."""
    first = SimulatedSwitch(tmp_path / "cel.json", 1, now)
    first.place(ORDER)
    now.forward(1)
    assert first.cut(ORDER.id)
    first.close()
    second = SimulatedSwitch(tmp_path / "cel.json", 1, now)
    (call,) = second.calls()
    second.close()
    assert call.order.cut_us == now.us


def test_a_call_cut_before_its_records_were_written_has_each_once(tmp_path: Path, now: Now) -> None:
    switch = SimulatedSwitch(tmp_path / "cel.json", 1, now)
    switch.place(ORDER)
    now.forward(1)
    switch.cut(ORDER.id)
    switch.close()
    stop = threading.Event()
    ticker = threading.Thread(target=switch.run, args=(stop,))
    ticker.start()
    wait_for(lambda: not switch.calls(), "an end")
    stop.set()
    switch.wake()
    ticker.join()
    assert len((tmp_path / "cel.json").read_text().splitlines()) == 15


def test_a_spool_belongs_to_one_switch(played: Played, now: Now) -> None:
    with pytest.raises(WrongSetting):
        SimulatedSwitch(played.cel_file, 1, now)
