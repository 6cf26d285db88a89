"""Organisations' PBX as rows. Whatever the switch must know of is written in the transaction that also touches the row:
by its version the worker sees what the switch has not heard of yet."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from k5web.domain.pbx.organisation import Organisation
from k5web.storage.sql import insert_or_change
from k5web.storage.tables import PbxRow
from k5web.storage.values import value_of


def touch(db: Session, owner_id: int, now: datetime) -> int:
    """Write down that an organisation's PBX changed, the first time too; return its new version."""
    row = {"owner_id": owner_id, "version": 1, "changed_at": now}
    changed = insert_or_change(PbxRow, row, ["owner_id"], {"version": PbxRow.version + 1, "changed_at": now})
    return db.scalars(changed.returning(PbxRow.version)).one()


def touch_all(db: Session, owner_ids: Collection[int], now: datetime) -> None:
    """Write down that the PBX of these owners changed, of those that have one."""
    theirs = update(PbxRow).where(PbxRow.owner_id.in_(owner_ids))
    db.execute(theirs.values(version=PbxRow.version + 1, changed_at=now))


def find(db: Session, owner_id: int) -> Organisation | None:
    """Return what is chosen for an organisation's PBX; None where it never changed."""
    row = db.get(PbxRow, owner_id, populate_existing=True)
    return None if row is None else value_of(Organisation, row)
