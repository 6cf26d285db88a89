"""A PostgreSQL of a benchmark's own, as careful with its disk as in earnest, and pgbench's TPC-B on it for rival."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from app import open_ports
from k5web.config.settings import Settings
from k5web.services.ports import Ports
from k5web.storage import schema
from tests.postgres import PostgresServer, find_binaries

RIVAL = "pgbench TPC-B transactions"
SCALE = 50


@dataclass(frozen=True, slots=True)
class Pgbench:
    """A database with K5's tables and those of pgbench."""

    url: str
    binaries: Path

    def per_second(self, connections: int, seconds: float) -> float:
        """Return the transactions a second of one run through so many connections."""
        said = self.run("-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", str(round(seconds)))
        found = re.search(r"tps = ([0-9.]+)", said)
        assert found, said
        return float(found[1])

    def run(self, *options: str) -> str:
        """Run pgbench and return what it says."""
        server = make_url(self.url)
        where = ["-h", server.host or "", "-p", str(server.port), "-U", server.username or "", server.database or ""]
        command = [str(self.binaries / "pgbench"), *options, *where]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def durable() -> Iterator[Pgbench | None]:
    """Start a server with both; None where PostgreSQL is not installed."""
    binaries = find_binaries()
    if binaries is None:
        yield None
        return
    server = PostgresServer(binaries, shared_buffers="128MB")  # the default, and everything that makes it durable
    try:
        server.start()
        rival = Pgbench(server.url, binaries)
        rival.run("-i", "-q", "-s", str(SCALE))
        schema.upgrade(server.url)
        yield rival
    finally:
        server.stop()


def open_on(url: str) -> Ports:
    """Open K5 on a database for as long as the process lives."""
    return open_ports(Settings.from_env({"K5_DATABASE_URL": url, "K5_SECRET_KEY": "bench" * 10}))


@contextmanager
def house_on(url: str) -> Iterator[Ports]:
    """Open K5 on a database for a while."""
    ports = open_on(url)
    try:
        yield ports
    finally:
        ports.sessions.dispose()
