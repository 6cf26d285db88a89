"""Payments over HTTP on a durable PostgreSQL, 16 connections: against pgbench TPC-B at 16 in the same minutes, p99, and
how little it matters how many payments are there already."""

import os
import random
import re
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
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from app import open_ports
from bench import Measure
from bench.filling import FIRST_OWNER, OWNERS, fill, open_accounts
from bench.house import serving
from bench.ledger import SCALE, pgbench
from k5web.config.settings import Settings
from k5web.storage import schema
from tests.postgres import PostgresServer, find_binaries

CONNECTIONS = 16
PROCESSES = 2
ROUNDS = 3
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


def run(seconds: float = 5.0) -> list[Measure]:
    """Return payments a second with few and with many there, and the slowest hundredth. Units: of each single run."""
    binaries = find_binaries()
    if binaries is None:
        return []
    server = PostgresServer(binaries, shared_buffers="128MB")  # the default, and everything that makes it durable
    try:
        server.start()
        pgbench(binaries, server.url, "-i", "-q", "-s", str(SCALE))
        schema.upgrade(server.url)
        with tempfile.TemporaryDirectory(prefix="k5-bench-") as folder, _serving(server.url, Path(folder)) as address:
            return _measures(binaries, server.url, address, seconds)
    finally:
        server.stop()


def _measures(binaries: Path, url: str, address: str, seconds: float) -> list[Measure]:
    measures, shares = [], []
    for there in THERE:
        fill(url, there, ORIGIN, datetime.now(UTC) - timedelta(days=1))
        _pay(address, 1.0)  # warm: imports, connections, plans
        rate, rival = _best(binaries, url, address, seconds)
        shares.append(rate.per_second / rival)
        what = f"OSMP pays over HTTP, {there:,} there, 16 connections"
        measures.append(Measure(what, rate.per_second, "pgbench TPC-B transactions", rival, "/s", AIM))
        measures.append(Measure(f"their p99, {there:,} there", rate.p99_ms, "their median", rate.p50_ms, "ms"))
    few, many = shares  # of what the database itself does in the same minute: other work on the machine slows both
    what, rival_name = f"pays with {THERE[1]:,} there, by pgbench", f"with {THERE[0]:,} there"
    return [*measures, Measure(what, many, rival_name, few, "of it", SLACK)]


def _best(binaries: Path, url: str, address: str, seconds: float) -> tuple[Rate, float]:
    """Return the best of some runs of each, taken in turns."""
    best, rival = Rate(0, 0, 0), 0.0
    for _ in range(ROUNDS):
        options = ["-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", str(PROCESSES), "-T", str(round(seconds))]
        said = pgbench(binaries, url, *options)
        found = re.search(r"tps = ([0-9.]+)", said)
        assert found, said
        rival = max(rival, float(found[1]))
        best = max(best, _pay(address, seconds), key=lambda rate: rate.per_second)
    return best, rival


@contextmanager
def _serving(url: str, folder: Path) -> Iterator[str]:
    """Run `k5 serve` with one network for partner; yield its address."""
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
    with serving(clean | house, "k5web", "serve", "--port", "{port}", "--processes", str(PROCESSES)) as (address, _):
        yield f"{address}/hooks/qiwi/bench"


def _pay(address: str, seconds: float) -> Rate:
    """Send new payments over keep-alive connections for so long; an answer that is not a success fails the run."""
    parts = urlsplit(address)
    run_id = 10**14 + secrets.randbelow(8 * 10**14)
    pauses: list[list[float]] = [[] for _ in range(CONNECTIONS)]
    troubles: list[BaseException] = []
    until = time.monotonic() + seconds

    def pay(line_no: int) -> None:
        dice = random.Random(line_no)
        try:
            with socket.create_connection((parts.hostname or "", parts.port or 80)) as line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while (began := time.monotonic()) < until:
                    key = f"{run_id}{line_no:02d}{len(pauses[line_no]):03d}"
                    line.sendall(_request(parts.path, parts.netloc, key, dice.randrange(OWNERS)))
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
