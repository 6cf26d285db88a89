"""Our own trouble is "later", never "no"; a doubtful COMMIT is never success. Promises: W4, W5, C9, C10."""

import ast
import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

import k5web.storage
from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.errors import DatabaseSlow, NotFound, Unavailable
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage import session
from k5web.storage.books import ledger
from k5web.storage.session import OutcomeUnknown, Sessions, after_commit, open_sessions, transactional
from k5web.storage.wakeups import Wakeups
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.postgres import PostgresServer
from tests.processes import PATIENCE_S, wait_for
from tests.shared_work import AS_K5_CONNECTS
from tests.storage.reads import NEEDS_A_ROW, OWNER, READS, WRITES

NAME = EventName("qiwi:test", "1")


def house(sessions: Sessions) -> Ports:
    """A ledger with one account."""
    clock = Clock()
    with sessions.begin() as db:
        ledger.open_account(db, OWNER, "main", "RUB")
    return open_doors(sessions, clock)


def pay(ports: Ports) -> bool:
    return credit(ports, OWNER, NAME, rub("1.00"), "cash.test", "test", ports.clock()).is_new


@pytest.mark.parametrize("name", READS)
def test_what_reads_works_where_nothing_can_be_written(sessions: Sessions, name: str) -> None:
    house(sessions)
    with sessions.read() as db, contextlib.suppress(NotFound):
        READS[name](db)


def test_every_function_of_storage_is_said_to_read_or_to_write() -> None:
    room = Path(k5web.storage.__path__[0])
    found = {
        f"{path.stem}.{node.name}"
        for path in {*room.rglob("*.py")} - {*room.glob("migrations/**/*.py")}
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "db"
    }
    assert {name for name in found if not name.partition(".")[2].startswith("_")} == READS.keys() | WRITES | NEEDS_A_ROW


def test_a_reading_session_cannot_write(sessions: Sessions) -> None:
    with pytest.raises((DBAPIError, Unavailable)), sessions.read() as db:
        db.execute(text("UPDATE allocator SET next_id = next_id + 1"))
    with sessions.begin() as db:
        assert db.scalar(text("SELECT next_id FROM allocator WHERE kind = 'account'")) == 1


@pytest.mark.parametrize("door", ["begin", "read"])
def test_k5_itself_waits_until_the_disk_has_it(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, door: str) -> None:
    """The other tests' SQLite waits for no disk (`tests/shared_work.py`)."""
    monkeypatch.setattr(session, "_on_sqlite_connect", AS_K5_CONNECTS)
    sessions = open_sessions(sqlite_url, sqlite_url)
    with getattr(sessions, door)() as db:
        assert db.scalar(text("PRAGMA synchronous")) == 2  # FULL
    sessions.dispose()


def test_an_error_of_the_base_does_not_tell_what_was_asked(sessions: Sessions) -> None:
    """S28: such errors go into logs whole, and what is asked is people's numbers."""
    for door in (sessions.read, sessions.begin):
        with pytest.raises((DBAPIError, Unavailable)) as caught, door() as db:
            db.execute(text("SELECT * FROM nowhere WHERE phone = :phone"), {"phone": "79161234567"})
        assert "79161234567" not in f"{caught.value} {caught.value.__cause__}"


def test_a_column_that_is_not_there_is_no_trouble_that_passes(sessions: Sessions) -> None:
    with pytest.raises(DBAPIError, match="nothing_such"), sessions.read() as db:
        db.execute(text("SELECT nothing_such FROM account"))


def test_an_error_leaves_nothing_behind(sessions: Sessions) -> None:
    def fail() -> None:
        with sessions.begin() as db:
            ledger.open_account(db, OWNER, "main", "RUB")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    house(sessions)  # the same account again would break its unique key


@pytest.fixture
def hurried(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sessions]:
    """Sessions whose patience is a second or less, over one connection."""
    monkeypatch.setattr(session, "SQLITE_BUSY_S", 0.05)
    monkeypatch.setattr(session, "LOCK_TIMEOUT_S", 1)
    monkeypatch.setattr(session, "POOL_TIMEOUT_S", 0.05)
    opened = open_sessions(database_url, database_url, pool_size=1)
    yield opened
    opened.dispose()


def test_a_lock_that_does_not_go_away_is_later(hurried: Sessions) -> None:
    ports = house(hurried)
    with hurried.begin() as db:
        ledger.lock_purse(db, OWNER)
        with pytest.raises(Unavailable):
            pay(ports)
    assert pay(ports)


