"""The messages' part of the worker, in a thread of its own: nothing that moves money or places calls waits for it."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from k5web.services.messaging import delivery
from k5web.services.ports import Ports

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
SWEEP_EVERY_S = 60.0
GOODBYE_S = 2.0


@contextmanager
def beside(ports: Ports, is_stopped: Callable[[], bool]) -> Iterator[None]:
    """Send what is due, beside the calls."""
    is_over = Event()

    def repeat() -> None:
        next_sweep = 0.0
        while not (is_over.is_set() or is_stopped()):
            try:
                delivery.deliver_due(ports)
                if time.monotonic() >= next_sweep:
                    delivery.sweep(ports)
                    next_sweep = time.monotonic() + SWEEP_EVERY_S
            except Exception:  # a fault here must not end the sending for good
                logger.exception("sending messages failed")
            is_over.wait(LOOK_EVERY_S)

    thread = Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(GOODBYE_S)
