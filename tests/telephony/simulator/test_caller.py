"""A phone that rings an access number of the simulated switch: one record, as the dialplan writes it."""

import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from k5web.domain.calls.missed_calls import MissedCall
from k5web.errors import SwitchRefused, SwitchSilent
from k5web.telephony.asterisk import AsteriskSwitch
from k5web.telephony.cel import read_records
from k5web.telephony.simulator.caller import Caller
from k5web.telephony.simulator.switch import SimulatedSwitch
from tests.telephony.simulated import SimulatorProcess

CALLER, ACCESS = "79161234567", "74951110001"
NOW_US = 1_800_000_000_000_007


def missed(cel_file: Path) -> Sequence[MissedCall]:
    records = read_records(cel_file, "")
    assert not records.damaged
    return records.missed


def test_two_calls_in_one_microsecond_are_two_records(tmp_path: Path) -> None:
    switch = SimulatedSwitch(tmp_path / "cel.json", now_us=lambda: NOW_US)
    switch.miss(CALLER, ACCESS)
    switch.miss(CALLER, ACCESS)
    switch.close()
    first, second = missed(tmp_path / "cel.json")
    assert (first.caller, first.access) == (CALLER, ACCESS)
    assert first.at == datetime(2027, 1, 15, 8, 0, 0, 7, tzinfo=UTC)
    assert first.record != second.record


@pytest.mark.server
def test_over_http_numbers_become_a_record_and_anything_else_is_refused(tmp_path: Path) -> None:
    simulator = SimulatorProcess(tmp_path, speed=20)
    with pytest.raises(SwitchSilent):
        Caller(simulator.settings).miss(CALLER, ACCESS)
    simulator.start()
    try:
        Caller(simulator.settings).miss(f"+{CALLER}", ACCESS)
        for caller, access in (("", ACCESS), (CALLER, "x"), (f"{CALLER}|", ACCESS), (CALLER, "1" * 16)):
            with pytest.raises(SwitchRefused):
                Caller(simulator.settings).miss(caller, access)
        assert [(call.caller, call.access) for call in missed(simulator.cel_file)] == [(f"+{CALLER}", ACCESS)]
        assert AsteriskSwitch(simulator.settings).started_at()
    finally:
        simulator.end(signal.SIGTERM)
