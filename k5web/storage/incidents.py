"""What a person must look at, and what somebody has looked at: written, read and counted. Session in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session

from k5web.domain.incident import IncidentKind
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import IncidentRow, IncidentTickRow
from k5web.storage.values import value_of


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that could not be settled by rule, under its name."""

    owner_id: int  # 0: nobody's
    kind: str  # an IncidentKind, or one of an older K5
    reference: str
    at: datetime
    facts: dict[str, Any]


_IS_RESOLVED = exists().where(
    IncidentTickRow.owner_id == IncidentRow.owner_id,
    IncidentTickRow.kind == IncidentRow.kind,
    IncidentTickRow.reference == IncidentRow.reference,
)


def report(
    db: Session, owner_id: int, kind: IncidentKind, reference: str, at: datetime, facts: dict[str, Any] | None = None
) -> bool:
    """List something for a person, once under its name; return whether it was new."""
    row = {"owner_id": owner_id, "kind": kind, "reference": reference, "at": at, "facts": facts or {}}
    added = insert_or_nothing(IncidentRow).values(row).returning(IncidentRow.reference)
    return db.execute(added).first() is not None


def unresolved(db: Session, limit: int) -> list[Incident]:
    """Return what nobody has dealt with, oldest first."""
    found = select(IncidentRow).where(~_IS_RESOLVED).order_by(IncidentRow.at, IncidentRow.owner_id).limit(limit)
    return [_incident(row) for row in db.scalars(found)]


def of_call(db: Session, owner_id: int, call_id: str) -> list[Incident]:
    """Return everything listed about one call, resolved or not."""
    found = select(IncidentRow).where(IncidentRow.owner_id == owner_id, IncidentRow.reference == call_id)
    return [_incident(row) for row in db.scalars(found.order_by(IncidentRow.at))]


def unresolved_of(db: Session, owner_id: int, kind: IncidentKind, references: Sequence[str]) -> list[str]:
    """Return those of an owner's references of one kind that nobody has dealt with."""
    which = (IncidentRow.owner_id == owner_id, IncidentRow.kind == kind, IncidentRow.reference.in_(references))
    return list(db.scalars(select(IncidentRow.reference).where(*which, ~_IS_RESOLVED)))


def counts(db: Session) -> dict[str, int]:
    """Return how many things of each kind wait for a person."""
    waiting = select(IncidentRow.kind, func.count()).where(~_IS_RESOLVED)
    rows = db.execute(waiting.group_by(IncidentRow.kind).order_by(IncidentRow.kind))
    return {str(row[0]): int(row[1]) for row in rows}


def resolve(db: Session, kind: str, reference: str, at: datetime, actor: str) -> int:
    """Note that somebody has dealt with what is listed under this name; return how many things that was."""
    found = select(IncidentRow).where(IncidentRow.kind == kind, IncidentRow.reference == reference, ~_IS_RESOLVED)
    rows = [
        {"owner_id": row.owner_id, "kind": kind, "reference": reference, "at": at, "actor": actor}
        for row in db.scalars(found)
    ]
    if rows:
        db.execute(insert(IncidentTickRow), rows)
    return len(rows)


def _incident(row: IncidentRow) -> Incident:
    return value_of(Incident, row)
