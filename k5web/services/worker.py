"""The worker: places what is due, imports the switch's records, looks after what is late. Any number may run."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from k5web.domain.topup import Looks
from k5web.errors import K5Error
from k5web.services import auto_topups, missed, saved_cards
from k5web.services.devices import forget_old
from k5web.services.placing import expire_holds, place_due, recover
from k5web.services.polling import poll
from k5web.services.ports import Ports
from k5web.services.settling import Importer
from k5web.storage.wakeups import Wakeups

logger = logging.getLogger(__name__)

SWEEP_EVERY_S = 5.0
FORGET_EVERY_S = 3600.0  # devices, counts and missed calls that are past their time
POLL_EVERY_S = 1.0
AFTER_TROUBLE_S = 1.0


def work(ports: Ports, is_stopped: Callable[[], bool]) -> None:
    """Work until told to stop. Trouble outside (base, switch) is logged and tried again; nothing is lost by a kill."""
    with _poller(ports, is_stopped):
        _work(ports, is_stopped)


def _work(ports: Ports, is_stopped: Callable[[], bool]) -> None:
    while not is_stopped():
        try:
            with Wakeups(ports.sessions) as wakeups:
                _loop(ports, wakeups, is_stopped)
        except (K5Error, OSError) as error:
            logger.warning("worker pauses", extra={"reason": str(error)})
            time.sleep(AFTER_TROUBLE_S)


@contextmanager
def _poller(ports: Ports, is_stopped: Callable[[], bool]) -> Iterator[None]:
    """Ask payment providers in a thread of its own: one that is slow to answer must keep no call waiting."""
    if not any(isinstance(connector, Looks) for connector in ports.connectors):
        yield
        return
    is_over = Event()
    thread = Thread(target=_poll, args=(ports, lambda: is_over.is_set() or is_stopped(), is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(POLL_EVERY_S)


def _poll(ports: Ports, is_stopped: Callable[[], bool], is_over: Event) -> None:
    next_sweep = next_telling = 0.0
    while not is_stopped():
        try:
            poll(ports)
            if time.monotonic() >= next_sweep:
                auto_topups.run_due(ports)
                next_sweep = time.monotonic() + SWEEP_EVERY_S
            if time.monotonic() >= next_telling:
                saved_cards.tell_removed(ports)
                next_telling = time.monotonic() + FORGET_EVERY_S
        except Exception:  # a fault here must not end the asking for good
            logger.exception("asking the payment providers failed")
        is_over.wait(POLL_EVERY_S)


def _loop(ports: Ports, wakeups: Wakeups, is_stopped: Callable[[], bool]) -> None:
    importers = [Importer(ports, switch) for switch in ports.switches if switch.is_read_here]
    next_sweep = next_forgetting = 0.0
    for importer in importers:  # before anything is placed: what is written by now cannot speak of a call to come
        while importer.run_once() and not is_stopped():
            pass
    while not is_stopped():
        place_due(ports)
        came = sum(importer.run_once() for importer in importers)
        is_due = time.monotonic() >= next_sweep
        if came or is_due:
            missed.call_back_due(ports)
        if is_due:
            recover(ports)
            expire_holds(ports)
            next_sweep = time.monotonic() + SWEEP_EVERY_S
        if time.monotonic() >= next_forgetting:
            forget_old(ports)
            missed.forget_old(ports)
            next_forgetting = time.monotonic() + FORGET_EVERY_S
        wakeups.wait()
