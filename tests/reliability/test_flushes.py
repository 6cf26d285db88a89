"""Whoever is told that a payment is in can pull the plug: before each acknowledgement the log was flushed to the disk.

Trial: R13. The calls of K5 and of the database's processes are traced; no disk is tried that lies about a flush.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import app
from k5web.storage.books import ledger
from tests.postgres import PostgresServer
from tests.processes import ROOT, Processes, do_without, wait_for
from tests.proofs import figure, progress

pytestmark = [pytest.mark.full, pytest.mark.server, pytest.mark.strace, pytest.mark.timeout(7200)]

OWNER = 900_001
COMMITS = 1000
FLUSH = re.compile(r"(?:fdatasync|fsync)\(\d+<([^>]*)>")
BROKEN_OFF = re.compile(r"^(\d+) +(?:fdatasync|fsync)\(\d+<([^>]*)> <unfinished")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (?:fdatasync|fsync) resumed>\) += 0")
ACKNOWLEDGED = re.compile(r'write\(\d+<[^>]*/acknowledged>, "(p\d+)\\n"')


def test_sqlite_has_flushed_before_a_payment_is_acknowledged(sqlite_url: str, tmp_path: Path) -> None:
    flushed_first(Processes(sqlite_url, tmp_path), [], "k5.db-wal")


@pytest.mark.postgres
def test_postgresql_has_flushed_before_a_payment_is_acknowledged(
    durable_server: PostgresServer, tmp_path: Path
) -> None:
    flushed_first(Processes(durable_server.url, tmp_path), [durable_server.pid], "/pg_wal/")


def flushed_first(processes: Processes, others: list[int], log: str) -> None:
    """Credit one payment after another; between two acknowledgements there is a flush of the log that succeeded."""
    ports = app.open_ports(processes.settings)
    with ports.sessions.begin() as db:
        ledger.open_account(db, OWNER, "main", "RUB")
    ports.sessions.dispose()
    trace, acknowledged = processes.var / "trace", processes.var / "acknowledged"
    with payer(processes, acknowledged) as process, traced(trace, [process.pid, *others]):
        assert process.stdin is not None
        for n in range(COMMITS):
            process.stdin.write(f"p{n} {OWNER} {n + 1}\n".encode())
            process.stdin.flush()
            is_told = lambda n=n: f"p{n}\n" in acknowledged.read_text("ascii")[-10:]  # noqa: E731
            wait_for(is_told, f"payment {n} is acknowledged", look_every_s=0.001)
            progress(n, COMMITS, "payments")
    told = list(events(trace.read_text("utf-8"), log))
    acks = [each for each in told if each != "flush"]
    assert acks == [f"p{n}" for n in range(COMMITS)]
    early = [ack for before, ack in zip(["", *told], told, strict=False) if ack != "flush" and before != "flush"]
    assert early == [], "acknowledged before the log was on the disk"
    figure(f"R13: {COMMITS} payments, {told.count('flush')} flushes of the log: one at least before each answer")


@contextmanager
def payer(processes: Processes, acknowledged: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the process that credits what it is told."""
    acknowledged.touch()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("K5_")} | processes.environ
    command = [sys.executable, "-m", "tests.reliability.payer", str(acknowledged)]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def traced(trace: Path, pids: list[int]) -> Iterator[None]:
    """Write down each write and flush of these processes and of those that they start, in one order."""
    program = shutil.which("strace")
    if program is None:
        do_without("no strace here: apt-get install strace")
    which = [part for pid in pids for part in ("-p", str(pid))]
    command = [program, "-f", "-y", "-e", "trace=write,fsync,fdatasync", "-o", str(trace), *which]
    log = trace.with_suffix(".log")
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stderr=errors)
    try:
        wait_for(lambda: log.read_text().count("attached") >= len(pids), "the processes are traced")
        yield
    finally:
        process.terminate()
        process.wait()


def events(trace: str, log: str) -> Iterator[str]:
    """Yield `flush` for each flush of the log that succeeded, and each payment as it is acknowledged."""
    begun: dict[str, str] = {}
    for line in trace.splitlines():
        if found := ACKNOWLEDGED.search(line):
            yield found[1]
        elif found := BROKEN_OFF.match(line):
            begun[found[1]] = found[2]
        elif found := RESUMED.match(line):
            if log in begun.pop(found[1], ""):
                yield "flush"
        elif (found := FLUSH.search(line)) and log in found[1] and line.endswith("= 0"):
            yield "flush"
