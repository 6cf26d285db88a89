"""A worker of the fee kills: a real process that bills again and again, by a clock that its test turns."""

import logging
import time
from ctypes import c_double
from datetime import UTC, datetime
from pathlib import Path

from k5web.services.prices import billing
from k5web.storage.session import open_sessions
from tests.fakes.doors import open_doors

PAUSE_S = 0.02  # in which the processor is another worker's


class SharedClock:
    """Now, as the test says it to all its processes."""

    def __init__(self, stamp: c_double) -> None:
        self._stamp = stamp

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self._stamp.value, UTC)

    def set(self, now: datetime) -> None:
        """Turn it, forward or back."""
        self._stamp.value = now.timestamp()


def work(url: str, stamp: c_double, done: str) -> None:
    """Bill without end; after each whole run its moment is written down."""
    logging.disable(logging.WARNING)
    clock = SharedClock(stamp)
    ports = open_doors(open_sessions(url, url), clock)
    with Path(done).open("a") as log:
        while True:
            moment = clock()
            billing.run(ports)
            log.write(f"{moment.isoformat()}\n")
            log.flush()
            time.sleep(PAUSE_S)
