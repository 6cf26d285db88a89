"""A switch that several processes ask and a test plays: its orders and records are files, its phones are the test's.

And the worker of the kills of records: a real process that places and settles calls by a clock that its test turns.
"""

import json
import logging
import multiprocessing
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from ctypes import c_double
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from k5web.domain.calls.call import CallOrder, Records
from k5web.domain.calls.trunk import Trunk
from k5web.errors import Unavailable
from k5web.services.calls.placing import expire_holds, place_due, recover
from k5web.services.calls.settling import Importer
from k5web.storage.session import open_sessions
from k5web.telephony.cel import read_records
from tests.fakes.doors import open_doors
from tests.reliability.biller import SharedClock

CAME_UP = datetime(2026, 1, 1, tzinfo=UTC)
LOOK_EVERY_S = 0.05


class ToldSwitch:
    """Satisfies the Switch port. It never refuses, never dies, and ends no call before the test says so."""

    name = "told"
    is_read_here = True
    caller_id = "74950000000"
    calls_at_once = 100_000
    trunks: Sequence[Trunk] = (Trunk("trunk", 100_000),)

    def __init__(self, folder: Path) -> None:
        self._asked, self._gone, self._cel = (folder / name for name in ("asked", "gone", "cel.json"))

    # The port

    def originate(self, call: CallOrder) -> None:
        """Note that leg A rings: whether once, the test counts."""
        _append(self._asked, [json.dumps([call.id, call.attempt])])

    def cancel(self, call_id: str, attempt: int = 1) -> None:
        """Obey nobody."""

    def living(self) -> set[tuple[str, int]]:
        """What was asked for and is not gone."""
        gone = set(_lines(self._gone))
        return {(call_id, attempt) for call_id, attempt in self.asked() if call_id not in gone}

    def channels(self) -> set[str]:
        """No legs of PBX."""
        return set()

    def end_leg(self, channel: str) -> None:
        """There is none."""

    def started_at(self) -> datetime:
        """Before all calls."""
        return CAME_UP

    def read_records(self, position: str) -> Records:
        """As those of the real one are read."""
        return read_records(self._cel, position)

    # What the test does

    def asked(self) -> list[tuple[str, int]]:
        """Every request so far, in order: a call and its try."""
        return [(call_id, attempt) for call_id, attempt in map(json.loads, _lines(self._asked))]

    def write(self, lines: Iterable[str]) -> None:
        """Write records as a new file, so that who reads sees all of them or none: the one before is renamed."""
        fresh = self._cel.with_name("fresh")
        _append(fresh, lines)
        if self._cel.exists():
            self._cel.rename(f"{self._cel}.{len(list(self._cel.parent.glob('cel.json*')))}")
        fresh.rename(self._cel)

    def let_go(self, calls: Iterable[str]) -> None:
        """These have no channel any more."""
        _append(self._gone, calls)


def _append(path: Path, lines: Iterable[str]) -> None:
    with path.open("ab", buffering=0) as file:
        file.write("".join(f"{line}\n" for line in lines).encode())


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def work(url: str, stamp: c_double, folder: str, rounds: str) -> None:
    """Place, import and look after calls as the worker does, as long as the test lives; each round adds a byte."""
    logging.disable(logging.CRITICAL)
    switch = ToldSwitch(Path(folder))
    ports = open_doors(open_sessions(url, url), SharedClock(stamp), switch)
    importer, test = Importer(ports, switch), multiprocessing.parent_process()
    assert test is not None
    with Path(rounds).open("ab", buffering=0) as log:
        while test.is_alive():
            with suppress(Unavailable):
                if importer.read_until is not None:  # as the worker, which reads all before it places anything
                    place_due(ports)
                importer.run_once(between=partial(place_due, ports))
                if importer.read_until is not None:
                    recover(ports, {switch.name: importer.read_until})
                    expire_holds(ports)
                    log.write(b".")
            time.sleep(LOOK_EVERY_S)
