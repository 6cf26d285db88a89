"""Objections to dearer or worse versions: appended, one for a subscriber and version."""

from collections.abc import Collection
from datetime import date
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from k5web.domain.prices.objection import Objection
from k5web.storage.sql import OneOf, insert_or_nothing
from k5web.storage.tables import ObjectionRow
from k5web.storage.values import columns_of, value_of

OBJECTION = cast(Table, ObjectionRow.__table__)
_OBJECTIONS = select(OBJECTION).order_by(OBJECTION.c.ends_on, OBJECTION.c.owner_id)
_OF_OWNERS = _OBJECTIONS.where(OneOf(OBJECTION.c.owner_id, "owners"))


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


def due(db: Session, until: date, owner_ids: Collection[int] | None = None) -> list[Objection]:
    """Return the objections that have come to their day by this one, of all or of these owners."""
    which, bound = (_OBJECTIONS, {}) if owner_ids is None else (_OF_OWNERS, {"owners": list(owner_ids)})
    return [value_of(Objection, row) for row in db.execute(which.where(OBJECTION.c.ends_on <= until), bound)]


def every(db: Session) -> list[Objection]:
    """Return all objections, by the day on which the contract ends."""
    return [value_of(Objection, row) for row in db.execute(_OBJECTIONS)]
