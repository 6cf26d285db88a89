"""Postings against the measure of the database itself: pgbench on PostgreSQL, a bare insert loop on SQLite."""

import multiprocessing
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench import Measure
from bench.pgbench import RIVAL, Pgbench, durable, house_on
from bench.turns import medians
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import Money
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage import schema
from k5web.storage.books import ledger

OWNERS = 2000
PROCESSES = 2  # as `k5 serve` has by default: one interpreter keeps one core busy
PRICE = Money(2_20)
AIMS = 0.40, 0.35  # of pgbench at 16 connections: top-ups, pairs of reserve and settle

Work = Callable[[Ports, int, str], None]  # one piece of work for an owner, under a name of its own


def top_up(ports: Ports, owner_id: int, name: str) -> None:
    """A provider's payment: its name is claimed in the whole of K5 and one posting is made."""
    now = ports.clock()
    credit(ports, owner_id, EventName("bench:terminal", name), Money(100_00), "cash.bench", "connector:bench", now)


def reserve_and_settle(ports: Ports, owner_id: int, name: str) -> None:
    """A call's two transactions: the hold before it, the cost after it."""
    now, today = ports.clock(), ports.today()
    with ports.sessions.begin() as db:
        account_id = ledger.purse(db, owner_id).account_id
        ledger.hold(db, owner_id, account_id, name, PRICE, now, now + timedelta(hours=2))
    cost = Move(account_id, -PRICE.minor, "sale.call")
    with ports.sessions.begin() as db:
        ledger.settle(db, Event(owner_id, EventName("call", name), (cost,), "job:settle", now), name, today, now)


WORKS: dict[str, Work] = {"top_up": top_up, "reserve_and_settle": reserve_and_settle}


def run(seconds: float = 4.0) -> list[Measure]:
    """Return the ratios on both databases. Units: seconds of each single run."""
    return [*_on_postgres(seconds), *_on_sqlite(seconds)]


def _on_postgres(seconds: float) -> Iterator[Measure]:
    with durable() as rival:
        if rival is None:
            return
        fill(rival.url)
        for connections in (8, 16):
            yield from _against_pgbench(rival, connections, seconds)


def _against_pgbench(rival: Pgbench, connections: int, seconds: float) -> Iterator[Measure]:
    ours = {name: partial(_per_second, rival.url, name, connections, seconds) for name in WORKS}
    found = medians({"pgbench": partial(rival.per_second, connections, seconds)} | ours)
    what = f"PostgreSQL, {connections} connections"
    paid, talked = AIMS if connections == 16 else (None, None)
    yield Measure(f"top-ups, {what}", found["top_up"], RIVAL, found["pgbench"], "/s", paid)
    yield Measure(f"reserve-settle pairs, {what}", found["reserve_and_settle"], RIVAL, found["pgbench"], "/s", talked)


def _on_sqlite(seconds: float) -> Iterator[Measure]:
    with tempfile.TemporaryDirectory(prefix="k5-bench-") as folder:
        url = f"sqlite:///{folder}/k5.db"
        schema.upgrade(url)
        fill(url)
        ours = {name: partial(_work, url, name, 1, seconds) for name in WORKS}
        found = medians({"bare": partial(bare_inserts, Path(folder) / "bare.db", seconds)} | ours)
    rival = "bare inserts, one a commit"
    yield Measure("top-ups, SQLite FULL, one writer", found["top_up"], rival, found["bare"], "/s", 0.35)
    yield Measure("reserve-settle pairs, SQLite FULL", found["reserve_and_settle"], rival, found["bare"], "/s")


def bare_inserts(path: Path, seconds: float) -> float:
    line = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        line.execute(f"PRAGMA {pragma}")
    line.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, owner INTEGER, amount INTEGER, name TEXT)")
    done, began = 0, time.monotonic()
    while time.monotonic() < began + seconds:
        line.execute("BEGIN IMMEDIATE")
        line.execute("INSERT INTO bare (owner, amount, name) VALUES (?, ?, ?)", (done % OWNERS, 100_00, str(done)))
        line.execute("COMMIT")
        done += 1
    line.close()
    return done / (time.monotonic() - began)


def fill(url: str) -> None:
    """Open the accounts and give each enough for every call of the benchmark."""
    now = datetime.now(UTC)
    with house_on(url) as ports, ports.sessions.begin() as db:
        for owner_id in range(1, OWNERS + 1):
            account_id = ledger.open_account(db, owner_id, "main", "RUB")
            gift = Move(account_id, 1_000_000_00, "opening")
            event = Event(owner_id, EventName("opening", str(account_id)), (gift,), "job:bench", now)
            ledger.record(db, event, ports.today(), now)


def _per_second(url: str, work: str, connections: int, seconds: float) -> float:
    """Return the work done a second by all processes together, each with its share of the connections."""
    share = connections // PROCESSES
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        pool.starmap(_work, [(url, work, share, 0.5)] * PROCESSES, chunksize=1)  # warm: imports, connections, plans
        return sum(pool.starmap(_work, [(url, work, share, seconds)] * PROCESSES, chunksize=1))


def _work(url: str, work: str, threads: int, seconds: float) -> float:
    do = WORKS[work]
    run_id = secrets.token_hex(4)
    with house_on(url) as ports:
        until = time.monotonic() + seconds

        def keep_working(thread: int) -> int:
            done = 0
            while time.monotonic() < until:
                do(ports, 1 + secrets.randbelow(OWNERS), f"{run_id}-{thread}-{done}")
                done += 1
            return done

        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(keep_working, range(threads))) / seconds
