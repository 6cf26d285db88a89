"""A database that served one test serves the next as if it were new."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from k5web.storage import session
from k5web.storage.session import open_sessions
from tests.postgres_pool import PostgresPool, named, on_server

pytestmark = pytest.mark.postgres


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


@pytest.fixture
def pool(postgres_server_url: str, postgres_template: str) -> Iterator[PostgresPool]:
    pool = PostgresPool(postgres_server_url, postgres_template)
    yield pool
    pool.close()


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


class TestKept:
    """A database whose connections stay."""

    def test_a_connection_serves_the_next_test_as_if_it_were_new(self, pool: PostgresPool) -> None:
        with pool.kept() as url:
            sessions = open_sessions(url, url)
            with sessions.begin() as db:
                first = db.scalar(text("SELECT pg_backend_pid()"))
                db.execute(text("SET lock_timeout = '7s'; CREATE TEMP TABLE mine (a int); SELECT pg_advisory_lock(5)"))
                db.execute(text("INSERT INTO name_claim VALUES ('a', 'test', 100001, '')"))
            sessions.dispose()
        with pool.kept() as again, connect(again) as other:
            sessions = open_sessions(again, again)
            with sessions.begin() as db:
                assert db.scalar(text("SELECT pg_backend_pid()")) == first
                assert db.scalar(text("SELECT count(*) FROM name_claim")) == 0
                assert db.scalar(text("SELECT to_regclass('mine')")) is None
                assert db.scalar(text("SHOW lock_timeout")) == f"{session.LOCK_TIMEOUT_S}s"
                assert db.scalar(text("SHOW transaction_isolation")) == "read committed"
            assert other.execute("SELECT pg_try_advisory_lock(5)").fetchone() == (True,)
            sessions.dispose()

    def test_what_a_test_left_running_is_cut_off_and_connects_no_more(self, pool: PostgresPool) -> None:
        with pool.kept() as url:
            sessions = open_sessions(url, url)
            left = connect(url)
            left.execute("UPDATE house SET id = id")  # holds a lock
        with pool.kept():
            with pytest.raises(psycopg.OperationalError):
                left.execute("SELECT 1")
            with pytest.raises(OperationalError, match="this test is over"), sessions.begin() as db:
                db.execute(text("SELECT 1"))

    def test_a_connection_that_the_server_cut_off_serves_nobody(self, pool: PostgresPool) -> None:
        with pool.kept() as url, connect(url) as other:
            sessions = open_sessions(url, url)
            with sessions.begin() as db:
                first = db.scalar(text("SELECT pg_backend_pid()"))
            sessions.dispose()
            assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [first]).fetchone() == (True,)
            with sessions.begin() as db:
                assert db.scalar(text("SELECT pg_backend_pid()")) != first
            sessions.dispose()

    def test_a_database_with_another_shape_is_not_used_again(
        self, pool: PostgresPool, postgres_server_url: str
    ) -> None:
        with pool.kept() as url, connect(url) as db:
            db.execute("CREATE TABLE mine (a int)")
        assert make_url(url).database not in names(postgres_server_url)
        with pool.kept() as again:
            assert make_url(again).database != make_url(url).database
