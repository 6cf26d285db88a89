"""Payments over HTTP on a durable PostgreSQL, 16 connections: against pgbench TPC-B at 16 in the same minutes, p99, and
how little it matters how many payments are there already."""

import os
import random
import secrets
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from app import open_ports
from bench import Measure
from bench.filling import FIRST_OWNER, OWNERS, fill, open_accounts
from bench.house import serving
from bench.pgbench import RIVAL, Pgbench, durable
from bench.turns import medians, processor_s
from k5web.config.settings import Settings

CONNECTIONS = 16
PROCESSES = 2
THERE = (1_000, 1_000_000)  # payments before the measuring begins
AIM, SLACK = 0.15, 0.80
ORIGIN = "bench:there"
PARTNERS = """
[[qiwi]]
code = "bench"
protocol = "osmp"
minimum = "0.01"
allowed = ["127.0.0.1/32"]
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """What was answered. Units: payments a second, milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


class Server(NamedTuple):
    """Where payments are told, and the master of the processes that hear of them."""

    address: str
    master: int


def run(seconds: float = 5.0) -> list[Measure]:
    """Return payments a second with few and with many there, and the slowest hundredth. Units: of each single run."""
    with durable() as rival, tempfile.TemporaryDirectory(prefix="k5-bench-") as folder:
        if rival is None:
            return []
        with _serving(rival.url, Path(folder)) as server:
            return _measures(rival, server, seconds)


def _measures(pgbench: Pgbench, server: Server, seconds: float) -> list[Measure]:
    measures, shares = [], []
    for there in THERE:
        fill(pgbench.url, there, ORIGIN, datetime.now(UTC) - timedelta(days=1))
        _pay(server.address, 1.0)  # warm: imports, connections, plans
        rate, rival = _beside_pgbench(pgbench, server.address, seconds)
        shares.append(rate.per_second / rival)
        what = f"OSMP pays over HTTP, {there:,} there, 16 connections"
        measures.append(Measure(what, rate.per_second, RIVAL, rival, "/s", AIM))
        measures.append(Measure(f"their p99, {there:,} there", rate.p99_ms, "their median", rate.p50_ms, "ms"))
    measures.append(_known_beside_new(server, seconds))
    few, many = shares  # of what the database itself does in the same minute: other work on the machine slows both
    what, rival_name = f"pays with {THERE[1]:,} there, by pgbench", f"with {THERE[0]:,} there"
    return [*measures, Measure(what, many, rival_name, few, "of it", SLACK)]


def _beside_pgbench(pgbench: Pgbench, address: str, seconds: float) -> tuple[Rate, float]:
    """Return our rate and pgbench's, each the median of some runs in turn."""
    rates: list[Rate] = []

    def pay() -> float:
        rates.append(_pay(address, seconds))
        return rates[-1].per_second

    found = medians({"pgbench": partial(pgbench.per_second, CONNECTIONS, seconds), "ours": pay})
    return next(rate for rate in rates if rate.per_second == found["ours"]), found["pgbench"]


def _known_beside_new(server: Server, seconds: float) -> Measure:
    """Return repeats of a known payment a second against new ones, by medians of some runs in turn."""
    cpu_ms: dict[bool, list[float]] = {False: [], True: []}

    def pay(*, is_known: bool) -> float:
        before_s = processor_s(server.master)
        rate = _pay(server.address, seconds, is_known=is_known).per_second
        cpu_ms[is_known].append((processor_s(server.master) - before_s) * 1000 / (rate * seconds))
        return rate

    rates = medians({"new": partial(pay, is_known=False), "known": partial(pay, is_known=True)})
    of_one = (statistics.median(cpu_ms[True]), statistics.median(cpu_ms[False]))
    return Measure("known payments", rates["known"], "new ones", rates["new"], "/s", SLACK, of_one)


@contextmanager
def _serving(url: str, folder: Path) -> Iterator[Server]:
    """Run `k5 serve` with one network for partner."""
    partners = folder / "partners.toml"
    partners.write_text(PARTNERS)
    house = {"K5_DATABASE_URL": url, "K5_SECRET_KEY": "bench" * 10, "K5_VAR": str(folder)}
    house |= {"K5_CONNECTORS": str(partners), "PYTHONPATH": str(Path(__file__).parent.parent)}
    ports = open_ports(Settings.from_env(house))
    try:
        open_accounts(ports)
    finally:
        ports.sessions.dispose()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
    with serving(clean | house, "k5web", "serve", "--port", "{port}", "--processes", str(PROCESSES)) as (
        address,
        master,
    ):
        yield Server(f"{address}/hooks/qiwi/bench", master)


def _pay(address: str, seconds: float, *, is_known: bool = False) -> Rate:
    """Send new payments over keep-alive connections for so long, or each connection one of its own again and again; an
    answer that is not a success fails the run."""
    parts = urlsplit(address)
    run_id = 10**13 + secrets.randbelow(8 * 10**13)
    pauses: list[list[float]] = [[] for _ in range(CONNECTIONS)]
    troubles: list[BaseException] = []
    until = time.monotonic() + seconds

    def pay(line_no: int) -> None:
        dice = random.Random(line_no)
        place = dice.randrange(OWNERS)
        try:
            with socket.create_connection((parts.hostname or "", parts.port or 80)) as line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while (began := time.monotonic()) < until:
                    key = f"{run_id}{line_no:02d}{0 if is_known else len(pauses[line_no]):04d}"
                    line.sendall(_request(parts.path, parts.netloc, key, place if is_known else dice.randrange(OWNERS)))
                    _read_success(line)
                    pauses[line_no].append(time.monotonic() - began)
        except BaseException as error:  # noqa: BLE001 - told by the caller's thread
            troubles.append(error)

    began = time.monotonic()
    threads = [threading.Thread(target=pay, args=(line_no,)) for line_no in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    found = [pause * 1000 for line in pauses for pause in line]
    hundredths = statistics.quantiles(found, n=100)
    return Rate(len(found) / (time.monotonic() - began), hundredths[49], hundredths[98])


def _request(path: str, host: str, key: str, place: int) -> bytes:
    fields = {"command": "pay", "txn_id": key, "txn_date": "20261120143005", "account": FIRST_OWNER + place}
    return f"GET {path}?{urlencode(fields | {'sum': '1.00'})} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def _read_success(line: socket.socket) -> None:
    got = b""
    while b"</response>" not in got:
        part = line.recv(65536)
        assert part, got
        got += part
    assert b"<result>0</result>" in got, got
