"""A day's register of any size: bounded memory, progress told, every line confirmed."""

import resource
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.filling import fill, open_accounts
from k5web.domain.money import Money
from k5web.domain.payments.register import Finding, RegisterVerdict
from k5web.services.payments import reconciliation
from k5web.storage.session import open_sessions
from tests.conftest import Clock
from tests.services.net import Net

PAID_AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
MOST_KB = 48 * 1024  # above what was there before, however long the file is

pytestmark = pytest.mark.postgres


@pytest.fixture
def net(postgres_url: str) -> Iterator[Net]:
    """The house whose network sends registers, on the database that can be filled fast."""
    sessions = open_sessions(postgres_url, postgres_url)
    yield Net(sessions, Clock())
    sessions.dispose()


@pytest.mark.parametrize(
    "count", [10_000, pytest.param(1_000_000, marks=[pytest.mark.full, pytest.mark.timeout(1800)])]
)
def test_a_long_register_takes_no_more_memory_and_tells_its_progress(
    net: Net, postgres_url: str, tmp_path: Path, count: int
) -> None:
    open_accounts(net.ports)
    fill(postgres_url, count, net.connector.origin, PAID_AT)
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.writelines(f"t{n};{PAID_AT.isoformat()};{n};1.00\n" for n in range(count))
        file.write(f"total;{count};{Money(count * 100)}\n")
    told: list[tuple[str, int, int]] = []
    found: list[Finding] = []

    def progress(what: str, done: int, total: int) -> None:
        if not told or told[-1][0] != what or done == total or done - told[-1][1] > total // 100:
            told.append((what, done, total))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    summary = reconciliation.reconcile(net.ports, net.connector.origin, path, found.append, progress)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KB
    assert (summary.lines, summary.counts, found) == (count, {RegisterVerdict.CONFIRMED: count}, [])
    size = path.stat().st_size
    for what in ("reading", "comparing"):
        steps = [done for step, done, _ in told if step == what]
        assert steps == sorted(steps)
        assert (len(steps) > 10, steps[-1]) == (True, size)
