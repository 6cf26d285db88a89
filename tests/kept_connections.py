"""Connections to PostgreSQL that one test leaves to the next.

A new server process reads of each table what it is before it executes anything: more work than most tests ask for.
A connection that a test closes is kept therefore, and is like a new one when the next test opens it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import psycopg

_LIKE_NEW = """
RESET ROLE; RESET ALL; UNLISTEN *; CLOSE ALL; SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES
"""
_PLACE = ("host", "port", "user", "password", "dbname", "options")
_PREFIX = "k5_kept_"


class KeptConnection(psycopg.Connection):
    """A connection whose end is put off."""

    shelf: "Shelf | None" = None

    def close(self) -> None:
        """Lie ready for the next one, if it can still be used."""
        if self.shelf is None or self.shelf.is_over or self.closed or self.broken:
            super().close()
            return
        try:
            self.rollback()
        except psycopg.Error:
            super().close()
        else:
            self.shelf.idle.append(self)

    def become_new(self) -> None:
        """Forget what was set, held and heard. Raises: psycopg.Error where the server has cut it off."""
        self.autocommit = True
        self.execute(_LIKE_NEW, prepare=False)
        self.autocommit = False
        self.isolation_level = self.read_only = self.deferrable = None
        self._notice_handlers.clear()
        self._notify_handlers.clear()

    def end(self) -> None:
        """Close it in earnest."""
        self.shelf = None
        self.close()


class Shelf:
    """The idle connections to one database, which tests use one after another."""

    _lent: dict[str, "Shelf"] = {}  # noqa: RUF012  # by the name under which a test connects

    def __init__(self) -> None:
        self.idle: list[KeptConnection] = []
        self.is_over = False
        self._place: dict[str, Any] | None = None

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Return the name under which connections are taken from here for a while."""
        name = f"{_PREFIX}{uuid4().hex[:8]}"
        self._lent[name] = self
        try:
            yield name
        finally:
            del self._lent[name]

    def processes(self) -> list[int]:
        """Return the server's processes at the other end of the idle ones."""
        return [one.info.backend_pid for one in self.idle if not one.closed]

    def end(self) -> None:
        """Close all that is idle, and whatever comes back later."""
        self.is_over = True
        while connection := self._idle_one():
            connection.end()

    def _idle_one(self) -> KeptConnection | None:
        with suppress(IndexError):  # another thread may have been first
            return self.idle.pop()
        return None

    def take(self, place: dict[str, Any]) -> KeptConnection | None:
        """Return an idle connection as if it were new, else a new one; none to another place than the first."""
        asked = {part: place.get(part) for part in _PLACE}
        self._place = self._place or asked
        if self._place != asked:
            return None
        while connection := self._idle_one():
            try:
                connection.become_new()
            except psycopg.Error:
                connection.end()
            else:
                return connection
        connection = KeptConnection.connect(**place)
        connection.shelf = self
        return connection


def take(_dialect: object, _record: object, _args: object, place: dict[str, Any]) -> KeptConnection | None:
    """Connect SQLAlchemy (`do_connect`); None leaves it to do so by itself.

    Raises: psycopg.OperationalError where the test is over that was to connect so.
    """
    name = str(place.get("application_name", ""))
    if not name.startswith(_PREFIX):
        return None
    shelf = Shelf._lent.get(name)
    if shelf is None:
        raise psycopg.OperationalError(f"{name}: this test is over")
    return shelf.take(place)
