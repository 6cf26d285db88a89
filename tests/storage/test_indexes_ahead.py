"""New indexes of tables that stand are built while everybody writes. Promises: R22."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, text

from k5web.errors import DatabaseTrouble
from k5web.storage import schema
from tests.postgres_pool import named, on_server
from tests.processes import wait_for

pytestmark = pytest.mark.postgres
OLDER = "0070"


@pytest.fixture(scope="module")
def older(postgres_server_url: str) -> Iterator[str]:
    """The name of a database of an older version."""
    name = f"k5_older_{uuid4().hex[:8]}"
    on_server(postgres_server_url, f"CREATE DATABASE {name}")
    with schema.connected(named(postgres_server_url, name)) as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", schema.SCRIPTS)
        command.upgrade(config, OLDER)
    yield name
    on_server(postgres_server_url, f"DROP DATABASE {name}")


@pytest.fixture
def older_url(postgres_server_url: str, older: str) -> Iterator[str]:
    """The address of a copy of it."""
    name = f"{older}_{uuid4().hex[:4]}"
    on_server(postgres_server_url, f"CREATE DATABASE {name} TEMPLATE {older}")
    yield named(postgres_server_url, name)
    on_server(postgres_server_url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def said() -> Iterator[list[str]]:
    """Hear every statement of every connection."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        heard.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", hear)
    yield heard
    event.remove(Engine, "before_cursor_execute", hear)


def in_transactions(url: str) -> int:
    """Return how many installers lie in a transaction in which they asked for their lock."""
    with schema.connected(url, readonly=True) as connection:
        asked = "query LIKE '%pg_try_advisory_xact_lock%' AND state = 'idle in transaction'"
        return int(connection.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {asked}")) or 0)


def tables(url: str) -> set[str]:
    with schema.connected(url, readonly=True) as connection:
        return {str(name) for (name,) in connection.execute(text("SELECT tablename FROM pg_tables"))}


def test_no_index_of_a_table_that_stands_is_built_in_the_transaction(older_url: str) -> None:
    there = tables(older_url)
    told: list[str] = []
    with said() as heard:
        schema.upgrade(older_url, told.append)
    built = [each for each in heard if each.startswith("CREATE INDEX")]
    ahead = [each for each in built if "CONCURRENTLY" in each]
    names = {each.split()[3] for each in ahead}
    assert names == {words.split()[3] for words in told} >= {"ix_call_typed", "ix_call_live", "ix_notice_at"}
    assert not {each.partition(" ON ")[2].split()[0] for each in built if each not in ahead} & there
    assert schema.check(older_url) == []


def test_one_whose_building_was_cut_is_built_anew_and_a_lost_one_comes_back(older_url: str) -> None:
    on_server(older_url, "CREATE INDEX ix_call_live ON call (owner_id)")
    on_server(older_url, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_call_live'::regclass")
    schema.upgrade(older_url)
    assert schema.check(older_url) == []
    on_server(older_url, "DROP INDEX ix_call_live")
    schema.upgrade(older_url)
    assert schema.check(older_url) == []


def test_an_index_waits_for_an_older_transaction_and_nobody_for_the_index(older_url: str) -> None:
    """As for that of pg_dump. What is built is not thrown away."""
    engine = create_engine(older_url)
    told: list[str] = []
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    with ThreadPoolExecutor(1) as pool, engine.connect() as older, autocommit.connect() as other:
        older.execute(text("LOCK TABLE call IN ROW EXCLUSIVE MODE"))
        upgraded = pool.submit(schema.upgrade, older_url, told.append)
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        wait_for(lambda: other.scalar(text(waits)), "the index waits for the older transaction")
        other.exec_driver_sql("BEGIN; LOCK TABLE call IN ROW EXCLUSIVE MODE NOWAIT; ROLLBACK")
        older.rollback()
        upgraded.result()
    engine.dispose()
    assert told[0].startswith("building the index ")
    assert schema.check(older_url) == []


def test_a_second_installer_waits_for_the_first(older_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "ALONE_PAUSE_S", 0.01)
    second: list[Future[None]] = []
    heard: list[str] = []

    def come(_words: str) -> None:
        if not second:
            second.append(pool.submit(schema.upgrade, older_url, heard.append))
            wait_for(lambda: heard, "the second is told")
            # One index was waited for until the transaction of the second ended, which waited for the first
            wait_for(lambda: in_transactions(older_url) == 1, "only the first is in a transaction")

    with ThreadPoolExecutor(1) as pool:
        schema.upgrade(older_url, come)
    second[0].result()
    assert heard == ["another k5 db upgrade is at work: waiting for it"]
    assert schema.check(older_url) == []


def test_who_waits_too_long_for_another_installer_is_told_so(older_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "ALONE_S", 0.0)
    engine = create_engine(older_url)
    with engine.connect() as first:
        assert first.scalar(schema._ALONE)
        with pytest.raises(DatabaseTrouble, match="another k5 db upgrade is at work, for an hour"):
            schema.upgrade(older_url)
    engine.dispose()


def test_each_version_between_is_a_transaction_of_its_own(older_url: str) -> None:
    """So no table is kept from others until the last of them is there; each waits for a table but shortly."""
    with said() as heard:
        schema.upgrade(older_url)
    steps = [each for each in heard if each.startswith(("SET LOCAL lock_timeout", "UPDATE alembic_version"))]
    versions = [place for place, each in enumerate(steps) if each.startswith("UPDATE")]
    assert len(versions) > 10
    assert all(steps[place - 1].startswith("SET LOCAL") for place in versions)
