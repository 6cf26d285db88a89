"""Duplicates, disorder, kill -9: each payment is credited once, whatever died meanwhile. Promises: R1, B1, W1."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

import app
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money, Price, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import Unavailable
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from tests.postgres import PostgresServer
from tests.processes import ROOT, Processes, running, wait_for
from tests.proofs import dice, figure, progress
from tests.reliability import payer
from tests.services.house import THEIRS, publish

pytestmark = pytest.mark.server

DELIVERIES = 4  # of each payment, at least
FIRST_OWNER = 900_001
APPLICATIONS = 2  # processes of payer.CONNECTIONS each: 32 connections


@dataclass(frozen=True)
class Payment:
    """What a provider tells, over and over."""

    key: str
    owner_id: int
    minor: int


@dataclass(frozen=True)
class Size:
    """How much of it."""

    payments: int
    accounts: int
    kills: int


SIZES = [
    pytest.param(Size(300, 30, 4), id="small"),  # each of those who may die dies once
    pytest.param(Size(5000, 500, 50), id="whole", marks=[pytest.mark.full, pytest.mark.timeout(7200)]),
]


class Application:
    """One process that credits payments, and the network before it, which repeats what was not acknowledged."""

    def __init__(self, environ: dict[str, str], folder: Path, number: int) -> None:
        self._environ = environ
        self._acks = folder / f"acknowledged-{number}"
        self._log = folder / f"payer-{number}.log"
        self._told: Counter[str] = Counter()
        self._payments: dict[str, Payment] = {}
        self._acks.touch()
        self._start()

    def deliver(self, payments: list[Payment]) -> None:
        """Send these, without waiting for answers."""
        for payment in payments:
            self._told[payment.key] += 1
            self._payments[payment.key] = payment
        self._send(payments)

    def acknowledged(self) -> Counter[str]:
        """How often each payment was acknowledged so far."""
        whole, _, _torn = self._acks.read_text("ascii").rpartition("\n")
        return Counter(whole.split())

    def is_done(self) -> bool:
        """Whether everything sent is acknowledged."""
        assert self._process.poll() is None, self._log.read_text("utf-8")[-3000:]
        return self.acknowledged() == self._told

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.communicate()

    def restart(self) -> None:
        """Start anew, and repeat in any order what the dead one left unanswered."""
        self._start()
        left = list((self._told - self.acknowledged()).elements())
        random.shuffle(left)
        self._send([self._payments[key] for key in left])

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.reliability.payer", str(self._acks)],
                cwd=ROOT, env=self._environ, stdin=subprocess.PIPE, stderr=log,
            )  # fmt: skip

    def _send(self, payments: list[Payment]) -> None:
        assert self._process.stdin is not None
        lines = [f"{payment.key} {payment.owner_id} {payment.minor}\n" for payment in payments]
        self._process.stdin.write("".join(lines).encode())
        self._process.stdin.flush()


class Kills:
    """The house under test and who may die in it."""

    def __init__(self, processes: Processes, size: Size, server: PostgresServer | None) -> None:
        self.processes = processes
        self.server = server
        self.kills = size.kills
        self.ports: Ports = app.open_ports(processes.settings)
        self.dice = dice()
        publish(self.ports)
        with self.ports.sessions.begin() as db:
            for owner_id in range(FIRST_OWNER, FIRST_OWNER + size.accounts):
                ledger.open_account(db, owner_id, "main", "RUB")
        self.payments = {payment.key: payment for payment in self._payments(size)}
        environ = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
        environ |= processes.environ
        self.applications = [Application(environ, processes.var, number) for number in range(APPLICATIONS)]
        self._callers = 0

    def _payments(self, size: Size) -> Iterator[Payment]:
        for n in range(size.payments):
            owner_id = FIRST_OWNER + self.dice.randrange(size.accounts)
            yield Payment(f"p{n}", owner_id, self.dice.randint(1, 100_000))

    def waves(self, count: int) -> list[list[list[Payment]]]:
        """Share the deliveries out: two of a payment meet in both processes, the others come in any later wave."""
        waves: list[list[list[Payment]]] = [[[] for _ in range(APPLICATIONS)] for _ in range(count)]
        for n, payment in enumerate(self.payments.values()):
            first = n * count // len(self.payments)
            for number in range(DELIVERIES):
                turn = first if number < APPLICATIONS else self.dice.randrange(first, count)
                waves[turn][number % APPLICATIONS].append(payment)
        for wave in waves:
            for share in wave:
                self.dice.shuffle(share)
        return waves

    def acknowledged(self) -> Counter[str]:
        """How often each payment was acknowledged, by whomever."""
        return sum((each.acknowledged() for each in self.applications), Counter[str]())

    def assert_nothing_missing(self) -> None:
        """What was acknowledged is in the database, as soon as it answers."""
        known = set(self.acknowledged())
        there: set[str] = set()

        def look() -> bool:
            try:
                there.update(key for key, _, _ in self.credited())
            except Unavailable:
                return False
            return True

        wait_for(look, "the database answers")
        assert known - there == set()

    def credited(self) -> list[tuple[str, int, int]]:
        """Key, owner and amount of every credit in the database."""
        query = text("SELECT key, owner_id, amount_minor FROM posting WHERE origin = :origin")
        with self.ports.sessions.read() as db:
            return [(row.key, row.owner_id, row.amount_minor) for row in db.execute(query, {"origin": payer.ORIGIN})]

    def victims(self) -> list[Callable[[], None]]:
        """Who dies in turn."""
        if self.server is None:
            return [self.kill_application, self.kill_application, self.kill_worker]
        return [self.kill_application, self.kill_backend, self.kill_server, self.kill_worker]

    def kill_application(self) -> None:
        victim = self.dice.choice(self.applications)
        victim.kill()
        self.assert_nothing_missing()
        victim.restart()

    def kill_worker(self) -> None:
        """With an order in its queue; the next one takes an order again."""
        self._order()
        self.processes.kill("worker")
        self.assert_nothing_missing()
        self.processes.start("worker")
        caller, call_id = self._order()
        wait_for(lambda: ordering.show_call(self.ports, caller.id, call_id).call.state.is_over, "the worker works")

    def kill_backend(self) -> None:
        """One that is at work; PostgreSQL then ends all others and starts anew by itself."""
        assert self.server is not None
        busy = (
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND state <> 'idle' "
            "AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(self.server.url.replace("+psycopg", ""), autocommit=True) as connection:
            found: list[tuple[int]] = []

            def look() -> bool:
                found[:] = connection.execute(busy).fetchall()
                return bool(found)

            wait_for(look, "somebody pays")
            os.kill(self.dice.choice(found)[0], signal.SIGKILL)
        self.assert_nothing_missing()

    def kill_server(self) -> None:
        assert self.server is not None
        self.server.kill()
        self.server.start()
        self.assert_nothing_missing()

    def _order(self) -> tuple[Subscriber, str]:
        """Put a call in the worker's queue: no switch answers, so the worker gives the money back."""
        self._callers += 1
        number = f"7916{self._callers:07d}"
        caller = add_subscriber(self.ports, Msisdn(number), "correct horse", "Анна")
        name = EventName("test:bank", number)
        credit(self.ports, caller.id, name, rub("100.00"), "cash.test", "connector:test", self.ports.clock())
        seen = Price.parse("2.20")
        return caller, ordering.order_call(self.ports, caller, Msisdn.parse(THEIRS), "tap", seen).id

    def close(self) -> None:
        for application in self.applications:
            application.kill()
        self.ports.sessions.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("size", SIZES)
