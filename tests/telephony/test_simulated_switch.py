"""The simulated switch over real HTTP keeps the contract, and being killed costs nothing."""

import json
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from k5web.config.switches import SwitchSettings
from k5web.domain.calls.call import CallState, EventKind, Outcome, SwitchEvent
from k5web.domain.calls.outcome import legs_of, outcome_of, state_of
from k5web.telephony.asterisk import AsteriskSwitch
from tests.processes import wait_for
from tests.telephony.contract import SwitchContract, all_events, events_of
from tests.telephony.orders import FIXED, MOBILE, order
from tests.telephony.simulated import SimulatorProcess

pytestmark = pytest.mark.server


class TestContract(SwitchContract):
    @pytest.fixture(scope="class")
    @classmethod
    def settings(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchSettings]:
        simulator = SimulatorProcess(tmp_path_factory.mktemp("switch"), speed=20)
        simulator.start()
        yield simulator.settings
        assert simulator.end(signal.SIGTERM) == 0


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[SimulatorProcess]:
    simulator = SimulatorProcess(tmp_path, speed=20)
    simulator.start()
    yield simulator
    simulator.end(signal.SIGKILL)


def test_a_killed_switch_goes_on_with_its_calls(simulator: SimulatorProcess) -> None:
    switch = AsteriskSwitch(simulator.settings)
    switch.originate(order("7-1", f"{MOBILE}1200", f"{FIXED}1200", talk_ms=3_600_000, leg_a_s=3_700))
    wait_for(lambda: state_of(events_of(switch, "7-1")) is CallState.TALKING, "talk")
    up_since = switch.started_at()
    simulator.end(signal.SIGKILL)
    simulator.start()
    assert switch.started_at() > up_since
    assert ("7-1", 1) in switch.living()
    switch.cancel("7-1")
    wait_for(lambda: state_of(events_of(switch, "7-1")) is CallState.ENDED, "the end")
    assert outcome_of(events_of(switch, "7-1"), cancel_requested=True) is Outcome.CANCELLED


def test_calls_of_a_killed_switch_end_at_their_planned_times(simulator: SimulatorProcess) -> None:
    switch = AsteriskSwitch(simulator.settings)
    long = {"ring_b_s": 10, "leg_a_s": 167}
    switch.originate(order("7-1", f"{MOBILE}1200", f"{FIXED}1200", talk_ms=59_000, **long))
    switch.originate(order("7-2", f"{MOBILE}2200", f"{FIXED}2260", talk_ms=119_000, **long))
    simulator.end(signal.SIGKILL)
    simulator.start()
    wait_for(lambda: {state_of(found) for found in all_events(switch).values()} == {CallState.ENDED}, "the ends")
    found = all_events(switch)
    assert outcome_of(found["7-1"]) is Outcome.LIMIT
    assert outcome_of(found["7-2"]) is Outcome.DONE_B
    assert [seconds_of_b(found[call_id]) for call_id in ("7-1", "7-2")] == [59.005, 60.0]


def seconds_of_b(events: Sequence[SwitchEvent]) -> float:
    b = legs_of(events)[1]
    assert b.answered_at
    assert b.ended_at
    return (b.ended_at - b.answered_at).total_seconds()


def test_records_due_while_the_switch_was_dead_are_written_late_with_their_times(simulator: SimulatorProcess) -> None:
    switch = AsteriskSwitch(simulator.settings)
    switch.originate(order("7-1", f"{MOBILE}1200", f"{FIXED}1215", talk_ms=59_000, leg_a_s=107))
    simulator.end(signal.SIGKILL)
    simulator.start()
    wait_for(lambda: state_of(events_of(switch, "7-1")) is CallState.ENDED, "the end")
    lines = [json.loads(line) for line in simulator.cel_file.read_text().splitlines()]
    assert len({(line["uniqueid"], line["eventtype"], line["eventtime"]) for line in lines}) == 15
    assert seconds_of_b(events_of(switch, "7-1")) == 5.0
    wait_for(lambda: not list(simulator.cel_file.parent.glob("spool/*.json")), "an empty spool")


def test_half_a_line_left_by_a_kill_harms_no_other(simulator: SimulatorProcess) -> None:
    switch = AsteriskSwitch(simulator.settings)
    simulator.end(signal.SIGKILL)
    with simulator.cel_file.open("a") as file:
        file.write('{"eventtime":"17951')
    simulator.start()
    switch.originate(order("7-1", f"{MOBILE}1486", f"{FIXED}1200"))
    wait_for(lambda: state_of(events_of(switch, "7-1")) is CallState.ENDED, "the end")
    records = switch.read_records("")
    assert [record.text for record in records.damaged] == ['{"eventtime":"17951']
    assert [event.kind for event in records.events] == [
        EventKind.CHAN_START,
        EventKind.K5_END,
        EventKind.HANGUP,
        EventKind.LINKEDID_END,
    ]


def test_the_record_file_may_be_renamed_at_any_time(simulator: SimulatorProcess) -> None:
    switch = AsteriskSwitch(simulator.settings)
    switch.originate(order("7-1", f"{MOBILE}1200", f"{FIXED}1200", talk_ms=600_000, leg_a_s=900))
    wait_for(lambda: state_of(events_of(switch, "7-1")) is CallState.TALKING, "talk")
    first = switch.read_records("")
    cel_file = simulator.cel_file
    cel_file.rename(cel_file.with_name("cel.json.1"))
    switch.cancel("7-1")
    wait_for(cel_file.exists, "a new file")
    wait_for(
        lambda: state_of([*first.events, *switch.read_records(first.position).events]) is CallState.ENDED, "the end"
    )


def test_two_hundred_calls_at_once_are_all_played(simulator: SimulatorProcess) -> None:
    switch = AsteriskSwitch(simulator.settings)
    ids = [f"7-{n}" for n in range(1, 201)]
    for call_id in ids:
        switch.originate(order(call_id, f"{MOBILE}1200", f"{FIXED}1200", talk_ms=3_600_000, leg_a_s=3_700))
    wait_for(lambda: {state_of(found) for found in all_events(switch).values()} == {CallState.TALKING}, "talk")
    assert len(all_events(switch)) == 200
    for call_id in ids:
        switch.cancel(call_id)
    wait_for(lambda: {state_of(found) for found in all_events(switch).values()} == {CallState.ENDED}, "the ends")
    spool = simulator.cel_file.parent / "spool"
    wait_for(lambda: not list(spool.glob("*.json")), "an empty spool")


def test_a_second_switch_on_the_same_files_is_refused(simulator: SimulatorProcess) -> None:
    second = SimulatorProcess(simulator.cel_file.parent.parent, speed=20)
    with pytest.raises(AssertionError, match="ended at once"):
        second.start()
