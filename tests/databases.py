"""Databases of either kind and real telephony for tests: what needs SQLAlchemy, a server or a switch."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from k5web.storage import schema, session
from k5web.storage.session import Sessions, open_sessions
from tests.postgres import HASTY, INSTALL, PostgresServer, find_binaries
from tests.postgres_pool import PostgresPool, template
from tests.processes import do_without
from tests.shared_work import share
from tests.telephony import real

share()

CROWDS_PATIENCE_S = 60


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """The owner's address of a PostgreSQL: the given one, else one of our own for this worker's session."""
    if given := os.environ.get("K5_TEST_DATABASE_URL"):
        yield given
        return
    with serving(HASTY) as server:
        yield server.url


@pytest.fixture(scope="session")
def migrated() -> Iterator[Path]:
    """The data of a migrated server that has ended: others begin with a copy."""
    with serving(HASTY) as server:
        schema.upgrade(server.url)
        server.end()
        yield server.folder / "data"


@pytest.fixture
def own_server(migrated: Path) -> Iterator[PostgresServer]:
    """A migrated server of this test alone, for tests that kill it or change its settings."""
    with serving(HASTY, like=migrated) as server:
        yield server


@pytest.fixture
def durable_server(migrated: Path) -> Iterator[PostgresServer]:
    """The same as careful with its disk as in earnest."""
    with serving({}, like=migrated) as server:
        yield server


@pytest.fixture(scope="module")
def pair(migrated: Path) -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """A migrated primary and its streaming standby, for the tests of one module."""
    with serving(HASTY, like=migrated) as primary, serving(HASTY, primary) as standby:
        yield primary, standby


@contextmanager
def serving(
    settings: Mapping[str, str],
    follows: PostgresServer | None = None,
    like: Path | None = None,
    log_part_mb: int = 16,
) -> Iterator[PostgresServer]:
    """Run a server of our own; where there are no programs for it, skip, or fail on the build machine."""
    binaries = find_binaries()
    if binaries is None:
        do_without(f"no PostgreSQL server programs here: {INSTALL}")
    server = PostgresServer(binaries, follows, like, log_part_mb, **settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def real_telephony() -> Iterator[real.Telephony]:
    """A real Asterisk with a town of phones, shared by all tests of a worker: leave both running."""
    real.require()
    with real.telephony() as both:
        yield both


@pytest.fixture
def own_telephony() -> Iterator[real.Telephony]:
    """The same for one test alone, which may kill it."""
    real.require()
    with real.telephony() as both:
        yield both


@pytest.fixture(scope="session")
def postgres_template(postgres_server_url: str) -> Iterator[str]:
    """The name of a migrated database that each test's own is copied from."""
    with template(postgres_server_url) as name:
        yield name


@pytest.fixture(scope="session")
def postgres_pool(postgres_server_url: str, postgres_template: str) -> Iterator[PostgresPool]:
    """The databases of this worker's tests, one after another."""
    pool = PostgresPool(postgres_server_url, postgres_template)
    yield pool
    pool.close()


@pytest.fixture
def postgres_url(postgres_pool: PostgresPool, patient_writers: None) -> Iterator[str]:
    """A migrated PostgreSQL database of this test alone."""
    with postgres_pool.lent() as url:
        yield url


@pytest.fixture
def kept_postgres_url(postgres_pool: PostgresPool, patient_writers: None) -> Iterator[str]:
    """The same where no test is about connections and no process outlives one: at half the cost."""
    with postgres_pool.kept() as url:
        yield url


@contextmanager
def postgres_base(server_url: str, template: str) -> Iterator[str]:
    """Copy the migrated database for a while, for whoever needs one longer than a test."""
    with PostgresPool(server_url, template).lent() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test's own is copied from."""
    path = tmp_path_factory.mktemp("template") / "k5.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def patient_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers at once wait long for SQLite's single place and for a connection: a busy machine puts nobody off."""
    monkeypatch.setattr(session, "SQLITE_BUSY_S", CROWDS_PATIENCE_S)
    monkeypatch.setattr(session, "POOL_TIMEOUT_S", CROWDS_PATIENCE_S)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path, patient_writers: None) -> str:
    """A migrated SQLite database of this test alone."""
    path = tmp_path / "k5.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test alone: each test that asks runs on both kinds."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    """Sessions on this test's database, closed afterwards."""
    opened = open_sessions(database_url, database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_sessions(sqlite_url: str) -> Iterator[Sessions]:
    """Sessions on SQLite alone, where what differs between the databases is held by other tests."""
    opened = open_sessions(sqlite_url, sqlite_url)
    yield opened
    opened.dispose()
