"""Three real database machines under Patroni lose primary, power, cable and agent while payments come.

`K5_TEST_SIZE=whole` takes the whole size; else a few faults of each kind, for which an ordinary full run has time.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Price, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import Unavailable
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.calls import ordering
from k5web.services.payments.topups import credit
from k5web.storage import schema
from tests.patroni import LONG_S, Cluster, Node, clustered
from tests.processes import ROOT, bare_environ, wait_for
from tests.proofs import figure
from tests.reliability.sides import Sides
from tests.reliability.stream import Stream
from tests.reliability.test_payments_over_http import FIRST_OWNER, WHOLE, Trial, trial
from tests.services.house import THEIRS, publish

MOST_S = 3 * 3600
pytestmark = [
    *(pytest.mark.postgres, pytest.mark.server, pytest.mark.patroni),
    *(pytest.mark.full, pytest.mark.timeout(MOST_S)),
]

T = TypeVar("T")
BACK_WITHIN_S = 30  # promised to operators
DEAF_S = 25  # how long a cut lasts at least: longer than the lock


@dataclass(frozen=True)
class Size:
    """How many faults of each kind."""

    switchovers: int
    kills: int
    cuts: int
    freezes: int


SIZES = {"": Size(3, 4, 1, 3), "whole": Size(20, 20, 5, 50)}
if (_asked := os.environ.get("K5_TEST_SIZE", "")) not in SIZES:
    raise pytest.UsageError(f"K5_TEST_SIZE is whole or is left out, not {_asked}")
SIZE = SIZES[_asked]


class Trouble:
    """The house, its three database machines, and what may happen to the primary."""

    def __init__(self, cluster: Cluster, house: Trial) -> None:
        self.cluster = cluster
        self.house = house
        self.gaps_s: dict[str, list[float]] = {}
        self.owners = range(FIRST_OWNER, FIRST_OWNER + house.size.accounts)
        self.stream = Stream(house.provider, self.owners, house.dice.randrange(2**32))
        self.sides = Sides(cluster)
        self._ordered: list[tuple[int, str]] = []

    def switchover(self) -> None:
        """Another primary, because somebody wishes so."""
        before = self._primary()
        self.cluster.switch_over()
        self._wait_for_another(before)

    def kill_database(self) -> None:
        """The agent lives and starts it again."""
        primary = self._primary()
        primary.machine.signal("KILL", "^postgres:", "bin/postgres")

    def kill_both(self) -> None:
        """systemd starts the agent again."""
        primary = self._primary()
        primary.kill_database()
        primary.start_agent()

    def kill_for_good(self) -> None:
        """Nobody starts the agent again, so the watchdog resets the machine."""
        primary = self._primary()
        primary.kill_database()
        self._wait_for_another(primary)
        wait_for(lambda: not primary.machine.is_on, "the watchdog resets the machine", LONG_S)

    def cut_power(self) -> None:
        """The whole machine at once; nothing there refuses a connection, it is only silent."""
        primary = self._primary()
        primary.machine.power_off()
        self._wait_for_another(primary)

    def cut(self) -> None:
        """The primary no longer hears the two others, nor they it; clients reach all three."""
        primary, began = self._primary(), time.monotonic()
        self.cluster.cut_off(primary)
        self._wait_for_another(primary)
        wait_for(lambda: time.monotonic() - began > DEAF_S, "the cut lasts longer than the lock")
        self.cluster.mend(primary)

    def freeze(self) -> None:
        """The agent stands still, PostgreSQL goes on: the watchdog must reset the machine before another is primary."""
        primary = self._primary()
        primary.freeze_agent()
        self._wait_for_another(primary)
        assert not primary.machine.is_on, "another is primary, and this machine goes on"

    def meet(self, number: int, count: int, fault: Callable[[], None]) -> None:
        """Let it happen; then all must be whole again, and nothing acknowledged missing."""
        name, began = fault.__name__, time.monotonic()
        fault()
        wait_for(lambda: self.stream.first_after(began) is not None, "a payment is acknowledged", LONG_S)
        for node in self.cluster.nodes:
            if not node.machine.is_on:
                node.start()
        wait_for(self.cluster.is_whole, f"three machines work together after {name}", LONG_S, 0.2)
        wait_for(lambda: self.stream.first_after(time.monotonic() - 1) is not None, "payments go on", LONG_S)
        gap_s = self.stream.longest_gap_s(began)
        self.gaps_s.setdefault(name, []).append(gap_s)
        say(f"{number} of {count}: {name}, back after {gap_s:.1f} s, whole after {time.monotonic() - began:.0f} s")
        self.assert_nothing_missing()
        self.order()

    def assert_nothing_missing(self) -> None:
        """What was acknowledged is in the database."""
        known = self.stream.acknowledged()
        assert known - {key for key, _, _ in self.house.credited()} == set()

    def order(self) -> None:
        """Put a call in the worker's queue; no switch answers, so the money comes back in the end."""
        ports, number = self.house.ports, f"7917{len(self._ordered):07d}"
        caller = again(lambda: add_subscriber(ports, Msisdn(number), "correct horse", "Анна"))
        name, seen = EventName("test:bank", number), Price.parse("2.20")
        again(lambda: credit(ports, caller.id, name, rub("100.00"), "cash.test", "connector:test", ports.clock()))
        call = again(lambda: ordering.order_call(ports, caller, Msisdn.parse(THEIRS), "tap", seen))
        self._ordered.append((caller.id, call.id))

    def finish(self) -> None:
        """Every payment was credited once; the worker took each order; the books are right; one primary at a time."""
        for caller_id, call_id in self._ordered:
            show = partial(ordering.show_call, self.house.ports, caller_id, call_id)
            wait_for(lambda show=show: again(show).call.state.is_over, "the worker works", LONG_S)  # type: ignore[misc]
        self.stream.stop()
        self.sides.stop()
        self.stream.assert_answers_are_right()
        expected = sorted((one.key, one.account, one.minor) for one in self.stream.payments)
        assert self.house.credited() == expected
        written = self.sides.assert_one_at_a_time()
        verified = subprocess.run(
            [sys.executable, "-m", "k5web", "ledger", "verify"], cwd=ROOT, capture_output=True, text=True, check=False,
            env=bare_environ() | self.house.processes.environ,
        )  # fmt: skip
        assert verified.returncode == 0, verified.stdout + verified.stderr
        for name, gaps_s in self.gaps_s.items():
            median_s, longest_s = statistics.median(gaps_s), max(gaps_s)
            figure(f"{name}: {len(gaps_s)} times, back after {median_s:.1f} s, {longest_s:.1f} s at most")
        figure(f"{len(expected)} payments and {written} rows of the three writers acknowledged: 0 lost, 0 doubled")
        late = {name: max(gaps_s) for name, gaps_s in self.gaps_s.items() if max(gaps_s) > BACK_WITHIN_S}
        assert late == {}

    def close(self) -> None:
        self.house.provider.is_over.set()
        self.stream.stop()
        self.sides.stop()

    def _primary(self) -> Node:
        found: list[Node] = []

        def look() -> bool:
            found[:] = [node for node in [self.cluster.primary()] if node is not None]
            return bool(found)

        wait_for(look, "there is a primary", LONG_S)
        return found[0]

    def _wait_for_another(self, before: Node) -> None:
        wait_for(lambda: self.cluster.primary() not in (None, before), "another is primary", LONG_S, 0.2)


