"""The schema's life: brought to the newest version, compared with the models, asked whether it is current."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, event, func, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError
from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_after_delay,
    wait_fixed,
    wait_random,
)

from k5web.errors import DatabaseTrouble, NewerDatabase, NoDatabase, WrongFile, WrongSetting
from k5web.storage import grants, indexes_ahead, restored, trouble
from k5web.storage.session import CONNECT_TIMEOUT_S, SQLITE_BUSY_S, Sessions, look_for, obey_sqlite_rules
from k5web.storage.tables import Base, HouseRow

SCRIPTS = "k5web.storage:migrations"  # a package's folder: the same in a checkout and in a wheel
COMPARED = {"compare_type": True, "compare_server_default": True}  # what of a column is compared beside its name

_GUARDS = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}
_FROZEN = (
    "name_claim",
    "ledger_transaction",
    "posting",
    "deck",
    "rate",
    "plan_version",
    "price_withdrawal",
    "objection",
    "switch_event",
    "cdr",
    "incident",
    "notice",
    "register_line",
    "register_file",
    "register_resolution",
    "number_change",
    "block",
    "consent",
    "staff_access",
    "contract_document",
    "acceptance",
    "act",
    "act_line",
    "audit",
    "closed_day",
    "day_close",
    "house_day",
    "seal",
    "archive_file",
    "verification",
)
GUARDS = {
    "postgresql": {
        "posting_moves_balance",
        "hold_moves_held",
        "account_begins_empty",
        "account_stays",
        "hold_stays",
        "promised_payment_moves_floor",
        "promised_payment_stays",
        "claim_only_goes_on",
        "claim_stays",
        "proposal_only_goes_on",
        "proposal_stays",
        "call_stop_is_only_lifted",
        "call_stop_stays",
        "fraud_alarm_only_goes_on",
        "fraud_alarm_stays",
        *(f"{table}_is_frozen" for table in _FROZEN),
    },
    "sqlite": {
        "posting_continues_chain",
        "posting_day_is_open",
        "posting_moves_balance",
        "hold_raises_held",
        "hold_only_ends",
        "hold_lowers_held",
        "account_begins_empty",
        "account_follows_postings",
        "promised_payment_begins",
        "promised_payment_lowers_floor",
        "promised_payment_only_ends",
        "promised_payment_raises_floor",
        "claim_only_goes_on",
        "proposal_only_goes_on",
        "call_stop_is_only_lifted",
        "fraud_alarm_only_goes_on",
        *(f"{table}_no_update" for table in _FROZEN),
        *(f"{table}_no_delete" for table in (*_FROZEN, "account", "hold", "promised_payment", "claim", "proposal")),
        *(f"{table}_no_delete" for table in ("call_stop", "fraud_alarm")),
    },
}


LOCK_WAIT_MS = 2000  # for a table: whoever needs it meanwhile waits behind us, and gives up after LOCK_TIMEOUT_S
UPGRADE_TRIES = 10
UPGRADE_PAUSE_S = (1.0, 3.0)  # in between those go on who waited
ALONE_S = 3600.0  # for another upgrade to end, which may be building indexes
ALONE_PAUSE_S = 1.0
_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('k5 db upgrade'))")


class _Held(Exception):
    """Somebody else holds a table."""


def upgrade(url: str, told: indexes_ahead.Told = indexes_ahead.unseen) -> None:
    """Bring the database to the newest version; nothing happens when it is there.

    SQLite is brought there in one transaction, PostgreSQL in one for each version between: its tables are kept from
    others shortly. It waits for no table so long that those give up who wait behind it, and tries again. New indexes of
    PostgreSQL's tables are built before all that, while everybody writes. `told` hears what takes long, in words.

    Raises: Unavailable; DatabaseTrouble where somebody holds a table; WrongSetting where no folder can be made.
    """
    if not url.startswith("sqlite"):
        _upgrade_in_use(url, told)
        return
    if path := make_url(url).database:
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WrongSetting(name="K5_DATABASE_URL", reason=f"{Path(path).parent}: {error.strerror}") from error
    with connected(url) as connection:
        _migrate(connection)


def _upgrade_in_use(url: str, told: indexes_ahead.Told) -> None:
    tries = Retrying(
        retry=retry_if_exception_type(_Held),
        stop=stop_after_attempt(UPGRADE_TRIES),
        wait=wait_random(*UPGRADE_PAUSE_S),
        reraise=True,
    )
    with opened(url) as alone:
        _be_alone(alone, told)
        with opened(url) as connection:
            indexes_ahead.build(connection.execution_options(isolation_level="AUTOCOMMIT"), told)
        try:
            tries(_upgrade, url)
        except _Held as error:
            what = "somebody holds the tables that are to change, as pg_dump does while it runs"
            cure = "do the same again when it has ended: it goes on from where it is"
            raise DatabaseTrouble(what=what, cure=cure) from error


def _be_alone(alone: Connection, told: indexes_ahead.Told) -> None:
    """Be the only installer until this transaction ends.

    Who waits does so outside any transaction: an index that is built waits for each that read while it began.
    """
    if _is_alone(alone):
        return
    told("another k5 db upgrade is at work: waiting for it")
    wait = Retrying(
        retry=retry_if_result(lambda is_alone: not is_alone),
        stop=stop_after_delay(ALONE_S),
        wait=wait_fixed(ALONE_PAUSE_S),
    )
    try:
        wait(_is_alone, alone)
    except RetryError as error:
        what = "another k5 db upgrade is at work, for an hour"
        raise DatabaseTrouble(what=what, cure="look what holds it up, and do the same again") from error


def _is_alone(alone: Connection) -> bool:
    """Take the installers' lock and stay in its transaction, or leave that."""
    alone.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    is_alone = bool(alone.scalar(_ALONE))
    if not is_alone:
        alone.rollback()
    return is_alone


