"""Indexes of PostgreSQL's tables that stand are built ahead of an upgrade's transaction, while everybody writes on.

In a transaction nobody writes to a table while an index of it is built, nor until the upgrade has ended: minutes
without a call or a payment where there are millions of rows.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

from alembic.operations import Operations
from alembic.operations.ops import CreateIndexOp
from sqlalchemy import Connection, Index, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateIndex

from k5web.storage.tables import Base

_COLUMNS = text("""
SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
""")
_INDEXES = text("""
SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = current_schema()::regnamespace
""")
_IS_THERE = text("SELECT to_regclass(quote_ident(:name)) IS NOT NULL")

Told = Callable[[str], None]


def unseen(_words: str) -> None:
    """Nobody looks."""


def build(connection: Connection, told: Told = unseen) -> None:
    """Build every index of the models whose table and columns are there. A connection that commits by itself.

    Unique ones are left to the migrations: what stands against them may have to be mended first. One whose building was
    cut is built anew. Each waits for the transactions that are older than itself, as pg_dump's, and nobody waits behind
    it meanwhile. `told` hears of each before it is begun.
    """
    connection.execute(text("SET lock_timeout = 0"))
    states: dict[str, bool] = {row.relname: row.indisvalid for row in connection.execute(_INDEXES)}
    for index in _wanted(connection):
        if states.get(name := str(index.name)):
            continue
        if name in states:
            connection.execute(text(f'DROP INDEX CONCURRENTLY "{name}"'))
        told(f"building the index {name} while everybody works; it waits for older transactions")
        statement = str(CreateIndex(index).compile(connection))
        with suppress(ProgrammingError):  # its condition asks for what the migrations are still to make
            connection.exec_driver_sql(statement.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY", 1))


def _wanted(connection: Connection) -> Iterator[Index]:
    columns = {(table, column) for table, column in connection.execute(_COLUMNS)}
    for table in Base.metadata.sorted_tables:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if not index.unique and {(table.name, column.name) for column in index.columns} <= columns:
                yield index


@Operations.implementation_for(CreateIndexOp, replace=True)
def create_unless_there(operations: Operations, operation: CreateIndexOp) -> None:
    """Create an index as a migration says, unless it was built ahead: even to look for it would stop who writes."""
    index = operation.to_index(operations.migration_context)
    connection = operations.get_bind()
    if connection.dialect.name != "postgresql" or not connection.scalar(_IS_THERE, {"name": index.name}):
        operations.impl.create_index(index)
