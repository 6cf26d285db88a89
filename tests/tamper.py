"""The hand of somebody with the keys of the database: changes rows behind the back of every guard."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, create_engine, text


@contextmanager
def tampering(url: str) -> Iterator[Connection]:
    """Open a transaction of the tables' owner in which no trigger and no foreign key works."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("PRAGMA foreign_keys = OFF"))
            for trigger in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {trigger}"))
        yield connection
        connection.commit()
