"""What every room's tests stand on: a clock that is told, no network. Databases come with tests that may need them."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from pytest_socket import enable_socket, socket_allow_hosts

hypothesis.settings.register_profile("k5", deadline=None)  # a busy machine is no fault of an example
hypothesis.settings.load_profile("k5")

DOMAIN = Path(__file__).parent / "domain"
LONGEST_NAME = 100  # characters of one part
MAY_CONNECT = {
    "postgres",
    "browser",
    "server",
    "asterisk",
    "nginx",
    "kannel",
    "citus",
}  # marks of tests with real parts: loopback only

MACHINES = "198.18.0.0/15"  # where the machines stand that tests/machines.py makes; no real address


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Bring `--only`, the watch over the end of each test, and how the test processes share the work."""
    pluginmanager.import_plugin("tests.proofs")
    pluginmanager.import_plugin("tests.hanging")
    if pluginmanager.hasplugin("xdist"):
        pluginmanager.import_plugin("tests.sharing")


def pytest_make_collect_report(collector: pytest.Collector) -> None:
    """Bring the databases' fixtures with the first file that may ask for them: a test of the domain starts without."""
    if isinstance(collector, pytest.Module) and DOMAIN not in collector.path.parents:
        collector.config.pluginmanager.import_plugin("tests.databases")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test of a long text by its length: each name goes from process to process, and one was of 8 MB."""
    return f"{argname} of {len(val)}" if isinstance(val, str | bytes) and len(val) > LONGEST_NAME else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """No test opens a socket unless its mark says that it talks to something real on this machine."""
    may_connect = MAY_CONNECT & {mark.name for mark in item.iter_markers()}
    enable_socket()
    hosts = ["127.0.0.1", "::1", "localhost"] if may_connect else []
    if item.get_closest_marker("patroni"):
        hosts.append(MACHINES)
    socket_allow_hosts(hosts, allow_unix_socket=True)


class Clock:
    """Now, as a test says it. Units: UTC."""

    def __init__(self, now: datetime = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        """Move on by `hours=1`, `seconds=0.5` …; less than nothing turns it back."""
        self.now += timedelta(**parts)


@pytest.fixture(autouse=True)
def every_line_of_ours_is_heard() -> Iterator[None]:
    """A command that ran in this process set how much is logged: the next test hears all of it again."""
    yield
    logging.getLogger("k5web").setLevel(logging.NOTSET)


@pytest.fixture
def clock() -> Clock:
    """A clock standing at noon in Moscow, 1 December 2026."""
    return Clock()
