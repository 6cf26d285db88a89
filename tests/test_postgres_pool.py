"""A database that served one test serves the next as if it were new."""

import psycopg
import pytest
from sqlalchemy import make_url

from tests.postgres_pool import PostgresPool, named, on_server

pytestmark = pytest.mark.postgres


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


@pytest.fixture
def pool(postgres_server_url: str, postgres_template: str) -> PostgresPool:
    return PostgresPool(postgres_server_url, postgres_template)


def names(server_url: str) -> set[str]:
    with connect(server_url) as db:
        return {row[0] for row in db.execute("SELECT datname FROM pg_database")}


def test_what_a_test_wrote_is_gone_and_what_the_migrations_wrote_is_there(pool: PostgresPool) -> None:
    with pool.lent() as url, connect(url) as db:
        before = db.execute("SELECT * FROM house").fetchall()
        assert len(before) == 1
        db.execute("INSERT INTO name_claim VALUES ('a', 'test', 100001, '')")  # guarded: only appended
        db.execute("SELECT nextval('deck_id_seq')")
        db.execute("DELETE FROM house")
    with pool.lent() as url, connect(url) as db:
        assert db.execute("SELECT count(*) FROM name_claim").fetchone() == (0,)
        assert db.execute("SELECT nextval('deck_id_seq')").fetchone() == (1,)
        assert db.execute("SELECT * FROM house").fetchall() == before


def test_what_the_server_learnt_of_a_tests_rows_is_forgotten_and_it_learns_nothing_by_itself(
    pool: PostgresPool,
) -> None:
    learnt = "SELECT count(*) FROM pg_statistic WHERE starelid = 'name_claim'::regclass"
    with pool.lent() as url, connect(url) as db:
        db.execute("INSERT INTO name_claim VALUES ('a', 'test', 100001, '')")
        db.execute("ANALYZE name_claim")
        assert db.execute(learnt).fetchone() != (0,)
    with pool.lent() as url, connect(url) as db:
        assert db.execute(learnt).fetchone() == (0,)
        watched = "SELECT relname FROM pg_class JOIN pg_tables ON tablename = relname WHERE schemaname = 'public'"
        assert (
            db.execute(f"{watched} AND 'autovacuum_enabled=off' <> ALL(coalesce(reloptions, '{{}}'))").fetchall() == []
        )


def test_it_is_the_same_database_under_another_name(pool: PostgresPool, postgres_server_url: str) -> None:
    with pool.lent() as first:
        known = names(postgres_server_url)
    with pool.lent() as second:
        now = names(postgres_server_url)
    assert first != second
    assert len(known) == len(now)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(first)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE mine (a int)",
        "ALTER TABLE house ADD COLUMN mine int",
        "ALTER TABLE name_claim DISABLE TRIGGER ALL",
        "DROP INDEX ix_outbox_todo",
        "ALTER TABLE house DROP CONSTRAINT {check}",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "GRANT SELECT ON house TO PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    ],
)
def test_a_database_with_another_shape_is_not_used_again(
    pool: PostgresPool, postgres_server_url: str, change: str
) -> None:
    with pool.lent() as url, connect(url) as db:
        check = "SELECT conname FROM pg_constraint WHERE conrelid = 'house'::regclass"
        [name] = db.execute(check).fetchone() or [None]
        db.execute(change.format(check=name))
    assert make_url(url).database not in names(postgres_server_url)


def test_a_setting_of_the_database_ends_it(pool: PostgresPool, postgres_server_url: str) -> None:
    with pool.lent() as url:
        on_server(url, f"ALTER DATABASE {make_url(url).database} SET lock_timeout = '1s'")
    assert make_url(url).database not in names(postgres_server_url)


def test_who_is_still_connected_is_cut_off_and_finds_the_database_no_more(pool: PostgresPool) -> None:
    with pool.lent() as url:
        left = connect(url)
        left.execute("UPDATE house SET id = id")  # holds a lock
    with pool.lent(), pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")


def test_a_database_that_a_test_took_away_does_not_hurt_the_next(pool: PostgresPool, postgres_server_url: str) -> None:
    with pool.lent() as url:
        on_server(postgres_server_url, f"DROP DATABASE {make_url(url).database}")
        on_server(postgres_server_url, f"CREATE DATABASE {make_url(url).database}")
    with pool.lent() as url, connect(named(postgres_server_url, str(make_url(url).database))) as db:
        assert db.execute("SELECT count(*) FROM house").fetchone() == (1,)


def test_what_a_test_left_running_holds_nobody_up(pool: PostgresPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.postgres_pool.LONGEST_LOCK", "10ms")
    monkeypatch.setattr("tests.postgres_pool._ALONE", "SELECT 1")  # as if it had come back at once
    with pool.lent() as url:
        left = connect(url)
        left.execute("LOCK TABLE name_claim")
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
