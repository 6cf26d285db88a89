"""Objections to dearer or worse versions: appended, one for a subscriber and version."""

from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from k5web.domain.prices.objection import Objection
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import ObjectionRow
from k5web.storage.values import columns_of, value_of

OBJECTION = cast(Table, ObjectionRow.__table__)
_OBJECTIONS = select(OBJECTION).order_by(OBJECTION.c.ends_on, OBJECTION.c.owner_id)


def add(db: Session, objection: Objection) -> Objection:
    """Write an objection and return it; the first one to a version stands."""
    adding = insert_or_nothing(OBJECTION, "owner_id", "subject", "version_id")
    db.execute(adding.values(**columns_of(objection)))
    same = (objection.subject, objection.version_id)
    return next(found for found in of(db, objection.owner_id) if (found.subject, found.version_id) == same)


def of(db: Session, owner_id: int) -> list[Objection]:
    """Return the objections of a subscriber, by the day on which the contract ends."""
    found = db.execute(_OBJECTIONS.where(OBJECTION.c.owner_id == owner_id))
    return [value_of(Objection, row) for row in found]


def every(db: Session) -> list[Objection]:
    """Return all objections, by the day on which the contract ends."""
    return [value_of(Objection, row) for row in db.execute(_OBJECTIONS)]
