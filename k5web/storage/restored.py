"""Whether this database was brought back from a backup: until a person opens it, no process that stays writes into it.

What was given after the backup is not in it: numbers of calls, accounts, invoices, acts would be given a second time.
"""

import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from k5web.errors import DatabaseTrouble, HouseRestored
from k5web.storage.allocator import PROPOSALS, allocate_many, of_acts
from k5web.storage.session import Sessions
from k5web.storage.sql import is_postgresql
from k5web.storage.tables import AllocatorRow, CallRow, HoldAheadRow, HouseRow, NoticeRow

logger = logging.getLogger(__name__)

A_COPY = "a copy"  # the place of a SQLite file that was written as a backup; one that is used has none
NO_ROW = {"what": "the table house has lost its only row", "cure": "restore the last backup (docs/operators.md)"}
_SHUT = "shut"  # so begins the place of one that a person or a process shut; where it was opened last follows
_TABLE = "table="

# A dump is restored into a database of another number, or on another server, or into tables made anew. A server that
# was brought back to a moment is the same server: what it was told stays in its settings. A standby that took over was
# told none of this, and nothing tells it surely from a server that came up from its archive without a moment: both
# begin a new timeline, and so does a restart under Patroni. That one a person shuts
_HERE = text("""
SELECT concat((SELECT system_identifier FROM pg_control_system()), '/',
              (SELECT oid FROM pg_database WHERE datname = current_database())),
       'house'::regclass::oid,
       concat(current_setting('recovery_target', true), current_setting('recovery_target_time', true),
              current_setting('recovery_target_name', true), current_setting('recovery_target_lsn', true),
              current_setting('recovery_target_xid', true))
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a database is, and whether it was opened there."""

    here: str | None  # server and database, its table, the moment it was brought back to; None: in a file
    was: str | None  # where it was opened last; None: nowhere yet, or in a file that is used
    is_shut: bool


def standing(db: Session) -> Standing:
    """Return where this database is and whether it was brought back. PostgreSQL: by server, tables and told moment.

    Raises: DatabaseTrouble where nothing says it, because somebody took the one row of `house` away.
    """
    row = db.execute(select(HouseRow.place)).one_or_none()
    if row is None:
        raise DatabaseTrouble(**NO_ROW)
    was = row.place
    if not is_postgresql(db):
        return Standing(None, was, is_shut=was is not None)
    base, number, moment = db.execute(_HERE).one()
    table = f"{_TABLE}{number}"
    if was is None:
        return Standing(f"{base} {table} {moment}".strip(), was, is_shut=bool(moment))
    its_base, its_table, its_moment = _parts(was)
    is_same = base == its_base and its_table in (table, "") and moment in (its_moment, "")
    here = f"{base} {table} {its_moment if is_same else moment}"  # a moment is remembered when its line was removed
    return Standing(here.strip(), was, is_shut=not is_same)


def _parts(place: str) -> tuple[str, str, str]:
    """Return its server and database, its table, the moment; "" for what it does not have."""
    base, _, rest = place.partition(" ")
    table, _, moment = rest.partition(" ") if rest.startswith(_TABLE) else ("", "", rest)
    return base, table, moment


def settle(db: Session, here: str | None) -> None:
    """Write that the database is opened here."""
    db.execute(update(HouseRow).values(place=here))


def shut(db: Session) -> None:
    """Write that nothing is written until a person opens it, as of one that was brought back and does not show it."""
    found = standing(db)
    settle(db, _shut(found.was or found.here))


def _shut(was: str | None) -> str:
    return was if was and was.startswith(_SHUT) else f"{_SHUT} {was or ''}".strip()


def opened_as(place: str | None) -> str | None:
    """Return what stood there when it was opened last, without the mark of one that is shut."""
    return place.removeprefix(_SHUT).strip() or None if place else None


def newest(db: Session) -> Mapping[str, datetime | None]:
    """Return when the newest call was ordered here, and when the newest notice of a provider came."""
    found = {"call": func.max(CallRow.ordered_at), "notice": func.max(NoticeRow.at)}
    return {what: db.scalar(select(at)) for what, at in found.items()}


def move_on(db: Session, margin: int, today: date) -> Mapping[str, int]:
    """Let every number go on so much higher, and return the next of each kind; `call`: of every subscriber.

    A kind that its first number makes may not be there yet, and its first numbers were given all the same.
    """
    by_use = [PROPOSALS, *(of_acts(year) for year in (today.year - 1, today.year))]
    for kind in by_use:
        allocate_many(db, kind, margin)
    others = update(AllocatorRow).where(AllocatorRow.kind.not_in(by_use))
    db.execute(others.values(next_id=AllocatorRow.next_id + margin))
    found = db.execute(select(AllocatorRow.kind, AllocatorRow.next_id)).all()
    last = max(db.scalar(select(func.max(column))) or 0 for column in (CallRow.n, HoldAheadRow.call_n))
    above = max(last, db.scalars(select(HouseRow.calls_above)).one()) + margin
    db.execute(update(HouseRow).values(calls_above=above))
    return {**dict(sorted((kind, number) for kind, number in found)), "call": above + 1}


def mark_copy(copy: sqlite3.Connection) -> None:
    """Write into a copied file that it is a backup: whoever starts K5 with it opens it first."""
    if any(name == "place" for _, name, *_ in copy.execute("PRAGMA table_info(house)")):
        copy.execute("UPDATE house SET place = ?", [A_COPY])
        copy.commit()


class Gate:
    """Asked on each connection before it writes. What it finds it writes down, for that may not be seen later: lines
    that led a server back to a moment are removed."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._is_told = False

    def __call__(self, db: Session) -> None:
        """Let pass. Raises: HouseRestored."""
        found = standing(db)
        if found.is_shut:
            if not self._is_told:
                self._is_told = True
                logger.error("restored database: nothing is written until k5 db opened --yes")
            if found.here:
                self._note(found.was, _shut(found.was))
            raise HouseRestored
        self._is_told = False
        self._note(found.was, found.here)

    def _note(self, was: str | None, place: str | None) -> None:
        """Write where it stands, unless a person said another thing meanwhile."""
        if place != was:
            with Session(self._sessions.write) as db, db.begin():
                db.execute(update(HouseRow).where(HouseRow.place.is_not_distinct_from(was)).values(place=place))


def guard(sessions: Sessions) -> None:
    """Have this process write nothing while the database is one that was brought back and not opened since."""
    sessions.gate = Gate(sessions)
