"""Engines and sessions: the doors to the database, the rules of docs/ledger.md set on each, honest outcomes."""

import functools
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.orm import Session, SessionTransaction
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from k5web.errors import DatabaseSlow, NoDatabase, Unavailable, WrongSetting
from k5web.storage import trouble
from k5web.storage.standby import Standby

if TYPE_CHECKING:  # a house on SQLite does without PostgreSQL's driver
    from psycopg import Connection
    from psycopg.errors import Diagnostic

P = ParamSpec("P")
T = TypeVar("T")

APP_ROLE = "k5_app"  # may insert and select, may not rewrite history; migrations create it
ATTEMPTS = 5
CONNECT_TIMEOUT_S = 3
# A server whose machine lost power says nothing. Who waits for its answer has sent all, so only the probes of an idle
# connection find out: by libpq's own default after two hours
PATIENCE: Final = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "tcp_user_timeout": 5000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
LOCK_TIMEOUT_S, STATEMENT_TIMEOUT_S, IDLE_TIMEOUT_S = 3, 10, 15
SQLITE_BUSY_S = LOCK_TIMEOUT_S  # waits for another writer as long as PostgreSQL does
POOL_SIZE = 8
POOL_TIMEOUT_S = 5
STANDBY_LAG_S = 10
ASK_AGAIN_S = 2.0  # so long the answer of the gate holds, for one connection
UNKNOWN_COMMIT = "01000"  # a cancelled wait for the standby: not success (docs/ledger.md)

_AFTER = "k5.after_commit"
_ASK_AT = "k5.ask_at"
# Execution options: how long this transaction waits for another writer, when it begins its last statement (monotonic)
_PATIENCE_S, _UNTIL = "patience_s", "until"

# 40001 serialization, 40P01 deadlock: the whole transaction again
_AGAIN = {"40001", "40P01"}
# 25006: this connection leads to a standby since the switchover; 25P03: it idled in a transaction and was cut
_GONE = {"25006", "25P03"}
_TOO_LONG = "57014"  # a statement that took too long says nothing about its server


class OutcomeUnknown(Exception):
    """The COMMIT may or may not have happened: repeat under the same name."""


