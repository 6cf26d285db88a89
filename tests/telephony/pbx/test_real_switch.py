"""A real Asterisk keeps the contract of the virtual PBX: the calls of the simulated one. Promises: B9, D6."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from k5web.telephony.asterisk import AsteriskSwitch
from k5web.telephony.switch_files import SwitchFiles
from tests.processes import wait_for
from tests.telephony.pbx.contract import PASSWORD, Case, PbxContract, Stage
from tests.telephony.pbx.k5_side import K5Side
from tests.telephony.pbx.lab import PHONES_HOST, Lab
from tests.telephony.pbx.phone import Phone

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-pbx"), pytest.mark.timeout(300)]

TALKS_S = 1.0  # of who hangs up by themselves


@dataclass(frozen=True)
class RealStage:
    """A lab whose phones behave by their extensions."""

    lab: Lab
    position: str

    @property
    def switch(self) -> AsteriskSwitch:
        return AsteriskSwitch(self.lab.switch.settings)

    @property
    def tables(self) -> SwitchFiles:
        return self.lab.tables

    @property
    def side(self) -> K5Side:
        return self.lab.side

    def play(self, cases: Sequence[Case]) -> None:
        """Each call has a thread of its own."""
        with ThreadPoolExecutor(len(cases)) as pool:
            list(pool.map(self._play, cases))
        wait_for(self.lab.is_quiet, "every call is over")

    def _play(self, case: Case) -> None:
        row = case.row
        people = [self._person(case, n, extension) for n, extension in enumerate(row.people, 1)]
        caller = self.lab.outside(case.caller) if row.by == "C" else people[0]
        caller.speaks = row.is_toll_free  # a fuse in a menu is looked at with each packet
        caller.call_without_waiting(case.real(row.dials))
        if row.leaves == "ringing" and not row.keys:
            people[0].wait("ringing")
            caller.cancel()
        caller.wait("up", "over")
        if caller.state == "up":
            caller.press(case.real(row.keys))
        if row.leaves == "ringing" and row.keys:
            people[0].wait("ringing")
            caller.bye()
        if row.leaves == "mailing":
            wait_for(lambda: self.lab.kept(f"vm-{case.owner_id}-"), "the message is begun")
            caller.bye()
        if row.leaves == "talking":
            people[0].wait("up")
            caller.bye()
        leaving = [one for one, extension in zip(people, row.people, strict=True) if extension == "211"]
        while caller.state != "over":
            talking = [one for one in leaving if one.state == "up"]
            time.sleep(TALKS_S if talking else 0.05)
            for one in talking:
                one.bye()

    def _person(self, case: Case, n: int, extension: str) -> Phone:
        login = f"u{case.owner_id}-{n}"
        phone = self.lab.phone(self.lab.switch.users_address, login, PASSWORD, host=PHONES_HOST)
        assert phone.register() == 200
        if extension in {"180", "486"}:
            phone.on_invite = "ring" if extension == "180" else 486
        return phone


class TestContract(PbxContract):
    @pytest.fixture(scope="class")
    @classmethod
    def stage(cls, opened_lab: Lab) -> Iterator[Stage]:
        lab = opened_lab
        lab.begin()
        inode = lab.switch.cel_file.stat().st_ino if lab.position else 0
        yield RealStage(lab, f"{inode}:{lab.position}" if inode else "")
        lab.end()
