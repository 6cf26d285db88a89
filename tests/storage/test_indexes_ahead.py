"""New indexes of tables that stand are built while everybody writes. Promises: R22."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, text

from k5web.errors import DatabaseTrouble
from k5web.storage import indexes_ahead, schema
from tests.postgres_pool import named, on_server

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
    assert {each.split()[3] for each in ahead} == set(told) >= {"ix_call_typed", "ix_call_live", "ix_notice_at"}
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


def test_it_waits_for_an_older_transaction_and_says_so(older_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of pg_dump: nobody waits behind it meanwhile, and nothing half built stays."""
    monkeypatch.setattr(indexes_ahead, "WAIT_MS", 50)
    monkeypatch.setattr(schema, "UPGRADE_TRIES", 2)
    monkeypatch.setattr(schema, "UPGRADE_PAUSE_S", (0.0, 0.0))
    engine = create_engine(older_url)
    with engine.connect() as holder:
        holder.execute(text("SELECT count(*) FROM call"))
        holder.execute(text("LOCK TABLE call IN ROW EXCLUSIVE MODE"))
        with pytest.raises(DatabaseTrouble, match=r"somebody holds the tables .+ goes on from where it is"):
            schema.upgrade(older_url)
    engine.dispose()
    schema.upgrade(older_url)
    assert schema.check(older_url) == []


def test_two_installers_at_once_are_told_apart(older_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "UPGRADE_TRIES", 1)
    refused: list[str] = []

    def come(_index: str) -> None:
        if not refused:
            with pytest.raises(DatabaseTrouble) as second:
                schema.upgrade(older_url)
            refused.append(str(second.value))

    schema.upgrade(older_url, come)
    assert "somebody holds the tables" in refused[0]
    assert schema.check(older_url) == []


def test_each_version_between_is_a_transaction_of_its_own(older_url: str) -> None:
    """So no table is kept from others until the last of them is there; each waits for a table but shortly."""
    with said() as heard:
        schema.upgrade(older_url)
    steps = [each for each in heard if each.startswith(("SET LOCAL lock_timeout", "UPDATE alembic_version"))]
    versions = [place for place, each in enumerate(steps) if each.startswith("UPDATE")]
    assert len(versions) > 10
    assert all(steps[place - 1].startswith("SET LOCAL") for place in versions)
