"""Real processes before two PostgreSQL servers: a standby that lags or stops, a primary that is lost, over HTTP

Trial: R11.
"""

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from app import open_ports
from k5web.domain.money import rub
from k5web.errors import Unavailable
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from tests.postgres import PostgresServer
from tests.processes import ROOT, Processes, running, wait_for
from tests.reliability.people import Person, channels, people
from tests.services.house import publish

pytestmark = [pytest.mark.postgres, pytest.mark.server]

Pair = tuple[PostgresServer, PostgresServer]
SPEED = 20
PACE_S = 0.5
BEFORE, AFTER = 3, 7  # presses
BACK_WITHIN_S = 30  # promised to operators


@pytest.fixture
def house(pair: Pair, tmp_path: Path) -> Iterator[Processes]:
    """A switch that hurries and a worker, with the address that the settings' page gives for two servers."""
    a, b = (server.port for server in pair)
    url = f"postgresql+psycopg://k5_owner@127.0.0.1:{b},127.0.0.1:{a}/postgres?target_session_attrs=read-write"
    with running(Processes(url, tmp_path, SPEED, K5_READ_DATABASE_URL=pair[1].url)) as processes:
        processes.start_simulator()
        processes.start("worker")
        yield processes


@pytest.fixture
def ports(house: Processes) -> Iterator[Ports]:
    """This test's own doors to the same servers."""
    opened = open_ports(house.settings)
    publish(opened)
    yield opened
    opened.sessions.dispose()


def test_presses_go_on_and_nothing_is_lost_or_doubled(house: Processes, ports: Ports, pair: Pair) -> None:
    primary, standby = pair
    late, alone, *others = people(ports, [house.start_web()], 2 + BEFORE + AFTER)
    standby.ask("SELECT pg_wal_replay_pause()")
    assert_calls_and_pages_are_right(ports, late)
    standby.ask("SELECT pg_wal_replay_resume()")
    standby.kill()
    assert_calls_and_pages_are_right(ports, alone)
    standby.start()
    primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
    primary.ask("SELECT pg_reload_conf()")
    wait_for(lambda: primary.ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"), "it follows")
    for person in others:
        person.open_page()
    with ThreadPoolExecutor(len(others)) as pool:
        pressed = press_each_half_second(pool, others[:BEFORE])
        primary.kill()
        killed_at = time.monotonic()
        pressed += press_each_half_second(pool, others[BEFORE:])
        standby.ask(promotion())
        wait_for(lambda: all(press.done() for press in pressed), "every press is answered")
        for press in pressed:
            press.result()
    first = min(person.answered_at for person in others if person.answered_at > killed_at)
    assert first - killed_at < BACK_WITHIN_S
    assert sum(person.put_off for person in others[BEFORE:]) > 0, "nobody met the outage"
    persons = [late, alone, *others]
    wait_for(lambda: all(is_over(ports, person) for person in persons), "every call is over")
    rung = channels(house.cel_file)
    for person in persons:
        balance, held = purse(ports, person)
        legs = rung.pop(person.call_id, 0)
        assert (str(balance), legs) in {("97.80", 2), ("100.00", 0)}  # asked for once, or given up and free
        assert held == rub("0.00")
    assert not rung, "a phone rang for nobody's order"
    assert list(verify(ports)) == []


def promotion() -> str:
    """The statement by which the handbook makes a standby the primary."""
    handbook = (ROOT / "docs" / "operators.md").read_text("utf-8")
    found = re.search(r"""^ *su postgres -c "psql -c '(SELECT pg_promote.*)'"$""", handbook, re.MULTILINE)
    assert found
    return found[1]


def press_each_half_second(pool: ThreadPoolExecutor, persons: Sequence[Person]) -> list[Future[None]]:
    pressed = []
    for person in persons:
        pressed.append(pool.submit(person.press))
        time.sleep(PACE_S)
    return pressed


def assert_calls_and_pages_are_right(ports: Ports, person: Person) -> None:
    """Order, follow, settle; each page shows what was written a moment ago."""
    person.open_page()
    person.press()
    assert person.put_off == 0
    assert person.look(f"/c/{person.call_id}").status_code == 200
    wait_for(lambda: is_over(ports, person), "the call is over")
    assert "97,80" in person.look("/me").text
    assert person.look("/me/statement").status_code == 200


def is_over(ports: Ports, person: Person) -> bool:
    with suppress(Unavailable):
        return ordering.show_call(ports, person.subscriber.id, person.call_id).call.state.is_over
    return False


def purse(ports: Ports, person: Person) -> tuple[object, object]:
    with ports.sessions.read() as db:
        found = ledger.purse(db, person.subscriber.id)
    return found.balance, found.held
