"""Each trouble of the database is its own sentence with its cure; the log has the driver's words once, no password."""

import logging
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from k5web.errors import DatabaseTrouble, Unavailable
from k5web.storage import schema, trouble
from k5web.storage.session import is_up, open_sessions

AWAY = "the database does not answer now: try the same again in a minute"
FATAL = 'connection failed: connection to server at "10.0.0.7", port 5432 failed: '
SAID = {
    f'{FATAL}FATAL:  password authentication failed for user "k5_run"': "password",
    f'{FATAL}FATAL:  database "k6" does not exist': "no_database",
    f"{FATAL}Connection refused\n\tIs the server running on that host?": "no_server",
    "failed to resolve host 'db': [Errno -2] Name or service not known": "no_host",
    f'{FATAL}FATAL:  permission denied to set role "k5_app"': "role",
    f'{FATAL}FATAL:  role "k5_app" does not exist': "no_role",
    f'{FATAL}FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "k5_run", no encryption': "not_let_in",
    f"{FATAL}server does not support SSL, but SSL was required": "encryption",
    f"{FATAL}SSL error: certificate verify failed": "encryption",
    f"{FATAL}FATAL:  sorry, too many clients already": "connections",
    f"{FATAL}FATAL:  unsupported startup parameter: options": "option",
    f"{FATAL}FATAL:  the database system is starting up": "starting",
    f"{FATAL}session is read-only": "standby",
    "connection timeout expired": "no_server",
    "consuming input failed: server closed the connection unexpectedly": None,
    "consuming input failed: SSL connection has been closed unexpectedly": None,
    "consuming input failed: SSL SYSCALL error: EOF detected": None,
    "consuming input failed: SSL error: unexpected eof while reading": None,
}
BY_CODE: list[tuple[type[psycopg.Error], str]] = [
    (psycopg.errors.InsufficientPrivilege, "grant"),
    (psycopg.errors.DiskFull, "full"),
    (psycopg.errors.QueryCanceled, "long"),
    (psycopg.errors.LockNotAvailable, "lock"),
    (psycopg.errors.TooManyConnections, "connections"),
    (psycopg.errors.ReadOnlySqlTransaction, "standby"),
    (psycopg.errors.AdminShutdown, "starting"),
]


@pytest.mark.parametrize("said", SAID)
def test_what_the_driver_says_before_a_connection_stands_is_understood(said: str) -> None:
    assert trouble.kind_of(OperationalError("SELECT 1", {}, psycopg.OperationalError(said))) == SAID[said]


@pytest.mark.parametrize(("error", "kind"), BY_CODE)
def test_a_servers_code_says_the_trouble_in_any_language(error: type[psycopg.Error], kind: str) -> None:
    assert trouble.kind_of(OperationalError("SELECT 1", {}, error("ОШИБКА"))) == kind


def test_no_words_send_anybody_to_wait_for_what_does_not_pass() -> None:
    waits = {kind for kind, (_, cure) in trouble.WORDS.items() if "minute" in cure}
    assert waits == {"lock", "no_server", "starting"}
    assert {*SAID.values(), *(kind for _, kind in BY_CODE), "damaged", "file", None} == {
        *trouble.WORDS,
        "no_role",
        None,
    }


def test_the_log_has_the_drivers_first_line_once_and_no_password(caplog: pytest.LogCaptureFixture) -> None:
    said = 'wrong "postgresql://k5_run:hunter2@db/k5", password=hunter2\nand more'
    with caplog.at_level(logging.WARNING):
        assert type(trouble.explained(OperationalError("SELECT 1", {}, psycopg.OperationalError(said)))) is Unavailable
    [line] = caplog.records
    assert vars(line)["reason"] == 'wrong "postgresql://k5_run:***@db/k5", password=***'


def test_sqlites_own_troubles_are_told(tmp_path: Path) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert trouble.kind_of(OperationalError("INSERT", {}, full)) == "full"
    (tmp_path / "k5.db").mkdir()
    with pytest.raises(DatabaseTrouble, match="file cannot be used: give it and its folder"):
        schema.upgrade(f"sqlite:///{tmp_path}/k5.db")


def test_a_damaged_file_is_told_wherever_it_is_met(tmp_path: Path) -> None:
    file = tmp_path / "k5.db"
    with sqlite3.connect(file) as made:
        made.executescript("PRAGMA page_size=512; PRAGMA journal_mode=WAL; CREATE TABLE trial (text); ")
        made.executemany("INSERT INTO trial VALUES (?)", [("x" * 400,)] * 50)
    made.close()
    whole = file.read_bytes()
    file.write_bytes(whole[:512] + bytes(len(whole) - 512))
    sessions = open_sessions(f"sqlite:///{file}", f"sqlite:///{file}")
    with pytest.raises(DatabaseTrouble, match="restore the last backup"), sessions.read() as db:
        db.connection().exec_driver_sql("SELECT count(*) FROM trial WHERE text > 'a'").all()


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"database": "k6"}, "no database of this name"),
        ({"port": 1}, "no database server answers"),
        ({"host": "no-such-host.invalid"}, "nobody knows the database server's name"),
        ({"query": {"sslmode": "require"}}, "do not agree about encryption"),
        ({"username": "k5_stranger"}, "refuses the login or its password"),
    ],
)
def test_a_real_server_is_understood(
    postgres_url: str, change: dict[str, object], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = make_url(postgres_url).set(**change).render_as_string(hide_password=False)  # type: ignore[arg-type]
    with pytest.raises(DatabaseTrouble, match=words):
        schema.is_current(url)
    assert not is_up(open_sessions(url, url))
    assert len([line for line in caplog.records if line.message == "database trouble"]) == 2


@pytest.mark.postgres
def test_a_login_without_its_role_and_one_without_tables_is_told_its_grant(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS k5_trial")
        owner.execute("CREATE ROLE k5_trial LOGIN")
    url = make_url(postgres_url).set(username="k5_trial").render_as_string(hide_password=False)
    sessions = open_sessions(url, url)
    with pytest.raises(DatabaseTrouble, match="GRANT k5_app TO that login"), sessions.read() as db:
        db.connection()
    owners = pytest.raises(DatabaseTrouble, match="k5 db upgrade runs as the owner of the tables")
    with owners, schema.connected(url) as connection:
        connection.exec_driver_sql("CREATE TABLE trial (n int)")
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("DROP ROLE k5_trial")


def test_a_statement_of_ours_that_is_wrong_stays_a_bug() -> None:
    wrong = ProgrammingError("SELECT nothing", {}, psycopg.errors.UndefinedColumn("no such column"))
    assert trouble.kind_of(wrong) is None
    assert not trouble.is_for_operator(wrong)