def test_no_acknowledged_payment_is_lost_among_switchovers_kills_and_cuts(tmp_path: Path) -> None:
    """Promises: R11, W6."""
    with in_trouble(tmp_path) as trouble:
        ways = [trouble.kill_database, trouble.kill_both, trouble.kill_for_good, trouble.cut_power]
        kills = [ways[number % len(ways)] for number in range(SIZE.kills)]
        faults = [trouble.switchover] * SIZE.switchovers + kills + [trouble.cut] * SIZE.cuts
        trouble.house.dice.shuffle(faults)
        meet_all(trouble, faults)


def test_a_frozen_agent_is_reset_before_another_machine_is_primary(tmp_path: Path) -> None:
    """Promises: R11, W7."""
    with in_trouble(tmp_path) as trouble:
        meet_all(trouble, [trouble.freeze] * SIZE.freezes)
        barks = [node.watchdog.barks for node in trouble.cluster.nodes if node.watchdog]
        assert sum(barks) == SIZE.freezes


@contextmanager
def in_trouble(folder: Path) -> Iterator[Trouble]:
    """The house on three machines, made as the handbook makes it, paid into without pause."""
    with clustered() as cluster:
        owner, runner = (cluster.url(user, f"{user}-password", "k5") for user in ("k5_owner", "k5_run"))
        primary = cluster.primary()
        assert primary is not None
        with psycopg.connect(primary.place(), autocommit=True) as connection:
            connection.execute("CREATE ROLE k5_owner LOGIN CREATEROLE PASSWORD 'k5_owner-password'")
            connection.execute("CREATE ROLE k5_run LOGIN PASSWORD 'k5_run-password'")
            connection.execute("CREATE DATABASE k5 OWNER k5_owner ENCODING 'UTF8' TEMPLATE template0")
        schema.upgrade(owner)
        with psycopg.connect(primary.place(), autocommit=True) as connection:
            connection.execute("GRANT k5_app TO k5_run")
        with trial(runner, folder, WHOLE) as house:
            house.processes.start("worker")
            publish(house.ports)
            trouble = Trouble(cluster, house)
            try:
                yield trouble
            finally:
                trouble.close()


def meet_all(trouble: Trouble, faults: list[Callable[[], None]]) -> None:
    for number, fault in enumerate(faults, 1):
        trouble.meet(number, len(faults), fault)
    trouble.finish()


def again(work: Callable[[], T]) -> T:
    """Do the work, and again for as long as the answer is "later", as whoever asks does."""
    found: list[T] = []

    def is_done() -> bool:
        with suppress(Unavailable):
            found[:] = [work()]
        return bool(found)

    wait_for(is_done, "K5 takes it", LONG_S, 0.1)
    return found[0]


def say(line: str) -> None:
    """Tell how far it is; seen with `pytest -s`, and kept where the test fails."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
