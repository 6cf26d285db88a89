"""A new version comes while the old one works, on tables of millions of rows. Promises: R22."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import make_url

from bench import desk, growth
from bench.ledger import WORKS
from bench.pgbench import house_on
from k5web.storage import schema
from tests.databases import serving
from tests.proofs import figure

pytestmark = [pytest.mark.postgres, pytest.mark.full, pytest.mark.timeout(3 * 3600)]
OLDER = "0070"
SUBSCRIBERS = 1_000_000  # each with ten postings and ten calls
LONGEST_S = 1.0  # that a lock may be held which keeps writers away
LOOK_S = 0.01

# Locks of tables that stop who writes, and how long those who hold them are at it
_HELD = """
SELECT relation::regclass::text, mode FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE granted AND locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') AND relation >= 16384
  AND relation IN (SELECT oid FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s))
"""


@pytest.fixture(scope="module")
def old_url() -> Iterator[str]:
    """A durable server with a filled database of an older version."""
    with serving({"shared_buffers": "512MB", "max_wal_size": "8GB"}) as server:
        with schema.connected(server.url) as connection:
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", schema.SCRIPTS)
            command.upgrade(config, OLDER)
        desk.fill(server.url, SUBSCRIBERS)
        growth.fill_calls(server.url, SUBSCRIBERS)
        yield server.url


def test_nobody_is_refused_and_no_table_is_kept_from_others_for_long(old_url: str) -> None:
    """Money goes on being credited, held and charged; no lock that keeps writers away is held for a second."""
    with working(old_url) as slowest, locks(old_url) as held:
        began = time.monotonic()
        schema.upgrade(old_url)
        took = time.monotonic() - began
    assert schema.check(old_url) == []
    longest = max(held.values(), default=0.0)
    works = ", ".join(f"{name} {slowest[name]:.2f} s" for name in WORKS)
    figure(
        f"{desk.EACH * SUBSCRIBERS:,} postings and as many calls, upgraded in {took:.0f} s under load: longest lock "
        f"{longest:.2f} s; slowest {works}; {slowest['troubles']:.0f} refused"
    )
    assert slowest["troubles"] == 0
    assert longest <= LONGEST_S, held


@contextmanager
def working(url: str) -> Iterator[dict[str, float]]:
    """Top up, hold and charge meanwhile. Yields the longest each took in seconds, and how often one failed."""
    slowest: dict[str, float] = defaultdict(float, troubles=0)
    over = threading.Event()
    with house_on(url) as ports:

        def work(name: str) -> None:
            n = 0
            while not over.is_set():
                n += 1
                began = time.monotonic()
                try:
                    WORKS[name](ports, desk.FIRST_OWNER + n % SUBSCRIBERS, f"{name}-{uuid4().hex}")
                except Exception:
                    slowest["troubles"] += 1
                    raise
                slowest[name] = max(slowest[name], time.monotonic() - began)

        threads = [threading.Thread(target=work, args=(name,)) for name in WORKS]
        for thread in threads:
            thread.start()
        try:
            yield slowest
        finally:
            over.set()
            for thread in threads:
                thread.join()


@contextmanager
def locks(url: str) -> Iterator[dict[str, float]]:
    """Look again and again which locks keep writers away from tables there are. Yields the longest time of each."""
    held: dict[str, float] = {}
    over = threading.Event()
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def look() -> None:
        since: dict[str, float] = {}
        with psycopg.connect(plain, autocommit=True) as db:
            tables = [row[0] for row in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
            while not over.is_set():
                now = time.monotonic()
                there = {f"{table} {mode}" for table, mode in db.execute(_HELD, [tables])}
                since = {each: since.get(each, now) for each in there}
                held.update({each: max(held.get(each, 0), now - at) for each, at in since.items()})
                time.sleep(LOOK_S)

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield held
    finally:
        over.set()
        looker.join()
