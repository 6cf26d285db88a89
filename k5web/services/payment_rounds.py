"""The payments' part of the worker: looks at open top-ups, tops up from cards, tells of removed cards."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from k5web.domain.topup import Looks
from k5web.services import auto_topups, saved_cards
from k5web.services.polling import poll
from k5web.services.ports import Ports

logger = logging.getLogger(__name__)

POLL_EVERY_S = 1.0
TOP_UP_EVERY_S = 5.0
TELL_EVERY_S = 3600.0


@contextmanager
def beside(ports: Ports, is_stopped: Callable[[], bool]) -> Iterator[None]:
    """Run the rounds in a thread of their own: a provider that is slow to answer must keep no call waiting."""
    if not any(isinstance(connector, Looks) for connector in ports.connectors):
        yield
        return
    is_over = Event()
    thread = Thread(target=_rounds, args=(ports, lambda: is_over.is_set() or is_stopped(), is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(POLL_EVERY_S)


def _rounds(ports: Ports, is_stopped: Callable[[], bool], is_over: Event) -> None:
    next_topping_up = next_telling = 0.0
    while not is_stopped():
        try:
            poll(ports)
            if time.monotonic() >= next_topping_up:
                auto_topups.run_due(ports)
                next_topping_up = time.monotonic() + TOP_UP_EVERY_S
            if time.monotonic() >= next_telling:
                saved_cards.tell_removed(ports)
                next_telling = time.monotonic() + TELL_EVERY_S
        except Exception:  # a fault here must not end the asking for good
            logger.exception("asking the payment providers failed")
        is_over.wait(POLL_EVERY_S)
