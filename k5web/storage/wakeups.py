"""Waking the worker: NOTIFY on PostgreSQL, a look every 50 ms on SQLite (the order table is the queue)."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, cast

from sqlalchemy import text
from sqlalchemy.orm import Session

from k5web.errors import Unavailable
from k5web.storage.session import PATIENCE, Sessions

if TYPE_CHECKING:  # a house on SQLite does without PostgreSQL's driver
    import psycopg

CHANNEL = "k5_calls"
LOOK_EVERY_S = 0.05


def wake(db: Session) -> None:
    """Wake the worker when this transaction commits."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text(f"NOTIFY {CHANNEL}"))


class Wakeups:
    """A worker's ear: `wait` returns at the first wake-up, or when the time is over. Raises: Unavailable."""

    def __init__(self, sessions: Sessions) -> None:
        self._listener: psycopg.Connection[tuple[object, ...]] | None = None
        engine = sessions.write
        self._driver = engine.dialect.loaded_dbapi
        if engine.dialect.name == "postgresql":
            _, place = engine.dialect.create_connect_args(engine.url)  # several hosts are not spelt as libpq does
            try:
                patient = {**place, **PATIENCE}
                connection = self._driver.connect(autocommit=True, **patient)
                self._listener = cast("psycopg.Connection[tuple[object, ...]]", connection)
                self._listener.execute(f"LISTEN {CHANNEL}")
            except self._driver.Error as error:
                raise Unavailable from error

    def wait(self) -> None:
        """Wait for the next order, at most 50 ms: the switch's records want a look as well."""
        if self._listener is None:
            time.sleep(LOOK_EVERY_S)
            return
        try:
            for _ in self._listener.notifies(timeout=LOOK_EVERY_S, stop_after=1):
                pass
        except self._driver.Error as error:
            raise Unavailable from error

    def __enter__(self) -> "Wakeups":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.close()