def test_a_transaction_without_time_left_begins_no_further_statement(sessions: Sessions) -> None:
    """What it did is undone, and the next one is as ever."""
    ports = house(sessions)

    def count_on() -> None:
        with sessions.begin(until=time.monotonic() + 0.2) as db:
            while True:
                db.execute(text("UPDATE allocator SET next_id = next_id + 1"))

    with pytest.raises(DatabaseSlow):
        count_on()
    with sessions.begin(until=time.monotonic() + PATIENCE_S) as db:
        assert db.scalar(text("SELECT next_id FROM allocator WHERE kind = 'account'")) == 2
    assert pay(ports)


def test_a_full_pool_is_later(hurried: Sessions) -> None:
    ports = house(hurried)
    with hurried.write.connect(), hurried.write.connect(), pytest.raises(Unavailable):
        pay(ports)
    assert pay(ports)


def test_a_base_that_is_not_there_is_later(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('gone')}/no/k5.db"
    clock = Clock()
    sessions = open_sessions(url, url)
    with pytest.raises(Unavailable):
        pay(open_doors(sessions, clock))
    sessions.dispose()


@pytest.mark.parametrize(("sqlstate", "tries"), [("40001", 5), ("40P01", 5), ("55P03", 1), ("57014", 1)])
def test_only_what_the_base_threw_back_is_tried_again_and_five_times_at_most(sqlstate: str, tries: int) -> None:
    class Thrown(Exception):
        pass

    Thrown.sqlstate = sqlstate  # type: ignore[attr-defined]
    count = 0

    @transactional
    def use_case() -> None:
        nonlocal count
        count += 1
        raise OperationalError("", None, Thrown())

    with pytest.raises(Unavailable):
        use_case()
    assert count == tries


@pytest.mark.postgres
def test_a_connection_lost_before_commit_is_healed_by_repeating(postgres_url: str) -> None:
    sessions = open_sessions(postgres_url, postgres_url)
    ports = house(sessions)
    with psycopg.connect(_plain(postgres_url), autocommit=True) as other:
        ended = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        ).fetchall()
    assert ended == [(True,)]
    assert pay(ports)
    sessions.dispose()


@pytest.mark.postgres
def test_a_server_that_falls_silent_is_found_out_in_seconds(postgres_url: str) -> None:
    """R11: who waits for an answer has nothing to send: without probes a dead machine is believed for hours."""
    sessions = open_sessions(postgres_url, postgres_url)
    with sessions.begin() as db, Wakeups(sessions) as ear:
        for connection in (db.connection().connection.driver_connection, ear._listener):
            assert connection is not None
            with socket.socket(fileno=os.dup(connection.fileno())) as line:
                names = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
                idle_s, every_s, times = (line.getsockopt(socket.IPPROTO_TCP, name) for name in names)
            assert 0 < idle_s + every_s * times <= 10
    sessions.dispose()


@pytest.mark.postgres
def test_a_commit_whose_wait_for_the_standby_was_cancelled_is_not_success(own_server: PostgresServer) -> None:
    """W5: PostgreSQL answers such a COMMIT with success and a mere warning."""
    url = own_server.url
    sessions = open_sessions(url, url)
    ports = house(sessions)
    with psycopg.connect(_plain(url), autocommit=True) as other:
        other.execute("ALTER SYSTEM SET synchronous_standby_names = 'a_standby_that_does_not_exist'")
        other.execute("SELECT pg_reload_conf()")
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        answers: list[str] = []

        def deliver() -> None:
            try:
                answers.append(f"success {pay(ports)}")
            except Unavailable as later:
                answers.append(type(later.__cause__).__name__)

        provider = threading.Thread(target=deliver)
        provider.start()
        wait_for(lambda: other.execute(waiting).fetchone(), "the commit waits for its standby")
        [row] = other.execute(waiting).fetchall()
        assert other.execute("SELECT pg_cancel_backend(%s)", row).fetchone() == (True,)
        provider.join()
    sessions.dispose()
    assert answers == [OutcomeUnknown.__name__]


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def test_what_follows_a_commit_does_not_follow_what_is_taken_back(sessions: Sessions) -> None:
    done: list[str] = []
    with sessions.begin() as db:
        after_commit(db, lambda: done.append("first"))
        trial = db.begin_nested()
        after_commit(db, lambda: done.append("tried"))
        with db.begin_nested():
            after_commit(db, lambda: done.append("tried within"))
        trial.rollback()
        with db.begin_nested():
            after_commit(db, lambda: done.append("kept"))
        assert done == []
    assert done == ["first", "kept"]

    def fails() -> None:
        with sessions.begin() as db:
            after_commit(db, lambda: done.append("never"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert done == ["first", "kept"]