def _upgrade(url: str) -> None:
    with opened(url) as connection:
        event.listen(connection, "begin", _wait_shortly)
        try:
            _migrate(connection, transaction_per_migration=True)
        except DBAPIError as error:
            if trouble.kind_of(error) == "lock" or getattr(error.orig, "sqlstate", None) == "40P01":
                raise _Held from error
            raise


def _wait_shortly(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}"))


def _migrate(connection: Connection, **options: bool) -> None:
    config = Config(attributes={"connection": connection, "options": options})
    config.set_main_option("script_location", SCRIPTS)
    command.upgrade(config, "head")


def is_current(url: str) -> bool:
    """Return whether the database has the newest version; a database that is not there yet has not.

    Raises: Unavailable, NewerDatabase.
    """
    try:
        look_for(url)
    except NoDatabase:
        return False
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    scripts = ScriptDirectory.from_config(config)
    with connected(url, readonly=True) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current and current not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerDatabase(revision=current)
    return current == scripts.get_current_head()


@cache
def newest() -> str:
    """Return the version that this program brings."""
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    return ScriptDirectory.from_config(config).get_current_head() or ""


def is_outdated(sessions: Sessions) -> bool:
    """Return whether the database is older than this program; a newer one serves the processes that are still to be
    restarted. Raises: Unavailable."""
    try:
        with sessions.read() as db:
            return str(db.scalar(text("SELECT version_num FROM alembic_version"))) < newest()
    except DBAPIError:
        return True  # it has no version at all


def lacks_tables(error: BaseException) -> bool:
    """Return whether the database was asked for a table or column that is not there."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    is_said = str(cause).startswith(("no such table", "no such column"))  # by SQLite
    return is_said or getattr(cause, "sqlstate", None) in {"42P01", "42703"}


_ROWS_OF_HOUSE = select(func.count()).select_from(HouseRow)


def check(url: str) -> list[str]:
    """Return how the database differs from the models, which guards it lacks and who is granted too much or too little,
    in words; empty when all is well. SQLite knows no grants."""
    if not is_current(url):
        return ["the database is not at the newest version: run k5 db upgrade"]
    with connected(url, readonly=True) as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        differences = [str(difference) for difference in compare_metadata(context, Base.metadata)]
        dialect = connection.dialect.name
        there = set(connection.scalars(text(_GUARDS[dialect])))
        granted = grants.differences(connection) if dialect == "postgresql" else []
        if inspect(connection).has_table("house") and connection.scalar(_ROWS_OF_HOUSE) != 1:
            differences.append(restored.NO_ROW["what"])
    return [*differences, *(f"guard {name} is missing" for name in sorted(GUARDS[dialect] - there)), *granted]


def backup(url: str, file: Path) -> int:
    """Copy a SQLite database as it is at one moment, while others write; return the bytes. Whole or not there.

    The copy knows that it is one: who starts K5 with it opens it first.

    Raises: NoDatabase, WrongSetting (PostgreSQL has its own ways), WrongFile.
    """
    look_for(url)
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database:
        raise WrongSetting(name="K5_DATABASE_URL", reason="only SQLite is copied so: of PostgreSQL take pg_dump")
    if file.exists():
        raise WrongFile(file=file, reason="is there already: name another one")
    half = file.with_name(f".{file.name}.half")
    try:
        half.unlink(missing_ok=True)
        half.touch(0o600, exist_ok=False)  # people's calls and money: its owner's alone
        with closing(sqlite3.connect(place.database)) as source, closing(sqlite3.connect(half)) as copy:
            source.backup(copy)
            restored.mark_copy(copy)
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.rename(file)
        return file.stat().st_size
    except (OSError, sqlite3.Error) as error:
        half.unlink(missing_ok=True)
        raise WrongFile(file=file, reason=str(error)) from error


@contextmanager
def connected(url: str, readonly: bool = False) -> Iterator[Connection]:
    """Open one transaction as the owner of the tables, not as the application's role. Raises: Unavailable."""
    with opened(url, readonly) as connection, connection.begin():
        yield connection


@contextmanager
def opened(url: str, readonly: bool = False) -> Iterator[Connection]:
    """Open a connection of the owner; whoever asks says where a transaction ends. Raises: Unavailable."""
    patience = {"timeout": SQLITE_BUSY_S} if url.startswith("sqlite") else {"connect_timeout": CONNECT_TIMEOUT_S}
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=patience)
    if engine.dialect.name == "sqlite":
        obey_sqlite_rules(engine, readonly)
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise trouble.explained(error) from error
    try:
        with connection:
            yield connection
    except DBAPIError as error:
        if error.connection_invalidated or trouble.kind_of(error):
            raise trouble.explained(error) from error
        raise
