"""The payments' part of the worker: looks at open top-ups, tops up from cards, tells of removed cards."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread

from k5web.domain.payments.connector import Looks
from k5web.services.payments import auto_topups, saved_cards
from k5web.services.payments.polling import poll
from k5web.services.ports import Ports

logger = logging.getLogger(__name__)

POLL_EVERY_S = 1.0
TOP_UP_EVERY_S = 5.0
TELL_EVERY_S = 3600.0


@contextmanager
def beside(ports: Ports, is_stopped: Callable[[], bool]) -> Iterator[None]:
    """Run the rounds in threads of their own, one for each provider and one for cards.

    A provider that is slow to answer must keep neither a call nor another provider waiting.
    """
    origins = [connector.origin for connector in ports.connectors if isinstance(connector, Looks)]
    if not origins:
        yield
        return
    is_over = Event()
    rounds = [*(partial(poll, ports, origin) for origin in origins), _cards(ports)]
    args = (lambda: is_over.is_set() or is_stopped(), is_over)
    threads = [Thread(target=_repeat, args=(round_, *args), daemon=True) for round_ in rounds]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join(POLL_EVERY_S / len(threads))


def _repeat(round_: Callable[[], object], is_stopped: Callable[[], bool], is_over: Event) -> None:
    while not is_stopped():
        try:
            round_()
        except Exception:  # a fault here must not end the asking for good
            logger.exception("asking the payment providers failed")
        is_over.wait(POLL_EVERY_S)


def _cards(ports: Ports) -> Callable[[], None]:
    next_topping_up = next_telling = 0.0

    def round_() -> None:
        nonlocal next_topping_up, next_telling
        if time.monotonic() >= next_topping_up:
            auto_topups.run_due(ports)
            next_topping_up = time.monotonic() + TOP_UP_EVERY_S
        if time.monotonic() >= next_telling:
            saved_cards.tell_removed(ports)
            next_telling = time.monotonic() + TELL_EVERY_S

    return round_
