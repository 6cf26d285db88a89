"""Searches of the desk on a PostgreSQL of a small house and of a big one: the slowest twentieth of each kind of search,
and how little it matters how many subscribers and postings are there."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from bench import Measure
from bench.pgbench import house_on
from k5web.domain.desk.question import Kind
from k5web.services.desk import search
from k5web.services.ports import Ports
from k5web.storage import schema
from tests.postgres import PostgresServer, find_binaries

SMALL, BIG, FULL = 1_000, 20_000, 1_000_000  # subscribers; each has ten postings
EACH = 10
FIRST_OWNER = 1_000_000
SURNAMES = 50_000
FIRST_DAY = date(2026, 1, 1)
RUNS, WARM = 200, 20  # of each kind of search
ROUNDS = 3
SLACK = 1 / 1.5  # the big house's slowest twentieth is to be at most half as slow again
LIMIT_MS = 100.0


def run(subscribers: int = BIG) -> list[Measure]:
    """Return the slowest twentieth of each kind of search in both houses."""
    binaries = find_binaries()
    if binaries is None:
        return []
    with _house(binaries, SMALL) as few, _house(binaries, subscribers) as many:
        return [measure for kind in SEARCHES for measure in _measures(kind, few, many, subscribers)]


def run_full() -> list[Measure]:
    """Return the same for a million subscribers and ten million postings."""
    return run(FULL)


def _measures(kind: str, few: Ports, many: Ports, subscribers: int) -> Iterator[Measure]:
    """Yield the medians of some rounds, the houses in turn: so other work on the machine counts for both."""
    rounds = [(_p95(few, SEARCHES[kind], SMALL), _p95(many, SEARCHES[kind], subscribers)) for _ in range(ROUNDS)]
    small, big = (statistics.median(times) for times in zip(*rounds, strict=True))
    there = f"{subscribers:,} subscribers, {subscribers * EACH:,} postings"
    yield Measure(f"{kind}: p95 wished against had, {there}", LIMIT_MS, "it takes", big, "ms", 1.0)
    yield Measure(f"{kind}: p95 of {SMALL * EACH:,} postings", small, f"of {subscribers * EACH:,}", big, "ms", SLACK)


@contextmanager
def _house(binaries: Path, subscribers: int) -> Iterator[Ports]:
    """Open a house of so many on a server of its own."""
    server = PostgresServer(binaries, shared_buffers="128MB")
    try:
        server.start()
        schema.upgrade(server.url)
        fill(server.url, subscribers)
        with house_on(server.url) as ports:
            yield ports
    finally:
        server.stop()


def _p95(ports: Ports, typed: Callable[[int], str], subscribers: int) -> float:
    """Return the slowest twentieth of one kind of search. Unit: milliseconds."""
    draw = random.Random(8)
    took: list[float] = []
    for _ in range(WARM + RUNS):
        text = typed(draw.randrange(subscribers))
        began = time.perf_counter()
        search.find(ports, text, set(Kind))
        took.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(took[WARM:], n=20)[18]


SEARCHES: dict[str, Callable[[int], str]] = {
    "a phone": lambda n: f"+7 900 {n:07d}",
    "an id": lambda n: f"K5-{FIRST_OWNER + n}",
    "a name of two words": lambda n: f"имя{n % 500} фам{n % SURNAMES}",
    "a provider's key": lambda n: f"t{n}-{n % EACH + 1}",
    "our number": lambda n: str((n + 1) * 10**9 + n % EACH + 1),
    "a sum and a day": lambda n: (
        f"{1 + n % 5000}.00 {FIRST_DAY + timedelta(days=30 * (n % EACH + 1) + n % 30):%d.%m.%Y}"
    ),
    "a tax number": lambda n: f"{n:010d}",
    "nothing that is there": lambda n: f"nobody-{n}",
}


def fill(url: str, subscribers: int) -> None:
    """Write subscribers with their names, phones and payments as the house does, each payment by its own event.

    The triggers that keep the caches rest meanwhile, and the caches are written as the postings have them.
    """
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as db:
        facts = {"most": subscribers - 1, "first": FIRST_OWNER, "day": FIRST_DAY, "surnames": SURNAMES, "each": EACH}
        db.execute("SET session_replication_role = replica")
        for statement in FILL:
            db.execute(statement, facts)
        db.execute("SET session_replication_role = DEFAULT")
        db.commit()
        db.autocommit = True
        db.execute("VACUUM ANALYZE")


_OWNERS = "generate_series(0, %(most)s::bigint) AS n"
_PAID = f"{_OWNERS} CROSS JOIN generate_series(1, %(each)s::bigint) AS s"
_NAME = "'имя' || n %% 500 || ' фам' || n %% %(surnames)s"
_DAY = "%(day)s::date + (30 * s + n %% 30)::int"
FILL = (
    f"""INSERT INTO subscriber (id, phone, name, currency, plan, at_once_limit_micro, created_at, password_changed_at)
    SELECT %(first)s + n, '7900' || lpad(n::text, 7, '0'), {_NAME}, 'RUB', 'k5', 0, %(day)s, %(day)s FROM {_OWNERS}""",
    f"""INSERT INTO phone (digits, owner_id, name, added_at)
    SELECT '7900' || lpad(n::text, 7, '0'), %(first)s + n, '', %(day)s FROM {_OWNERS}""",
    f"""INSERT INTO name_word (owner_id, word)
    SELECT DISTINCT %(first)s + n, unnest(string_to_array({_NAME}, ' ')) FROM {_OWNERS}""",
    f"""INSERT INTO account (owner_id, id, purpose, unit, balance_minor, last_seq, last_day)
    SELECT %(first)s + n, n + 1, 'main', 'RUB', %(each)s * (100 + n %% 5000 * 100), %(each)s,
        %(day)s::date + (30 * %(each)s + n %% 30)::int FROM {_OWNERS}""",
    f"""INSERT INTO name_claim (key, origin, owner_id, fingerprint)
    SELECT 't' || n || '-' || s, 'bench:there', %(first)s + n, '\\x00'::bytea FROM {_PAID}""",
    f"""INSERT INTO ledger_transaction (owner_id, origin, key, fingerprint, actor, occurred_at, recorded_at)
    SELECT %(first)s + n, 'bench:there', 't' || n || '-' || s, '\\x00'::bytea, 'connector:bench', {_DAY}, {_DAY}
    FROM {_PAID}""",
    f"""INSERT INTO posting (owner_id, account_id, day, seq, unit, amount_minor, balance_minor, counter, origin, key)
    SELECT %(first)s + n, n + 1, {_DAY}, s, 'RUB', 100 + n %% 5000 * 100, s * (100 + n %% 5000 * 100), 'cash.bench',
        'bench:there', 't' || n || '-' || s FROM {_PAID}""",
    f"""INSERT INTO notice (key, origin, id, at, kind, verdict, why, owner_id, amount_minor, currency, receipt, request)
    SELECT 't' || n || '-1', 'bench:there', 0, %(day)s, 'paid', 'ok', '', %(first)s + n, 100 + n %% 5000 * 100, 'RUB',
        '', repeat('x', 120) FROM {_OWNERS}""",
)
