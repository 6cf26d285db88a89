"""After `k5 db distribute`: that the pieces have the guards and rights of their tables, and that money moves by them.

A credit is really made and then taken back with its transaction: nobody's account moves, no name is used up.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.storage import citus, schema
from k5web.storage.books import invariants, ledger
from k5web.storage.placement import PLACES, Place
from k5web.storage.session import APP_ROLE

MOST = 3  # breaches that are told one by one
NOBODY: Final = -20  # an owner that nobody is
_Try = Callable[[Session, datetime], Iterator[str]]
_FORBIDDEN: Final = "UPDATE posting SET amount_minor = 2 WHERE owner_id = :owner"
_REFUSED_RIGHT, _REFUSED_BY_GUARD = "42501", "23000"


def faults(url: str, now: datetime) -> list[str]:
    """Return what is wrong with a distributed database, in words; empty when all is proved. Raises: Unavailable."""
    with schema.connected(url) as connection:
        found = [fault for table in _placed() for fault in _faults_of(connection, table)]
        found += broken_chains(connection, now)
    for tried in (_tried, _tried_by_owner):  # Citus lets one transaction be of one role
        with schema.connected(url) as connection:
            found += _taken_back(connection, tried, now)
    return found


def broken_chains(connection: Connection, now: datetime) -> list[str]:
    """Return what breaks I1 to I5, in words, at most a few."""
    with Session(connection) as db:
        found = [f"{breach.invariant}  {breach.where}: {breach.found}" for breach in invariants.broken_chains(db, now)]
    return found[:MOST] + ([f"and {len(found) - MOST} more"] if len(found) > MOST else [])


def _placed() -> list[str]:
    return [name for name, place in PLACES.items() if place is not Place.COORDINATOR]


def _faults_of(connection: Connection, table: str) -> Iterator[str]:
    for asked, should, what in (
        (citus.guards, citus.guards_of(connection, table), "guards"),
        (citus.rights, citus.wanted_rights(table), f"rights of {APP_ROLE}"),
    ):
        pieces = asked(connection, table)
        if not pieces:
            yield f"{table} has no pieces"
        for piece in pieces:
            if piece.said is None:
                yield f"{table} {piece.number} at {piece.node}: the machine did not answer"
            elif piece.said != should:
                said = f"its {what} are {piece.said or 'none'}, not {should or 'none'}"
                yield f"{table} {piece.number} at {piece.node}: {said}"


def _taken_back(
    connection: Connection, tried: Callable[[Session, datetime], Iterator[str]], now: datetime
) -> list[str]:
    try:
        with Session(connection) as db:
            return list(tried(db, now))
    except DBAPIError as error:
        return [f"a credit as {APP_ROLE} fails: {str(error.orig).splitlines()[0]}"]
    finally:
        connection.rollback()


def _tried(db: Session, now: datetime) -> Iterator[str]:
    """Credit somebody who is nobody, as pages and workers do, and try to change the posting afterwards."""
    db.execute(text(f"SET LOCAL ROLE {APP_ROLE}"))
    account = ledger.open_account(db, NOBODY, "main", "RUB")
    name = EventName("bank", "k5 db distribute")
    event = Event(NOBODY, name, (Move(account, 1, "cash.bank"),), "test", now)
    ledger.record(db, event, now.astimezone(UTC).date(), now)
    if (balance := ledger.purse(db, NOBODY).balance.minor) != 1:
        yield f"a credit of 1 made a balance of {balance}"
    if (state := _state_of_forbidden(db)) != _REFUSED_RIGHT:
        yield f"{APP_ROLE} may change a posting ({state})"


def _tried_by_owner(db: Session, now: datetime) -> Iterator[str]:
    """The guard refuses the statement, whether there are rows or none."""
    if (state := _state_of_forbidden(db)) != _REFUSED_BY_GUARD:
        yield f"no guard kept the owner from changing a posting ({state})"


def _state_of_forbidden(db: Session) -> str:
    try:
        with db.begin_nested():
            db.execute(text(_FORBIDDEN), {"owner": NOBODY})
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", None))
    return "it was done"
