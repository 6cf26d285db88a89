"""Monthly fees on a durable PostgreSQL by four workers: postings a second against pgbench TPC-B through as many."""

import multiprocessing
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from multiprocessing.pool import Pool
from pathlib import Path

from sqlalchemy import text

from app import open_ports
from bench import Measure
from bench.ledger import SCALE, pgbench
from k5web.config.settings import Settings
from k5web.domain.prices.subscription import next_period
from k5web.domain.prices.usage import Every
from k5web.services.ports import Ports
from k5web.services.prices import billing
from k5web.storage import schema
from tests.postgres import PostgresServer, find_binaries
from tests.reliability import subscribed
from tests.reliability.subscribed import FIRST_OWNER, Subscribed

WORKERS = 4
OWNERS = 4_000  # of each plan
ROUNDS = 3
AIM = 4.0
HOUSE: list[Ports] = []  # of a worker process
PLANS = {"profi": "a fee alone", "go-100": "a fee and gift minutes"}


def run(seconds: float = 4.0) -> list[Measure]:
    """Return postings a second of each plan's fees. Units: seconds of each run of pgbench."""
    binaries = find_binaries()
    if binaries is None:
        return []
    server = PostgresServer(binaries, shared_buffers="128MB")  # the default, and everything that makes it durable
    try:
        server.start()
        pgbench(binaries, server.url, "-i", "-q", "-s", str(SCALE))
        schema.upgrade(server.url)
        return list(_measures(binaries, server.url, seconds))
    finally:
        server.stop()


def _measures(binaries: Path, url: str, seconds: float) -> Iterator[Measure]:
    options = ["-n", "-M", "prepared", "-c", str(WORKERS), "-j", "2", "-T", str(round(seconds))]
    with multiprocessing.get_context("spawn").Pool(WORKERS, _open, [url]) as workers:
        for place, (plan, what) in enumerate(PLANS.items()):
            due = _fill(url, plan, FIRST_OWNER + place * OWNERS)
            best, rival = 0.0, 0.0
            for _ in range(ROUNDS):
                found = re.search(r"tps = ([0-9.]+)", pgbench(binaries, url, *options))
                assert found
                rival = max(rival, float(found[1]))
                best = max(best, _bill(workers, url, due))
                due = next_period(Every.MONTH, due)
            yield Measure(f"{what}, 4 workers: postings", best, "pgbench TPC-B transactions", rival, "/s", AIM)


def _fill(url: str, plan: str, first: int) -> date:
    """Write the subscribers of a plan, who owe it for the last months; return the day of their first fee."""
    with _house(url) as ports:
        due = ports.today().replace(day=1)
        for _ in range(ROUNDS):
            due = due.replace(year=due.year - (due.month == 1), month=(due.month - 2) % 12 + 1)
        money = 1_000_000_00
        subscribed.fill(ports, [Subscribed(first + n, plan, due, money) for n in range(OWNERS)])
    return due


def _bill(workers: Pool, url: str, until: date) -> float:
    """Let the workers take the fees of a month and return the postings a second."""
    workers.map(_work, [date(2000, 1, 1)] * WORKERS, chunksize=1)  # warm: the plans, connections
    before, began = _postings(url), time.monotonic()
    workers.map(_work, [until] * WORKERS, chunksize=1)
    took = time.monotonic() - began
    return (_postings(url) - before) / took


def _open(url: str) -> None:
    """Open the house of a worker process."""
    HOUSE.append(open_ports(_settings(url)))


def _work(until: date) -> None:
    billing.run(HOUSE[0], until)


def _postings(url: str) -> int:
    """Return how many postings the fees have made so far."""
    with _house(url) as ports, ports.sessions.read() as db:
        counted = text("SELECT count(*) FROM posting WHERE origin IN ('fee', 'grant', 'expire')")
        return int(db.execute(counted).scalar_one())


@contextmanager
def _house(url: str) -> Iterator[Ports]:
    ports = open_ports(_settings(url))
    try:
        yield ports
    finally:
        ports.sessions.dispose()


def _settings(url: str) -> Settings:
    return Settings.from_env({"K5_DATABASE_URL": url, "K5_SECRET_KEY": "bench" * 10})
