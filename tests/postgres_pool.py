"""Migrated PostgreSQL databases for one test after another: to empty one costs a hundredth of copying it anew."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from k5web.storage import schema
from tests.kept_connections import Shelf

# Whatever a test may have changed beside rows: such a database is not used again
_SHAPE = """
SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
  SELECT concat_ws('/', 'class', relname, relkind, relacl, relpersistence, reloptions) FROM pg_class
   WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws('/', 'column', attrelid::regclass, attname, atttypid, attnotnull, attacl) FROM pg_attribute
   WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped AND attrelid::regclass::text NOT LIKE 'pg_%'
  UNION ALL SELECT concat_ws('/', 'check', conname, pg_get_constraintdef(oid)) FROM pg_constraint
   WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws('/', 'function', proname, prosrc, proacl) FROM pg_proc
   WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws('/', 'trigger', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
   WHERE NOT tgisinternal
  UNION ALL SELECT concat_ws('/', 'index', indexrelid::regclass, indisvalid) FROM pg_index
   WHERE indrelid >= 16384 AND indrelid::regclass::text NOT LIKE 'pg_%'
  UNION ALL SELECT concat_ws('/', 'schema', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'
  UNION ALL SELECT concat_ws('/', 'extension', extname) FROM pg_extension
  UNION ALL SELECT concat_ws('/', 'setting', setrole, setconfig) FROM pg_db_role_setting
  UNION ALL SELECT concat_ws('/', 'default acl', defaclrole, defaclacl) FROM pg_default_acl
) AS lines(line)
"""
_ALONE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s)
"""
# A table that nobody has written to since it was made or emptied has no page
_TOUCHED = """
SELECT string_agg(format('%I', relname), ', ') FROM pg_class
 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
_STATISTICS = """
SET LOCAL allow_system_table_mods = on;
DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace);
DELETE FROM pg_statistic_ext_data
"""
# Else a plan depends on when the server last looked, and at which test's rows
_NOBODY_LOOKS = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = off)', name);
  END LOOP;
END $$
"""
LONGEST_LOCK = "30s"
_SEQUENCES = "SELECT format('%I', relname) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"


class Kept:
    """A database, and the connections to it that stay: one that empties it, and those that its tests have left."""

    def __init__(self, server_url: str, name: str) -> None:
        self.name = name
        self.shelf = Shelf()
        self.broom = psycopg.connect(_plain(named(server_url, name)), autocommit=True)

    def close(self) -> None:
        """End all connections."""
        self.shelf.end()
        self.broom.close()


class PostgresPool:
    """Databases equal to a migrated one: a test has its own, and the next test gets it emptied."""

    def __init__(self, server_url: str, template: str) -> None:
        self._server_url = server_url
        self._template = template
        self._spares: list[str] = []
        self._kept: list[Kept] = []
        with self._connect(template) as db:
            self._shape = _value(db, _SHAPE)
            self._rows = _rows(db)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The address of a database for a while; whatever is still connected afterwards is cut off.

        The name is new each time, so what a test left running finds no database any more.
        """
        name = _new_name()
        if self._spares:
            on_server(self._server_url, f"ALTER DATABASE {self._spares.pop()} RENAME TO {name}")
        else:
            self._copy(name)
        yield named(self._server_url, name)
        try:
            with self._connect(name) as db:
                is_emptied = self._empty(db, [])
        except psycopg.Error:
            is_emptied = False  # renamed, read-only, full: whatever the test did to it
        if is_emptied:
            self._spares.append(name)
        else:
            self._drop(name)

    @contextmanager
    def kept(self) -> Iterator[str]:
        """The same for a test without processes of its own, at half the cost: connections serve the next one too.

        What a test left running in this process connects no more; the database keeps its name.
        """
        database = self._kept.pop() if self._kept else self._keep()
        with database.shelf.lent() as label:
            url = make_url(named(self._server_url, database.name)).update_query_dict({"application_name": label})
            yield url.render_as_string(hide_password=False)
        try:
            with database.broom.transaction():
                is_emptied = self._empty(database.broom, database.shelf.processes())
        except psycopg.Error:
            is_emptied = False
        if is_emptied:
            self._kept.append(database)
        else:
            database.close()
            self._drop(database.name)

    def close(self) -> None:
        """End the connections that were kept."""
        while self._kept:
            self._kept.pop().close()

    def _keep(self) -> Kept:
        name = _new_name()
        self._copy(name)
        return Kept(self._server_url, name)

    def _copy(self, name: str) -> None:
        on_server(self._server_url, f"CREATE DATABASE {name} TEMPLATE {self._template}")

    def _drop(self, name: str) -> None:
        on_server(self._server_url, f"DROP DATABASE {name} WITH (FORCE)")

    def _empty(self, db: psycopg.Connection, may_stay: list[int]) -> bool:
        """Put the rows of the template into a database; false where more than rows was changed.

        `may_stay` are the server's processes that are not ended.
        """
        db.execute(f"SET LOCAL lock_timeout = '{LONGEST_LOCK}'")  # what a test left running may come back
        db.execute(_ALONE, [may_stay])
        if _value(db, _SHAPE) != self._shape:
            return False
        db.execute("SET LOCAL session_replication_role = replica")  # past the guards of what is only appended
        if touched := _value(db, _TOUCHED):
            db.execute(f"TRUNCATE {touched} RESTART IDENTITY CASCADE")
        db.execute(_STATISTICS)
        for sequence in db.execute(_SEQUENCES).fetchall():
            db.execute(f"ALTER SEQUENCE {sequence[0]} RESTART")
        for table, rows in self._rows.items():
            with db.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)
        return True

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(_plain(named(self._server_url, name)))


@contextmanager
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated database to copy from."""
    name = f"k5_template_{uuid4().hex[:8]}"
    on_server(server_url, f"CREATE DATABASE {name}")
    schema.upgrade(named(server_url, name))
    on_server(named(server_url, name), _NOBODY_LOOKS)
    yield name
    on_server(server_url, f"DROP DATABASE {name}")


def _new_name() -> str:
    return f"k5_test_{uuid4().hex[:8]}"


def named(url: str, name: str) -> str:
    """The address of another database of the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def on_server(url: str, statement: str) -> None:
    """Execute one statement outside transactions."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(statement)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _value(db: psycopg.Connection, statement: str) -> str:
    [value] = db.execute(statement).fetchone() or [""]
    return str(value)


def _rows(db: psycopg.Connection) -> Mapping[str, bytes]:
    """What the migrations wrote, by table."""
    found = {}
    for table in _value(db, _TOUCHED).split(", "):
        with db.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
            found[table] = b"".join(bytes(part) for part in copy)
    return found
