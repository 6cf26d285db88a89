"""Each everyday path in a small house and in a big one, in turn: how little it matters what is there already."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from secrets import token_hex

import psycopg
from psycopg.types.json import Json
from sqlalchemy import make_url

from bench import Measure
from bench.desk import EACH, FIRST_DAY, FIRST_OWNER, fill
from bench.ledger import reserve_and_settle, top_up
from bench.long_statement import OTHER
from bench.pgbench import house_on
from k5web.domain.books.period import Period
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import find_subscriber
from k5web.services.books import sealing
from k5web.services.books.statements import statement
from k5web.services.books.verify import verify
from k5web.services.calls.ordering import may_call_at_once
from k5web.services.payments.search import find_payments
from k5web.services.ports import Ports
from k5web.storage import schema
from k5web.storage.prices.kept_rates import rate_facts
from tests.postgres import PostgresServer, find_binaries

SMALL, BIG, FULL = 1_000, 100_000, 1_000_000  # subscribers; each has ten postings and ten calls
RUNS, WARM = 400, 40  # of each path, one after the other in both houses
AIM = 1 / 1.2  # the big house may be a fifth slower

# Ten calls of each, every one to a number of its own; pressed by hand
_CALLS = """
INSERT INTO call (owner_id, n, account_id, form_key, a_number, b_number, a_rate, b_rate, a_leg_from, minutes,
    hold_minor, currency, ring_a_s, ring_b_s, talk_ms, leg_a_s, at_once, state, outcome, cost_minor, ordered_at,
    changed_at, ended_at)
SELECT %(first)s + n, s, n + 1, s::text, '7900' || lpad(n::text, 7, '0'), '7495' || lpad((n * 10 + s)::text, 7, '0'),
    %(rate)s, %(rate)s, 'b_answer', 10, 0, 'RUB', 40, 40, 600000, 640, false, 'settled', 'done_b', 0, at, at, at
FROM generate_series(0, %(most)s::bigint) AS n CROSS JOIN generate_series(1, %(each)s::bigint) AS s
    CROSS JOIN LATERAL (SELECT %(day)s::timestamptz + (30 * s + n %% 30) * interval '1 day' AS at) AS moment
"""


@dataclass(frozen=True, slots=True)
class House:
    """A filled house."""

    ports: Ports
    subscribers: int

    @property
    def postings(self) -> int:
        """How many the filling wrote."""
        return self.subscribers * EACH


Everyday = Callable[[House, int], object]  # something that is done for the subscriber of this place
_names = count()
_run = token_hex(4)


def _name() -> str:
    return f"{_run}-{next(_names)}"


def _called(n: int) -> Msisdn:
    return Msisdn(f"7495{n * EACH + 1:07d}")


PATHS: dict[str, Everyday] = {
    "who rings, by phone": lambda house, n: find_subscriber(house.ports, f"+7900{n:07d}"),
    "statement of a month": lambda house, n: statement(house.ports, FIRST_OWNER + n, _month(n)),
    "whether a countdown may call": lambda house, n: may_call_at_once(house.ports, FIRST_OWNER + n, _called(n)),
    "top-up": lambda house, n: top_up(house.ports, FIRST_OWNER + n, _name()),
    "hold and charge of a call": lambda house, n: reserve_and_settle(house.ports, FIRST_OWNER + n, _name()),
    "a payment looked for": lambda house, n: find_payments(house.ports, f"t{n}-1"),
}
JOBS: dict[str, Callable[[House], object]] = {
    "verify": lambda house: verify(house.ports),
    "days closed and sealed": lambda house: sealing.close_due(house.ports),
}


def _month(n: int) -> Period:
    return Period.month(FIRST_DAY + timedelta(days=30 * EACH + n % 30))


def run(subscribers: int = BIG) -> list[Measure]:
    """Return each path in a house of a thousand subscribers against one of so many. Unit: milliseconds."""
    binaries = find_binaries()
    if binaries is None:
        return []
    with ExitStack() as both:
        small, big = (both.enter_context(_house(binaries, size)) for size in (SMALL, subscribers))
        return [*_paths(small, big), *_jobs(small, big)]


def run_full() -> list[Measure]:
    """Return the same for a million subscribers and ten million postings."""
    return run(FULL)


@contextmanager
def _house(binaries: Path, subscribers: int) -> Iterator[House]:
    server = PostgresServer(binaries, shared_buffers="512MB", max_wal_size="4GB")
    try:
        server.start()
        schema.upgrade(server.url)
        fill(server.url, subscribers)
        fill_calls(server.url, subscribers)
        with house_on(server.url) as ports:
            yield House(ports, subscribers)
    finally:
        server.stop()


def fill_calls(url: str, subscribers: int) -> None:
    """Write ten calls of each subscriber whom `bench.desk.fill` wrote."""
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as db:
        db.execute("SET session_replication_role = replica")
        facts = {"most": subscribers - 1, "first": FIRST_OWNER, "day": FIRST_DAY, "each": EACH}
        db.execute(_CALLS, facts | {"rate": Json(rate_facts(OTHER))})
        db.commit()
        db.autocommit = True
        db.execute("VACUUM ANALYZE")
        db.execute("CHECKPOINT")


def _paths(small: House, big: House) -> Iterator[Measure]:
    for name, path in PATHS.items():
        draw = random.Random(20)
        took = [
            [_timed(partial(path, house, draw.randrange(house.subscribers))) for house in (small, big)]
            for _ in range(WARM + RUNS)
        ]
        few, many = (statistics.median(times) * 1000 for times in zip(*took[WARM:], strict=True))
        yield Measure(f"{name}: of {small.postings:,} postings", few, f"of {big.postings:,}", many, "ms", AIM)


def _jobs(small: House, big: House) -> Iterator[Measure]:
    """Yield what a posting costs of the jobs that go through all of them: once in each house."""
    for name, job in JOBS.items():
        few, many = (_timed(partial(job, house)) / house.postings * 1e6 for house in (small, big))
        yield Measure(f"{name}: a posting of {small.postings:,}", few, f"of {big.postings:,}", many, "µs", AIM)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
