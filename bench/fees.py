"""Monthly fees on a durable PostgreSQL by four workers: postings a second against pgbench TPC-B through as many."""

import multiprocessing
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from multiprocessing.pool import Pool
from typing import Any

from sqlalchemy import text

from bench import Measure
from bench.pgbench import RIVAL, Pgbench, durable, house_on, open_on
from bench.turns import medians
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.prices.subscription import next_period
from k5web.domain.prices.usage import Every
from k5web.services.ports import Ports
from k5web.services.prices import billing
from k5web.storage.books.ledger_batch import LedgerBatch
from tests.reliability import subscribed
from tests.reliability.subscribed import FIRST_OWNER, Subscribed, account_of

WORKERS = 4
OWNERS = 4_000  # of each plan
AT_ONCE = 100  # charges of one commit
ROUNDS = 3
AIM = 4.0
HOUSE: list[Ports] = []  # of a worker process
PLANS = {"profi": "a fee alone", "go-100": "a fee and gift minutes"}


def run(seconds: float = 4.0) -> list[Measure]:
    """Return postings a second of each plan's fees. Units: seconds of each run of pgbench."""
    with durable() as rival:
        return [] if rival is None else list(_measures(rival, seconds))


def _measures(rival: Pgbench, seconds: float) -> Iterator[Measure]:
    theirs = partial(rival.per_second, WORKERS, seconds)
    with multiprocessing.get_context("spawn").Pool(WORKERS, _open, [rival.url]) as workers:
        for place, (plan, what) in enumerate(PLANS.items()):
            due = _fill(rival.url, plan, FIRST_OWNER + place * OWNERS)
            days = iter(_months(due))

            def take(days: Iterator[date] = days) -> float:
                return _made(workers, rival.url, _work, [next(days)] * WORKERS)

            found = medians({"pgbench": theirs, "ours": take}, ROUNDS)
            yield Measure(f"{what}, 4 workers: postings", found["ours"], RIVAL, found["pgbench"], "/s", AIM)
        found = medians(
            {"pgbench": theirs, "ours": partial(_made, workers, rival.url, _charge, range(WORKERS))}, ROUNDS
        )
        what = "the ledger's batch alone, 4 workers: postings"
        yield Measure(what, found["ours"], RIVAL, found["pgbench"], "/s", AIM)


def _months(first: date) -> Iterator[date]:
    while True:
        yield first
        first = next_period(Every.MONTH, first)


def _fill(url: str, plan: str, first: int) -> date:
    """Write the subscribers of a plan, who owe it for the last months; return the day of their first fee."""
    with house_on(url) as ports:
        due = ports.today().replace(day=1)
        for _ in range(ROUNDS):
            due = due.replace(year=due.year - (due.month == 1), month=(due.month - 2) % 12 + 1)
        money = 1_000_000_00
        subscribed.fill(ports, [Subscribed(first + n, plan, due, money) for n in range(OWNERS)])
    return due


def _made(workers: Pool, url: str, work: Callable[[Any], None], shares: Iterable[Any]) -> float:
    """Let the workers do their shares and return the postings a second."""
    workers.map(_work, [date(2000, 1, 1)] * WORKERS, chunksize=1)  # warm: the plans, connections
    before, began = _postings(url), time.monotonic()
    workers.map(work, shares, chunksize=1)
    took = time.monotonic() - began
    return (_postings(url) - before) / took


def _open(url: str) -> None:
    """Open the house of a worker process."""
    HOUSE.append(open_on(url))


def _work(until: date) -> None:
    billing.run(HOUSE[0], until)


def _charge(share: int) -> None:
    """Charge each account of this worker's share once, a hundred in a commit; nothing is decided or noted beside."""
    ports, run_id = HOUSE[0], secrets.token_hex(4)
    first = FIRST_OWNER + share * OWNERS // WORKERS
    for at in range(first, first + OWNERS // WORKERS, AT_ONCE):
        owners = range(at, at + AT_ONCE)
        with ports.sessions.begin() as db:
            books, now = LedgerBatch(db, owners, ports.today(), ports.clock()), ports.clock()
            for owner_id in owners:
                move = Move(account_of(owner_id), -1, "sale.order")
                books.charge(Event(owner_id, EventName("order", f"{run_id}-{owner_id}"), (move,), "job:bench", now))
            books.write()


def _postings(url: str) -> int:
    """Return how many postings have been made so far."""
    with house_on(url) as ports, ports.sessions.read() as db:
        counted = text("SELECT count(*) FROM posting WHERE origin IN ('fee', 'grant', 'expire', 'order')")
        return int(db.execute(counted).scalar_one())
