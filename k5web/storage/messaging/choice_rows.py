"""How subscribers wish to hear of things."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from k5web.domain.messaging.notice import Way
from k5web.storage.sql import insert_or_change
from k5web.storage.tables import NoticeChoiceRow

_WAYS: dict[str, Way] = {"sms": "sms", "email": "email", "off": "off"}


def choices(db: Session, owner_id: int) -> dict[str, Way]:
    """Return what the subscriber chose, by kind."""
    rows = db.scalars(select(NoticeChoiceRow).where(NoticeChoiceRow.owner_id == owner_id))
    return {row.kind: _WAYS[row.channel] for row in rows}


def choose(db: Session, owner_id: int, kind: str, way: Way) -> None:
    """Keep a choice."""
    row = {"owner_id": owner_id, "kind": kind, "channel": way}
    db.execute(insert_or_change(NoticeChoiceRow, row, ("owner_id", "kind"), {"channel": way}))