def test_killed_on_postgresql(durable_server: PostgresServer, tmp_path: Path, size: Size) -> None:
    _deliver_among_kills(Processes(durable_server.url, tmp_path), size, durable_server)


@pytest.mark.parametrize("size", SIZES)
def test_killed_on_sqlite(sqlite_url: str, tmp_path: Path, size: Size) -> None:
    _deliver_among_kills(Processes(sqlite_url, tmp_path), size, None)


def _deliver_among_kills(processes: Processes, size: Size, server: PostgresServer | None) -> None:
    with running(processes, ["worker"]):
        kills = Kills(processes, size, server)
        try:
            victims = kills.victims()
            for n, wave in enumerate(kills.waves(size.kills)):
                _deliver(kills, wave, victims[n % len(victims)])
                progress(n + 1, size.kills, "kills")
            _assert_each_credited_once(kills)
        finally:
            kills.close()


def _deliver(kills: Kills, wave: list[list[Payment]], kill: Callable[[], None]) -> None:
    """Deliver one wave; somewhere in it somebody dies, and all of it is acknowledged soon."""
    before = kills.acknowledged().total()
    moment = before + int(kills.dice.uniform(0.1, 0.8) * sum(map(len, wave)))
    for application, share in zip(kills.applications, wave, strict=True):
        application.deliver(share)
    wait_for(lambda: kills.acknowledged().total() >= moment, "payments are acknowledged")
    kill()
    for application in kills.applications:
        wait_for(application.is_done, f"the payments go on after {kill.__name__}")
    kills.assert_nothing_missing()


def _assert_each_credited_once(kills: Kills) -> None:
    credited = kills.credited()
    assert sorted(credited) == sorted((p.key, p.owner_id, p.minor) for p in kills.payments.values())
    assert kills.acknowledged() == Counter(dict.fromkeys(kills.payments, DELIVERIES))
    owed: Counter[int] = Counter()
    for payment in kills.payments.values():
        owed[payment.owner_id] += payment.minor
    with kills.ports.sessions.read() as db:
        assert {owner_id: ledger.purse(db, owner_id).balance for owner_id in owed} == {
            owner_id: Money(minor) for owner_id, minor in owed.items()
        }
    assert verify(kills.ports) == []
    deliveries = kills.acknowledged().total()
    figure(
        f"{deliveries} deliveries of {len(credited)} payments, {kills.kills} kills: each credited once, none missing"
    )
