"""Objections to dearer versions of plans: appended, one for a subscriber and version."""

from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from k5web.domain.prices.plan_version import Objection
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import PlanObjectionRow, PlanVersionRow

OBJECTION = cast(Table, PlanObjectionRow.__table__)
_OBJECTIONS = (
    select(PlanObjectionRow, PlanVersionRow.code)
    .join(PlanVersionRow, PlanVersionRow.id == PlanObjectionRow.version_id)
    .order_by(PlanObjectionRow.ends_on, PlanObjectionRow.owner_id)
)


def add(db: Session, objection: Objection) -> Objection:
    """Write an objection and return it; the first one to a version stands."""
    row = {
        "owner_id": objection.owner_id,
        "version_id": objection.version_id,
        "objected_at": objection.objected_at,
        "actor": objection.actor,
        "ends_on": objection.ends_on,
    }
    db.execute(insert_or_nothing(OBJECTION, "owner_id", "version_id").values(**row))
    return next(found for found in of(db, objection.owner_id) if found.version_id == objection.version_id)


def of(db: Session, owner_id: int) -> list[Objection]:
    """Return the objections of a subscriber, by the day on which the contract ends."""
    return _read(db, owner_id)


def every(db: Session) -> list[Objection]:
    """Return all objections, by the day on which the contract ends."""
    return _read(db, None)


def _read(db: Session, owner_id: int | None) -> list[Objection]:
    wanted = _OBJECTIONS if owner_id is None else _OBJECTIONS.where(PlanObjectionRow.owner_id == owner_id)
    return [
        Objection(row.owner_id, row.version_id, code, row.objected_at, row.actor, row.ends_on)
        for row, code in db.execute(wanted)
    ]
