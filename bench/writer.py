"""Pages on SQLite while somebody writes: four web processes beside a transaction that never ends, against none."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from bench import Measure
from bench.house import CALL_PAGE, house, log_in, serving
from bench.load import requests_per_second
from bench.memory import proportional_mb
from bench.turns import medians

PROCESSES = 4
K5 = ("k5web", "serve", "--port", "{port}", "--processes", str(PROCESSES))
CONNECTIONS = 8
PAGES = (CALL_PAGE, "/me", "/me/statement")


def run(seconds: float = 1.0) -> Iterator[Measure]:
    """Yield answers a second with the write lock held against without it, by medians of rounds in turn, and what the
    processes weigh together. Units: seconds of each single run."""
    with house() as environ, serving(environ, *K5) as (address, master):
        browser = log_in(address, environ["BENCH_PHONE"], environ["BENCH_PASSWORD"])
        for page in PAGES:
            browser.get(address + page, timeout=20).raise_for_status()  # the phone is noted, which writes
        cookies = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)}
        for page in PAGES:
            requests_per_second(address + page, cookies, CONNECTIONS, seconds)  # warm, in every process
            alone = partial(requests_per_second, address + page, cookies, CONNECTIONS, seconds)
            beside = partial(_beside_a_writer, Path(environ["K5_VAR"]) / "k5.db", alone)
            rates = medians({"beside": beside, "alone": alone})
            what = f"{page}, somebody writes all the time"
            yield Measure(what, rates["beside"], "alone", rates["alone"], "/s", 0.9)
        together_mb, one_mb = proportional_mb(master)
        yield Measure(f"{PROCESSES} web processes and their master", together_mb, "the master alone", one_mb, "MB")


def _beside_a_writer(database: Path, ask: Callable[[], float]) -> float:
    with writing(database):
        return ask()


@contextmanager
def writing(database: Path) -> Iterator[None]:
    """Hold the database's only write lock, as a process that writes does."""
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield
        writer.execute("ROLLBACK")