class Sessions:
    """The doors to the database: `begin()` writes, `read()` only looks, both at the primary.

    `read_behind()` looks too, and may miss what was written in the last seconds: it prefers the standby.
    """

    def __init__(self, write: Engine, read: Engine, standby: Standby | None = None) -> None:
        self.write = write
        self._read = read
        # What a page shows is of one moment: on SQLite every transaction is, PostgreSQL must be told
        told = {"isolation_level": "REPEATABLE READ"} if read.dialect.name == "postgresql" else {}
        self.read_still = read.execution_options(**told)
        self.standby = standby
        self.gate: Callable[[Session], None] | None = None  # refuses where nothing may be written; restored.py sets it
        self._ask_at = 0.0

    @contextmanager
    def begin(self, patience_s: float | None = None, until: float | None = None) -> Iterator[Session]:
        """Open one writing transaction; leaving the block commits it.

        Units: `patience_s` seconds to wait for another writer, where it is to be less than usual; after `until`, of
        the monotonic clock, no further statement is begun.
        Raises: OutcomeUnknown, HouseRestored, DatabaseSlow.
        """
        with Session(self.write, expire_on_commit=False) as session:
            try:
                if patience_s is not None or until is not None:
                    session.connection(execution_options={_PATIENCE_S: patience_s, _UNTIL: until})
                self._ask(session)
                yield session
                with _notices(session) as notices:
                    session.commit()
            except BaseException as error:
                if _is_gone(error) or isinstance(error, DatabaseSlow):
                    session.invalidate()  # the next try must not meet this connection again, nor wait for a rollback
                else:
                    session.rollback()
                raise
            if UNKNOWN_COMMIT in notices:
                raise OutcomeUnknown
            for _, do in session.info.pop(_AFTER, ()):
                do()

    def ask(self) -> None:
        """Let pass who may write now; asked before what is done outside the database.

        Raises: HouseRestored, Unavailable.
        """
        if self.gate is None or time.monotonic() < self._ask_at:
            return
        with self.read() as session:
            self._ask(session)
        self._ask_at = time.monotonic() + ASK_AGAIN_S

    def _ask(self, session: Session) -> None:
        """Ask the gate on this connection. A new one may lead to another database than the one before, so it is asked
        anew; and so is any after a while, for a person may shut the house."""
        if self.gate is None:
            return
        known = session.connection().info
        if time.monotonic() >= known.get(_ASK_AT, 0.0):
            self.gate(session)
            known[_ASK_AT] = time.monotonic() + ASK_AGAIN_S

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that cannot write. Raises: Unavailable when the database does not answer."""
        try:
            with self._reader() as session:
                yield session
        except (DBAPIError, NoFreeConnection) as error:
            if _is_trouble(error):
                raise trouble.explained(error) from error
            raise

    def _reader(self) -> AbstractContextManager[Session]:
        return Session(self._read, expire_on_commit=False)

    @contextmanager
    def read_behind(self) -> Iterator[Session]:
        """Open one that cannot write either and may be some seconds behind: for days that are over, and for reports.

        It is the standby's while that answers and is near enough, else the primary's. Raises: Unavailable.
        """
        session = self._at_standby()
        if self.standby is None or session is None:
            with self.read() as primary:
                yield primary
            return
        try:
            with session:
                yield session
        except DBAPIError as error:
            if not _is_trouble(error):
                raise
            if getattr(error.orig, "sqlstate", None) != _TOO_LONG:
                self.standby.leave()  # who asks again is answered by the primary
            raise trouble.explained(error) from error

    def _at_standby(self) -> Session | None:
        if self.standby is None or not self.standby.standing().is_read:
            return None
        session = Session(self.standby.engine, expire_on_commit=False)
        try:
            session.connection()
        except (DBAPIError, NoFreeConnection) as error:
            session.close()
            if not _is_trouble(error):
                raise
            if isinstance(error, DBAPIError):
                self.standby.leave()
            return None
        return session

    def dispose(self) -> None:
        """Close all connections."""
        for engine in (self.write, self._read, *([self.standby.engine] if self.standby else [])):
            engine.dispose()


def after_commit(session: Session, do: Callable[[], object]) -> None:
    """Do this once all is committed, and never where the transaction, or this part of it, is taken back."""
    session.info.setdefault(_AFTER, []).append((session.get_nested_transaction(), do))


@event.listens_for(Session, "after_soft_rollback")
def _forget_undone(session: Session, undone: SessionTransaction) -> None:
    """Of a savepoint that is taken back nothing is done afterwards."""
    if told := session.info.get(_AFTER):
        told[:] = [(part, do) for part, do in told if not _lies_in(part, undone)]


def _lies_in(part: SessionTransaction | None, whole: SessionTransaction) -> bool:
    while part is not None and part is not whole:
        part = part.parent
    return part is whole


@contextmanager
def _notices(session: Session) -> Iterator[list[str]]:
    """Collect the SQLSTATEs of what PostgreSQL mutters meanwhile; psycopg raises nothing for a warning."""
    found: list[str] = []
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        yield found
        return
    raw: Any = connection.connection.driver_connection

    def note(notice: "Diagnostic") -> None:
        found.append(notice.sqlstate or "")

    raw.add_notice_handler(note)
    try:
        yield found
    finally:
        raw.remove_notice_handler(note)


def open_sessions(
    url: str, read_url: str, pool_size: int = POOL_SIZE, standby_lag_s: float = STANDBY_LAG_S
) -> Sessions:
    """Return the doors, connected lazily; `read_url` is the standby's, or the same where there is none."""
    read = _engine(url, pool_size, readonly=True)
    if read_url == url:
        return Sessions(_engine(url, pool_size), read)
    standby = Standby(_engine(read_url, pool_size, readonly=True), read, standby_lag_s)
    return Sessions(_engine(url, pool_size), read, standby)


def look_for(url: str) -> None:
    """Look whether a database in a file is there at all: a connection would make an empty one. Raises: NoDatabase."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise NoDatabase(place=parsed.database)


def transactional(use_case: Callable[P, T]) -> Callable[P, T]:
    """Repeat a use case whose transaction the database threw back, at most five times; then answer `Unavailable`.

    Safe because everything that moves money has a name: a repeat of what did commit finds it (docs/ledger.md).
    A lost connection is an unknown outcome, also at COMMIT, and is repeated the same way (docs/ledger.md).
    """

    @functools.wraps(use_case)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            for attempt in Retrying(
                retry=retry_if_exception(_is_worth_repeating),
                stop=stop_after_attempt(ATTEMPTS),
                wait=wait_random(0.01, 0.2),
                reraise=True,
            ):
                with attempt:
                    return use_case(*args, **kwargs)
        except (DBAPIError, NoFreeConnection, OutcomeUnknown) as error:
            if not _is_trouble(error):
                raise
            raise trouble.explained(error, use_case.__name__) from error
        raise AssertionError("unreachable")

    return wrapped


def _is_worth_repeating(error: BaseException) -> bool:
    # An OutcomeUnknown is not: the repeat would find its name and call success what no standby has yet
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or _is_gone(error) or getattr(error.orig, "sqlstate", None) in _AGAIN


def _is_gone(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _GONE


def _is_trouble(error: BaseException) -> bool:
    """Return whether this is the database's own trouble, and not a wrong statement of ours."""
    if isinstance(error, OperationalError) and _is_wrong_statement(error.orig):
        return False
    if isinstance(error, OperationalError | InterfaceError | NoFreeConnection | OutcomeUnknown):
        return True
    return _is_gone(error) or trouble.is_for_operator(error)


