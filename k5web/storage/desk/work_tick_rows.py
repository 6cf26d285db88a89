"""What somebody has dealt with of the work that no other row says is done: added once, with the reason."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from k5web.domain.desk.work import WorkKind
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import WorkTickRow


def add(db: Session, kind: WorkKind, owner_id: int, key: str, reason: str, actor: str, at: datetime) -> bool:
    """Note that somebody has dealt with a thing; False where somebody did before."""
    row = {"owner_id": owner_id, "kind": kind, "key": key, "at": at, "actor": actor, "reason": reason}
    added = insert_or_nothing(WorkTickRow).values(row).returning(WorkTickRow.key)
    return db.execute(added).first() is not None


def ticked(db: Session, kind: WorkKind, since: datetime) -> set[tuple[int, str]]:
    """Return owner and key of what was ticked off of a kind since a moment."""
    found = select(WorkTickRow.owner_id, WorkTickRow.key).where(WorkTickRow.kind == kind, WorkTickRow.at >= since)
    return {(row.owner_id, row.key) for row in db.execute(found)}
