"""The simulated switch keeps the contract of the virtual PBX: the calls of the real one. Promises: B9, D6."""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from k5web.telephony.asterisk import AsteriskSwitch
from k5web.telephony.simulator.caller import Caller
from k5web.telephony.switch_files import SwitchFiles
from tests.processes import wait_for
from tests.telephony.pbx.contract import Case, PbxContract, Stage
from tests.telephony.pbx.k5_side import K5Side, answering
from tests.telephony.simulated import SimulatorProcess

pytestmark = pytest.mark.server

LEAVES_S = {"": 600, "ringing": 5, "talking": 5, "mailing": 10}  # of the switch's time


@dataclass(frozen=True)
class SimulatedStage:
    """A simulator twenty times as fast as life; its town of phones is in it."""

    simulator: SimulatorProcess
    side: K5Side
    position: str = ""

    @property
    def switch(self) -> AsteriskSwitch:
        return AsteriskSwitch(self.simulator.settings)

    @property
    def tables(self) -> SwitchFiles:
        return SwitchFiles(self.simulator.settings, lambda: datetime.now(UTC))

    def play(self, cases: Sequence[Case]) -> None:
        caller = Caller(self.simulator.settings)
        names = []
        for case in cases:
            who, called, keys = (case.real(text) for text in (case.row.by, case.row.dials, case.row.keys))
            names.append(caller.ring(who, called, keys, LEAVES_S[case.row.leaves]))
        wait_for(lambda: all(caller.story(name)[1] for name in names), "every call is over")


class TestContract(PbxContract):
    @pytest.fixture(scope="class")
    @classmethod
    def stage(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
        with answering("simulator") as side:
            simulator = SimulatorProcess(tmp_path_factory.mktemp("switch"), speed=20, k5_url=side.url)
            simulator.start()
            yield SimulatedStage(simulator, side)
            assert simulator.end(signal.SIGTERM) == 0
