"""The worker: places what is due, imports the switch's records, looks after what is late. Any number may run."""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial

from k5web.domain.calls.call import Switch
from k5web.errors import HouseRestored, K5Error
from k5web.services import health
from k5web.services.accounts import numbers, sms_inbox
from k5web.services.accounts.devices import forget_old
from k5web.services.books import promised_payments
from k5web.services.calls import missed_calls
from k5web.services.calls.placing import expire_holds, place_due, recover
from k5web.services.calls.settling import Importer
from k5web.services.desk import staff
from k5web.services.pbx import ahead, browser_phones, paid_calls, publishing, question
from k5web.services.pbx.importing import PbxRecords
from k5web.services.ports import Ports
from k5web.services.worker.rounds import SHUT_S, beside, seldom
from k5web.storage.wakeups import LOOK_EVERY_S, Wakeups

logger = logging.getLogger(__name__)

SWEEP_EVERY_S = 5.0
FORGET_EVERY_S = 3600.0  # devices, counts, missed calls, questions, numbers kept for somebody: past their time
AFTER_TROUBLE_S = 1.0


def work(ports: Ports, is_stopped: Callable[[], bool], switches: Collection[Switch]) -> None:
    """Work until told to stop; `switches` are those whose records it reads.

    Trouble outside (database, switch) is logged and tried again; nothing is lost by a kill. A switch on this machine
    is told of organisations' rules before anything else.
    """
    told = publishing.publishers(ports)
    for publisher in told:
        with suppress(K5Error):  # the database's own trouble; the round beside begins anew
            ports.sessions.ask()  # what a backup says of organisations is not what the switch is told
            publisher.look()
    with beside(ports, is_stopped, told):
        _in_spite_of_trouble(partial(_loop, ports, is_stopped, switches), is_stopped)


def import_records(ports: Ports, is_stopped: Callable[[], bool], switches: Collection[Switch]) -> None:
    """Only read the records of these switches until told to stop, on their machine, beside workers elsewhere."""
    _in_spite_of_trouble(partial(_import, ports, is_stopped, switches), is_stopped)


def _in_spite_of_trouble(task: Callable[[], None], is_stopped: Callable[[], bool]) -> None:
    while not is_stopped():
        try:
            task()
        except HouseRestored:  # the gate has told it once
            time.sleep(SHUT_S)
        except (K5Error, OSError) as error:
            logger.warning("worker pauses", extra={"reason": str(error)})
            time.sleep(AFTER_TROUBLE_S)


def _import(ports: Ports, is_stopped: Callable[[], bool], switches: Collection[Switch]) -> None:
    importers = [Importer(ports, switch, PbxRecords(ports)) for switch in switches]
    while not is_stopped():
        ports.sessions.ask()
        for importer in importers:
            importer.run_alone()
        time.sleep(LOOK_EVERY_S)


def _loop(ports: Ports, is_stopped: Callable[[], bool], switches: Collection[Switch]) -> None:
    ports.sessions.ask()
    importers = {switch.name: Importer(ports, switch, PbxRecords(ports)) for switch in switches}
    for importer in importers.values():  # before anything is placed: this cannot speak of a call to come
        while importer.read_until is None and not is_stopped():
            importer.run_once()
    # Nobody who presses waits until many other calls are looked after
    between = seldom(LOOK_EVERY_S, partial(place_due, ports))
    look_after = seldom(SWEEP_EVERY_S, partial(_look_after, ports, importers, between))
    forget = seldom(FORGET_EVERY_S, partial(_forget, ports))
    with Wakeups(ports.sessions) as wakeups:
        while not is_stopped():
            ports.sessions.ask()  # who was shut out begins anew, and reads the records from where the database is
            place_due(ports)
            if sum(importer.run_once(between=between) for importer in importers.values()):
                missed_calls.call_back_due(ports)
            look_after()
            forget()
            wakeups.wait()


def _look_after(ports: Ports, importers: Mapping[str, Importer], between: Callable[[], None]) -> None:
    missed_calls.call_back_due(ports)
    read_until = {name: one.read_until for name, one in importers.items() if one.read_until}
    health.beat(ports, read_until)
    recover(ports, read_until, between)
    paid_calls.look_after(ports, read_until, between)
    ahead.release(ports, read_until)
    expire_holds(ports)
    promised_payments.end_due(ports)
    browser_phones.sweep(ports)


def _forget(ports: Ports) -> None:
    forget_old(ports)
    staff.forget_old(ports)
    missed_calls.forget_old(ports)
    numbers.sweep(ports)
    sms_inbox.forget_old(ports)
    question.forget_old(ports)
    browser_phones.forget_old(ports)
