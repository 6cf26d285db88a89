"""Many press within seconds, over HTTP, through three workers and two web sets: all ring, none twice, each charged."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import open_ports
from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.money import rub
from k5web.services.calls import ordering
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.tables import CallRow
from tests.processes import ROOT, Processes, answers, bare_environ, free_port, running, wait_for
from tests.reliability.people import channels, people, press_evenly
from tests.services.house import publish

pytestmark = pytest.mark.server
logger = logging.getLogger(__name__)

SPEED = 20
FEW = 24  # the ordinary size
OVER = (CallState.SETTLED, CallState.NOT_PLACED)


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Processes]:
    """A switch that hurries and three workers; the webs come when the people are there."""
    with running(Processes(database_url, tmp_path, SPEED)) as processes:
        processes.start_simulator()
        processes.start("worker", "worker", "worker")
        yield processes


@pytest.fixture
def ports(house: Processes) -> Iterator[Ports]:
    """This test's own doors to the same database."""
    opened = open_ports(house.settings)
    publish(opened)
    yield opened
    opened.sessions.dispose()


def test_all_ring_none_twice_each_charged(house: Processes, ports: Ports) -> None:
    press_through(house, ports, FEW, 2.0)


@pytest.mark.full
def test_two_hundred_in_ten_seconds(house: Processes, ports: Ports) -> None:
    press_through(house, ports, 200, 10.0)


def press_through(house: Processes, ports: Ports, count: int, seconds: float) -> None:
    persons = people(ports, start_webs(house), count)
    for person in persons:
        person.open_page()
    press_evenly(persons, seconds)
    assert len({person.call_id for person in persons}) == count
    wait_for(lambda: unfinished(ports) == 0, "every call is over", look_every_s=0.25)
    for person in persons:
        call = ordering.show_call(ports, person.subscriber.id, person.call_id).call
        with ports.sessions.read() as db:
            purse = ledger.purse(db, person.subscriber.id)
        assert (call.outcome, str(call.cost), purse.balance) == (Outcome.DONE_B, "2.20", rub("97.80")), call
        assert purse.held == rub("0.00")
    rung = channels(house.cel_file)
    assert rung == {person.call_id: 2 for person in persons}, "leg A and leg B, once each"
    with ports.sessions.read() as db:
        assert db.scalar(select(func.count()).select_from(CallRow)) == count
    said = subprocess.run(
        [sys.executable, "-m", "k5web", "ledger", "verify"],
        cwd=ROOT, env=bare_environ() | house.environ, capture_output=True, text=True,
    )  # fmt: skip
    assert (said.returncode, said.stdout.strip()) == (0, "every invariant holds")
    logger.info("%s were put off at first", sum(person.put_off > 0 for person in persons))


def start_webs(house: Processes) -> list[str]:
    """Start two web sets of two processes and return their addresses, once both answer."""
    port = free_port()
    second = f"http://127.0.0.1:{port}"
    house.start(f"serve --port {port} --processes 2")
    first = house.start_web(processes=2)
    wait_for(lambda: answers(f"{second}/healthz"), "the second web answers")
    return [first, second]


def unfinished(ports: Ports) -> int:
    with ports.sessions.read() as db:
        waiting = select(func.count()).select_from(CallRow).where(CallRow.state.not_in(OVER))
        return db.scalar(waiting) or 0
