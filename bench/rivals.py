"""K5 beside what others offer: a price list in a trie, a ledger of two rows and two balances a payment, a static file.

On PostgreSQL pgbench's TPC-B is in the same turns; through many connections it stands in `bench/ledger.py`, and an
empty Flask page in `bench/web.py`. A rival that this machine lacks is left out, and words say how to have it.
"""

import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from types import ModuleType
from typing import Final

from sqlalchemy import create_engine, text

from bench import Measure, static_file, web
from bench.house import CALL_PAGE, house, log_in, serving
from bench.ledger import OWNERS, Work, fill, top_up
from bench.load import requests_per_second
from bench.lookups import numbers_of, own_list, times_of
from bench.pgbench import RIVAL, durable, house_on
from bench.turns import medians
from k5web.domain.prices.rating import Rate, RateTable
from k5web.services.ports import Ports
from k5web.storage import schema

PAIRS: Final = 50_000
HOUSE: Final = 0  # the rival's account opposite of all
AMOUNT: Final = 100_00
TWO_ROWS: Final = "two entries, two balances"

# The schema that most ledgers have: a payment is a row with two entries, and writes two balances anew
TABLES: Final = (
    "CREATE TABLE rival_account (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL)",
    "CREATE TABLE rival_payment (id {counted} PRIMARY KEY, name TEXT UNIQUE NOT NULL)",
    "CREATE TABLE rival_entry (id {counted} PRIMARY KEY, payment_id INTEGER NOT NULL REFERENCES rival_payment,"
    " account_id INTEGER NOT NULL REFERENCES rival_account, amount BIGINT NOT NULL)",
    "CREATE INDEX rival_entries ON rival_entry (account_id, id)",
)
COUNTED: Final = {"sqlite": "INTEGER", "postgresql": "INTEGER GENERATED ALWAYS AS IDENTITY"}
GRANT: Final = text("GRANT SELECT, INSERT, UPDATE ON rival_account, rival_payment, rival_entry TO PUBLIC")
ACCOUNT: Final = text("INSERT INTO rival_account VALUES (:id, 0)")
PAYMENT: Final = text("INSERT INTO rival_payment (name) VALUES (:name) RETURNING id")
ENTRY: Final = text("INSERT INTO rival_entry (payment_id, account_id, amount) VALUES (:payment, :account, :amount)")
BALANCE: Final = text("UPDATE rival_account SET balance = balance + :amount WHERE id = :account")

Find = Callable[[str], Rate]  # the row of a number's longest prefix


def run(seconds: float = 4.0) -> list[Measure]:
    """Return the comparisons that this machine can make. Units: seconds of each single run."""
    return [*_lookups(), *_on_sqlite(seconds), *_on_postgres(seconds), *_pages(seconds)]


def _lookups() -> Iterator[Measure]:
    rates = own_list()
    numbers = numbers_of(Random(5), rates, PAIRS)
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    table = RateTable("bench", 1, rates)

    def ours() -> None:
        for a, b in pairs:
            table.quote(a, b)

    def theirs(find: Find) -> int:
        return sum(find(a).per_minute.micro + find(b).per_minute.micro for a, b in pairs)

    for name, find in _finders(rates):
        our_s, their_s = times_of(ours, partial(theirs, find))
        yield Measure("prices of both legs, K5's list", len(pairs) / our_s, name, len(pairs) / their_s, "calls/s")


def _finders(rates: list[Rate]) -> Iterator[tuple[str, Find]]:
    """Yield each trie that is here, and how it finds the longest prefix of a number."""
    places = {rate.prefix: place for place, rate in enumerate(rates)}
    if marisa := _package("marisa_trie", "marisa-trie"):
        packed = marisa.RecordTrie("<I", [(prefix, (place,)) for prefix, place in places.items()])
        yield "marisa-trie", lambda number: rates[packed[packed.prefixes(number)[-1]][0][0]]
    if datrie := _package("datrie", "datrie"):
        grown = datrie.Trie("0123456789")
        for prefix, place in places.items():
            grown[prefix] = place
        yield "datrie", lambda number: rates[grown.longest_prefix_value(number)]
    if pygtrie := _package("pygtrie", "pygtrie"):
        written = pygtrie.CharTrie(places)
        yield "pygtrie", lambda number: rates[written.longest_prefix(number).value]


