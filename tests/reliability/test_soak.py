"""Hours at half of what K5 can take, among kills: all invariants, nothing grows, nothing gets slower. Trial: R20.

`K5_TEST_MINUTES` says how long the whole size lasts: two hours where nothing is said, eight are what is asked.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import psycopg
import pytest

from bench.turns import children
from k5web.domain.calls.call import CallOrder
from k5web.domain.money import Price, rub
from k5web.domain.payments.register import Finding
from k5web.domain.prices.number import Msisdn
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.payments.reconciliation import reconcile
from k5web.storage.books import ledger
from k5web.storage.session import POOL_SIZE
from tests.postgres import PostgresServer
from tests.processes import wait_for
from tests.proofs import figure, progress
from tests.reliability.crowd import insist
from tests.reliability.gauges import Gauges, Probe, Took, slowest_by_part
from tests.reliability.people import MINUTE_TALKER, Person, channels, people
from tests.reliability.provider import register
from tests.reliability.stream import THREADS, Stream
from tests.reliability.test_payments_over_http import FIRST_OWNER, TENTH, Trial, trial
from tests.reliability.test_slow_database import under_way
from tests.services.house import publish

pytestmark = [pytest.mark.postgres, pytest.mark.server]

MINUTES = int(os.environ.get("K5_TEST_MINUTES") or 120)
TENTHS = 10
WEBS = 2
MAY_NEED = 2  # times the connections of the first quarter, and a pool more: a rush of one process
ROUNDS = 5  # of all threads at work, and then the capacity is found
MAY_GROW, MAY_SLOW = 1.05, 1.2  # promised at full size
WARM_S, LIVED_S = 600.0, 1200.0  # when a process has all it needs, and how old it must be to be held to that
HELD_FROM_S = 5400.0  # in it web processes and workers, which live a quarter of it, grow as old as that
FAULTS = ("Traceback", "a fault", "a bug")  # as they stand in a log
BACKENDS = (
    "SELECT array_agg(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class Size:
    """So many steps of so long, a call at each of them, a kill and a register after so many."""

    steps: int
    step_s: float
    kill_every: int
    register_every: int
    capacity_s: float
    workers: tuple[str, ...]
    least_talks: int  # calls that must have rung and cost something: kills may spoil others

    @property
    def is_held(self) -> bool:
        """Whether the promised relations are held against it."""
        return self.steps * self.step_s >= HELD_FROM_S


def whole() -> Size:
    """A step a minute in two hours and longer; a shorter run has as many, only shorter ones."""
    steps = max(MINUTES, 120)
    return Size(steps, MINUTES * 60 / steps, 5, steps // TENTHS, 30, ("worker", "worker-2"), steps // 2 + 1)


SIZES = [
    pytest.param(Size(4, 0.5, 2, 4, 0, ("worker",), 1), id="seconds"),
    pytest.param(whole(), id="hours", marks=[pytest.mark.full, pytest.mark.timeout(MINUTES * 60 + 3600)]),
]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_lost_grows_or_gets_slower(durable_server: PostgresServer, tmp_path: Path, size: Size) -> None:
    with soaked(durable_server, tmp_path, size) as soak:
        soak.find_capacity()
        soak.go_on()
        soak.assert_books_are_right()
        soak.assert_nothing_is_kept()
        soak.tell()
        if size.is_held:
            soak.assert_nothing_grew()
            soak.assert_as_fast_as_before()


@contextmanager
def soaked(server: PostgresServer, folder: Path, size: Size) -> Iterator["Soak"]:
    """Run a house with two web processes, two workers and a hurrying switch, and a network before it."""
    with trial(server.url, folder, TENTH, workers=WEBS, K5_SWITCH_SPEED="20") as house, ExitStack() as ends:
        publish(house.ports)
        house.processes.start_simulator()
        house.processes.start(*("worker" for _ in size.workers))
        soak = Soak(house, server, size)
        ends.callback(soak.probe.stop)
        yield soak


class Soak:
    """The house, its network, its callers, and who is killed next."""

    def __init__(self, house: Trial, server: PostgresServer, size: Size) -> None:
        self._house, self._server, self._size = house, server, size
        self._people = people(house.ports, [house.web], size.steps)
        owners = range(FIRST_OWNER, FIRST_OWNER + house.size.accounts)
        self._gauges = Gauges(house.processes, server, size.workers)
        self._kills = cycle([self._kill_web, self._kill_backend, self._kill_worker])
        self._next_worker = cycle(size.workers)
        self._listed: set[str] = set()  # payments that stood in a register
        self._killed = 0
        self.probe = Probe(house.processes.var / "probe")
        self._stream = Stream(house.provider, owners, house.dice.randrange(2**32), pause_s=0)

    def find_capacity(self) -> None:
        """Let all threads of the network deliver without a rest; from then on they do the half."""
        began = time.monotonic()
        wait_for(lambda: len(self._stream.took) >= ROUNDS * THREADS, "the network is served")
        time.sleep(max(0.0, self._size.capacity_s - (time.monotonic() - began)))
        self._a_second = len(self._stream.took) / (time.monotonic() - began)
        self._stream.slow_down_to(self._a_second / 2)

    def go_on(self) -> None:
        """All the steps, and what comes with each."""
        size = self._size
        self._began = time.monotonic()
        for step in range(1, size.steps + 1):
            time.sleep(max(0.0, self._began + step * size.step_s - time.monotonic()))
            self._gauges.read(time.monotonic())
            self._order(self._people[step - 1])
            if step % size.kill_every == 0:
                self._kill()
            if step % size.register_every == 0:
                self._reconcile(step // size.register_every)
            progress(step, size.steps, f"steps, {len(self._stream.took)} deliveries, {self._killed} kills")
        self._ended = time.monotonic()
        self._gap_s = self._stream.longest_gap_s(self._began)
        self._stream.stop()

    def assert_books_are_right(self) -> None:
        """Each payment is credited once, each call is closed once, every invariant holds, the last register agrees."""
        house = self._house
        self._stream.assert_answers_are_right()
        assert house.credited() == sorted((one.key, one.account, one.minor) for one in self._stream.payments)
        wait_for(lambda: all(self._call(person).state.is_over for person in self._people), "every call is over")
        rung = channels(house.processes.cel_file)
        self._talked = 0
        for person in self._people:
            with house.ports.sessions.read() as db:
                purse = ledger.purse(db, person.subscriber.id)
            assert (str(purse.balance), rung[person.call_id]) in {("97.80", 2), ("100.00", 0)}
            assert purse.held == rub("0.00")
            self._talked += purse.balance != rub("100.00")
        assert self._talked >= self._size.least_talks
        assert self._reconcile(0) == []
        assert verify(house.ports) == []

    def assert_nothing_is_kept(self) -> None:
        """No transaction stays open, nobody who is dead is connected, no bug was met."""
        wait_for(lambda: under_way(self._server.url) == 0, "every transaction has ended")
        first, _ = self._gauges.connected()
        assert max(self._gauges.connections) <= MAY_NEED * first + POOL_SIZE
        logs = {name: self._house.processes.logged(name) for name in ("serve", *self._size.workers)}
        assert [name for name, log in logs.items() if any(words in log for words in FAULTS)] == []

    def tell(self) -> None:
        """Say what came out."""
        payments, deliveries = len(self._stream.payments), len(self._stream.took)
        figure(
            f"R20: {self._ended - self._began:.0f} s at half of {self._a_second:.0f} deliveries a second, "
            f"{self._killed} kills: {payments} payments delivered {deliveries} times, each credited once; "
            f"{len(self._people)} calls closed once: {self._talked} rang both and cost something, "
            f"{len(self._people) - self._talked} came to nothing; {self._gap_s:.1f} s without a new payment at most"
        )
        for kind in self._gauges.kinds():
            begins_mb, ends_mb = self._gauges.weight_mb(kind)
            most = max(self._gauges.growth(kind, WARM_S, LIVED_S), default=None)
            grew = "" if most is None else f", the most that one grew is {most:.3f} times"
            figure(f"R20 memory of {kind}: {begins_mb:.0f} MB in the first half, {ends_mb:.0f} MB in the other{grew}")
        first, last = self._gauges.connected()
        figure(f"R20 connections: {first} at most in the first quarter, {last:.0f} in the middle of the last")
        self._busy_s = self._by_tenth(self.probe.stop())
        self._slowest_s = self._by_tenth(self._stream.took)
        figure(f"R20, 99 of 100 deliveries took at most, by tenths: {_listed(self._slowest_s)} s")
        figure(f"R20, 99 of 100 pieces of plain work beside them: {_listed(self._busy_s)} s")

    def assert_nothing_grew(self) -> None:
        """Memory of whoever lived long enough, one of each kind at least, and connections."""
        first, last = self._gauges.connected()
        assert last <= MAY_GROW * first
        grown = {kind: self._gauges.growth(kind, WARM_S, LIVED_S) for kind in self._gauges.kinds()}
        assert [kind for kind, times in grown.items() if not times] == []
        assert {kind: times for kind, times in grown.items() if max(times) > MAY_GROW} == {}

    def assert_as_fast_as_before(self) -> None:
        """The last tenth against the first, where the machine had as much time for it."""
        busier = self._busy_s[-1] / self._busy_s[0]
        if busier > MAY_SLOW:
            figure(f"R20: plain work took {busier:.1f} times as long at the end: how fast K5 was is told, not held")
        else:
            assert self._slowest_s[-1] <= MAY_SLOW * max(1.0, busier) * self._slowest_s[0]

    def _by_tenth(self, took: Took) -> list[float]:
        return slowest_by_part(took, self._began, self._ended, TENTHS)

    def _order(self, person: Person) -> None:
        to, seen = Msisdn(MINUTE_TALKER), Price.parse("2.20")
        caller = person.subscriber
        order = insist(lambda: ordering.order_call(self._house.ports, caller, to, f"tap-{caller.id}", seen))
        person.call_id = order.id

    def _call(self, person: Person) -> CallOrder:
        return ordering.show_call(self._house.ports, person.subscriber.id, person.call_id).call

    def _reconcile(self, part: int) -> list[Finding]:
        """List what was acknowledged and not yet listed; what differs may only be what came since."""
        fresh = self._stream.acknowledged() - self._listed
        new = [one for one in self._stream.payments if one.key in fresh]
        self._listed |= fresh
        path = self._house.processes.var / f"register-{part}.csv"
        path.write_text(register(new))
        told: list[Finding] = []
        reconcile(self._house.ports, "qiwi:optima", path, told.append, lambda *_: None)
        came_since = [one for one in told if one.verdict == "missing_there" and one.key not in self._listed]
        assert told == came_since
        return told

    def _kill(self) -> None:
        next(self._kills)()
        self._killed += 1
        over_at = time.monotonic()
        wait_for(lambda: self._stream.first_after(over_at), "payments are credited again")

    def _kill_web(self) -> None:
        """The older of the processes; its master begins another one."""
        master = self._house.processes.pid("serve")
        wait_for(lambda: len(children(master)) == WEBS, "all web processes are there")
        os.kill(children(master)[0], signal.SIGKILL)

    def _kill_worker(self) -> None:
        """The older of them, in turns; another one is started."""
        self._house.processes.kill(next(self._next_worker))
        self._house.processes.start("worker")

    def _kill_backend(self) -> None:
        """Any process of the database that serves somebody: PostgreSQL then ends all of them and recovers."""
        before = set(self._server.ask(BACKENDS))
        os.kill(self._house.dice.choice(sorted(before)), signal.SIGKILL)
        wait_for(lambda: self._serves_none_of(before), "the database has ended its processes and is there again")

    def _serves_none_of(self, before: set[int]) -> bool:
        with suppress(psycopg.OperationalError):
            return not before & set(self._server.ask(BACKENDS) or [])
        return False


def _listed(times_s: list[float]) -> str:
    return " ".join(f"{each:.3f}" for each in times_s)
