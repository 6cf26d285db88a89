"""The simulated switch itself: calls under way, kept on disk, their records written when they are due.

Each call is a small file in `spool/` beside the record file, so a killed switch goes on where it was. Records due in
between are written late with their planned times; some may then stand there twice, which their reader allows.
"""

import fcntl
import heapq
import itertools
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TextIO

from k5web.errors import K5Error, WrongSetting
from k5web.telephony.simulator.phones import SECOND
from k5web.telephony.simulator.script import Order, Record, line, missed_line, timeline

logger = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE_S = 1.0


class StillAlive(K5Error):
    """A channel of this id is up. Facts: id."""

    code, status, text = "still_alive", 409, "channel {id} exists already"


@dataclass(slots=True)
class Call:
    """A call under way: its plan, and how much of it is written."""

    order: Order
    records: list[Record]
    written: int = 0


class SimulatedSwitch:
    """Plays any number of calls from one heap of due records. Safe to use from several threads."""

    def __init__(self, cel_file: Path, speed: int = 1, now_us: Callable[[], int] | None = None) -> None:
        """Units: `speed` times real time; the times in records are those of the plan. Raises: WrongSetting."""
        self._cel_file = cel_file
        self._spool = cel_file.parent / "spool"
        self._speed = speed
        self._now_us = now_us or _now_us
        self.started_us = self._now_us()
        self._changed = threading.Condition()
        self._calls: dict[str, Call] = {}
        self._due: list[tuple[int, int, Order]] = []  # real time, a serial number, the order as it was then
        self._serial = itertools.count()
        self._last_placed_us = 0
        self._placed = 0
        self._spool.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self._spool / "lock")
        self._load()

    def place(self, order: Order) -> Call:
        """Start a call; its time, number and cut are set here. Raises: StillAlive, OSError (nothing rings)."""
        with self._changed:
            if order.id in self._calls:
                raise StillAlive(id=order.id)
            placed_us, number = self.next_place()
            order = replace(order, placed_us=placed_us, number=number, cut_us=None)
            self._keep(order)
            return self._follow(order)

    def cut(self, channel_id: str) -> bool:
        """End a call now, as DELETE does; False where there is none. Raises: OSError."""
        with self._changed:
            call = self._calls.get(channel_id)
            if call is None:
                return False
            if call.order.cut_us is None:
                order = replace(call.order, cut_us=self._switch_time(call.order))
                self._keep(order)
                self._follow(order, call.written)
            return True

    def miss(self, caller: str, access: str) -> None:
        """Refuse a call to an access number as busy; only its record stays. Raises: OSError."""
        at_us, _number = self.next_place()
        self.append([missed_line(at_us, caller, access)])

    def next_place(self) -> tuple[int, int]:
        """Return a moment that no other call has, in microseconds since the epoch, and a number for its channels."""
        with self._changed:
            self._last_placed_us = max(self._now_us(), self._last_placed_us + 1)
            self._placed += 1
            return self._last_placed_us, self._placed - 1

    def now_us(self) -> int:
        """Return the time, microseconds since the epoch."""
        return self._now_us()

    def append(self, lines: list[str]) -> None:
        """Write records at once. Raises: OSError."""
        with self._changed:
            self._append(lines)

    def find(self, channel_id: str) -> Call | None:
        """Return the call of A's channel."""
        with self._changed:
            return self._calls.get(channel_id)

    def calls(self) -> list[Call]:
        """Return all calls under way."""
        with self._changed:
            return list(self._calls.values())

    def happened(self, call: Call) -> set[tuple[str, bool]]:
        """Return the kinds of records due so far, with the leg: what the phones are doing."""
        now_us = self._switch_time(call.order)
        return {(record.kind, record.is_a) for record in call.records if record.at_us <= now_us}

    def run(self, stop: threading.Event) -> None:
        """Write records as they come due until `stop` is set and `wake` called."""
        while not stop.is_set():
            with self._changed:
                pause_s = self._write_due()
                self._changed.wait(pause_s)

    def wake(self) -> None:
        """Let `run` look again."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Let another process have the spool."""
        self._lock.close()

    def _write_due(self) -> float | None:
        """Write everything due now; return the seconds until there is more."""
        due: list[Call] = []
        now_us = self._now_us()
        while self._due and self._due[0][0] <= now_us:
            _, _, order = heapq.heappop(self._due)
            call = self._calls.get(order.id)
            if call is not None and call.order is order:  # else it was cut, or has ended, since
                due.append(call)
        lines = {call.order.id: self._due_records(call, now_us) for call in due}
        try:
            self._append([line(call.order, record) for call in due for record in lines[call.order.id]])
        except OSError:
            logger.exception("cannot write records", extra={"file": str(self._cel_file)})
            for call in due:
                self._schedule(call)
            return PAUSE_AFTER_FAILURE_S
        for call in due:
            call.written += len(lines[call.order.id])
            if call.written < len(call.records):
                self._schedule(call)
            else:
                del self._calls[call.order.id]
                self._spooled(call.order).unlink(missing_ok=True)
        return max(0, self._due[0][0] - self._now_us()) / SECOND if self._due else None

    def _due_records(self, call: Call, now_us: int) -> list[Record]:
        return [record for record in call.records[call.written :] if self._real_time(call.order, record) <= now_us]

    def _follow(self, order: Order, written: int = 0) -> Call:
        call = self._calls[order.id] = Call(order, timeline(order), written)
        self._schedule(call)
        self._changed.notify_all()
        return call

    def _schedule(self, call: Call) -> None:
        due_us = self._real_time(call.order, call.records[call.written])
        heapq.heappush(self._due, (due_us, next(self._serial), call.order))

    def _real_time(self, order: Order, record: Record) -> int:
        return order.placed_us + -(-(record.at_us - order.placed_us) // self._speed)

    def _switch_time(self, order: Order) -> int:
        return order.placed_us + max(0, self._now_us() - order.placed_us) * self._speed

    def _append(self, lines: list[str]) -> None:
        """Add whole lines; the file is opened anew, so it may be renamed at any time."""
        if not lines:
            return
        text = "".join(f"{text}\n" for text in lines).encode()
        with self._cel_file.open("a+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":  # a writer was killed, or the disk was full, inside a line
                    text = b"\n" + text
            if file.write(text) != len(text):
                raise OSError("the disk took half a record")

    def _spooled(self, order: Order) -> Path:
        return self._spool / f"{order.id}.json"

    def _keep(self, order: Order) -> None:
        path = self._spooled(order)
        half = path.with_suffix(".part")
        half.write_text(json.dumps(asdict(order)))
        half.replace(path)

    def _load(self) -> None:
        with self._changed:
            for path in sorted(self._spool.glob("*.json")):
                try:
                    order = Order(**json.loads(path.read_text()))
                    self._follow(order)
                except (ValueError, TypeError):
                    logger.exception("a kept call cannot be read", extra={"file": str(path)})
                    path.replace(path.with_suffix(".bad"))
                    continue
                self._last_placed_us = max(self._last_placed_us, order.placed_us)
                self._placed = max(self._placed, order.number + 1)


def _lock(path: Path) -> TextIO:
    """Hold the spool for this process: two switches would play every call twice. Raises: WrongSetting."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise WrongSetting(name="K5_CEL_FILE", reason=f"another simulated switch uses {path.parent}") from error
    return file


def _now_us() -> int:
    return time.time_ns() // 1_000