def _package(module: str, package: str) -> ModuleType | None:
    try:
        return importlib.import_module(module)
    except ImportError:
        _leave_out(package, f".venv/bin/python -m pip install {package}")
        return None


def _on_sqlite(seconds: float) -> Iterator[Measure]:
    with tempfile.TemporaryDirectory(prefix="k5-bench-") as folder:
        url = f"sqlite:///{folder}/k5.db"
        schema.upgrade(url)
        found = _postings(url, seconds, {})
    yield Measure("top-ups, SQLite FULL", found["ours"], TWO_ROWS, found[TWO_ROWS], "/s")


def _on_postgres(seconds: float) -> Iterator[Measure]:
    with durable() as server:
        if server is None:
            _leave_out("PostgreSQL and its pgbench", "apt-get install postgresql")
            return
        found = _postings(server.url, seconds, {RIVAL: partial(server.per_second, 1, seconds)})
    for rival in (TWO_ROWS, RIVAL):
        yield Measure("top-ups, PostgreSQL, 1 connection", found["ours"], rival, found[rival], "/s")


def _postings(url: str, seconds: float, others: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Return the payments a second of both ledgers in one database, and what others do there, by medians."""
    fill(url)
    _make_tables(url)
    with house_on(url) as ports:
        ledgers = {"ours": top_up, TWO_ROWS: two_rows}
        return medians({name: partial(_per_second, ports, work, seconds) for name, work in ledgers.items()} | others)


def _make_tables(url: str) -> None:
    """Make the rival's tables as their owner; on PostgreSQL K5 works as somebody who may not."""
    engine = create_engine(url)
    with engine.begin() as db:
        for statement in TABLES:
            db.execute(text(statement.format(counted=COUNTED[engine.dialect.name])))
        db.execute(ACCOUNT, [{"id": owner_id} for owner_id in range(OWNERS + 1)])
        if engine.dialect.name == "postgresql":
            db.execute(GRANT)
    engine.dispose()


def _pages(seconds: float) -> Iterator[Measure]:
    """The call page, and a file of its bytes: what is left of it if nothing were asked and nothing computed."""
    with house() as environ, serving(environ, *web.K5) as (ours, _):
        browser = log_in(ours, environ["BENCH_PHONE"], environ["BENCH_PASSWORD"])
        cookies = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)}
        with static_file.served(browser.get(ours + CALL_PAGE, timeout=60).content) as theirs:
            if theirs is None:
                _leave_out("nginx", "apt-get install nginx")
                return
            asked = {"ours": (ours + CALL_PAGE, cookies), "theirs": (theirs, {})}
            found = medians(
                {name: partial(requests_per_second, *what, web.CONNECTIONS, seconds) for name, what in asked.items()}
            )
    yield Measure("call page, logged in", found["ours"], "static file, nginx", found["theirs"], "/s")


def _leave_out(what: str, command: str) -> None:
    print(f"  left out: {what}; to have it: {command}", file=sys.stderr)


def _per_second(ports: Ports, work: Work, seconds: float) -> float:
    done, began = 0, time.monotonic()
    while time.monotonic() < began + seconds:
        work(ports, 1 + done % OWNERS, f"{began}-{done}")
        done += 1
    return done / (time.monotonic() - began)


def two_rows(ports: Ports, owner_id: int, name: str) -> None:
    """A payment as others book it, in one transaction."""
    with ports.sessions.begin() as db:
        payment = db.execute(PAYMENT, {"name": name}).scalar_one()
        for account, amount in ((owner_id, AMOUNT), (HOUSE, -AMOUNT)):
            db.execute(ENTRY, {"payment": payment, "account": account, "amount": amount})
            db.execute(BALANCE, {"account": account, "amount": amount})
