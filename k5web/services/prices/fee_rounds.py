"""The fees' part of the worker: takes what is due and brings back what can be paid again, in a thread of its own."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from threading import Event, Thread

from k5web.services.ports import Ports
from k5web.services.prices import billing, idle

logger = logging.getLogger(__name__)

BILL_EVERY_S = 5.0
GOODBYE_S = 2.0  # a run that is under way ends with its owner


@contextmanager
def beside(ports: Ports, is_stopped: Callable[[], bool]) -> Iterator[None]:
    """Bill every few seconds beside the calls, which never wait for it."""
    is_over = Event()

    def repeat() -> None:
        looked_on: date | None = None
        while not (is_over.is_set() or is_stopped()):
            try:
                billing.run(ports)
                if looked_on != ports.today():
                    idle.move_idle(ports)
                    looked_on = ports.today()
            except Exception:  # a fault here must not end the billing for good
                logger.exception("taking fees failed")
            is_over.wait(BILL_EVERY_S)

    thread = Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(GOODBYE_S)