def _is_wrong_statement(error: BaseException | None) -> bool:
    # SQLite calls a column that is not there an operational error, too
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_ERROR


def _engine(url: str, pool_size: int, readonly: bool = False) -> Engine:
    engine = _engine_of(url, pool_size, readonly)
    event.listen(engine, "before_cursor_execute", _refuse_late)
    return engine


def _engine_of(url: str, pool_size: int, readonly: bool) -> Engine:
    parsed = make_url(url)
    pool: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size, "pool_timeout": POOL_TIMEOUT_S}
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": SQLITE_BUSY_S}, **pool)
        obey_sqlite_rules(engine, readonly)
        return engine
    if readonly:
        # A reader is not repeated, so it asks first whether its connection outlived the server's last restart
        pool["pool_pre_ping"] = True
    engine = create_engine(parsed, hide_parameters=True, connect_args=dict(PATIENCE), **pool)
    event.listen(engine, "connect", functools.partial(_on_postgres_connect, readonly, engine.dialect.dbapi))
    event.listen(engine, "begin", _hasten)
    return engine


def _on_postgres_connect(readonly: bool, driver: Any, connection: "Connection[Any]", record: object) -> None:
    """Set our rules by statements: PgBouncer passes no options of a start on, and libpq looks for a server that may
    write (`target_session_attrs=read-write`) before they count."""
    rules = {
        "role": APP_ROLE,
        "timezone": "UTC",
        "lock_timeout": f"{LOCK_TIMEOUT_S}s",
        "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
        "idle_in_transaction_session_timeout": f"{IDLE_TIMEOUT_S}s",
        "default_transaction_read_only": "on" if readonly else "off",
    }
    connection.autocommit = True
    try:
        connection.execute("; ".join(f"SET {name} = '{value}'" for name, value in rules.items()))
    except driver.Error as error:
        connection.close()
        raise driver.OperationalError(str(error)) from error  # as if the server had refused the options
    connection.autocommit = False


def obey_sqlite_rules(engine: Engine, readonly: bool = False) -> None:
    """Set on each connection what makes SQLite keep its promises; a writer takes the lock when it begins."""
    event.listen(engine, "connect", functools.partial(_on_sqlite_connect, readonly))
    event.listen(engine, "begin", _begin if readonly else _begin_immediate)


def _on_sqlite_connect(readonly: bool, connection: Any, record: object) -> None:
    connection.isolation_level = None  # we begin by ourselves
    # recursive_triggers: without it INSERT OR REPLACE deletes a row behind the back of the triggers that forbid it
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise WrongSetting(name="K5_DATABASE_URL", reason="the file is not a SQLite database") from error
    if readonly:
        connection.execute("PRAGMA query_only=ON")


def _begin_immediate(connection: Any) -> None:
    patience_s = connection.get_execution_options().get(_PATIENCE_S)
    patience_s = SQLITE_BUSY_S if patience_s is None else patience_s
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience_s * 1000)}").close()
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


def _hasten(connection: Any) -> None:
    patience_s = connection.get_execution_options().get(_PATIENCE_S)
    if patience_s is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience_s * 1000)}")


def _refuse_late(connection: Any, *_statement: object) -> None:
    """Begin no statement of a transaction whose time is over. Raises: DatabaseSlow."""
    until = connection.get_execution_options().get(_UNTIL)
    if until is not None and time.monotonic() > until:
        raise trouble.too_slow()


def is_up(sessions: Sessions) -> bool:
    """Return whether the database answers, for /readyz."""
    try:
        with sessions.read() as db:
            db.execute(text("SELECT 1"))
    except Unavailable:
        return False
    return True


__all__ = ["APP_ROLE", "OutcomeUnknown", "Sessions", "is_up", "obey_sqlite_rules", "open_sessions", "transactional"]
