"""Drafts of prices: kept with what was shown of them, ended once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, select, update
from sqlalchemy.orm import Session

from k5web.domain.prices.price_draft import DraftState, NewDraft, Priced, PriceDraft
from k5web.errors import NotFound
from k5web.storage.sql import first_of, insert_or_nothing
from k5web.storage.tables import PriceDraftRow
from k5web.storage.values import columns_of, value_of

_TABLE = cast(Table, PriceDraftRow.__table__)
_KEPT = select(*(column for column in _TABLE.c if column.key != "content"))  # the file may be large


def add(db: Session, draft: NewDraft, actor: str, now: datetime) -> int | None:
    """Keep a draft and return its number; None where another of the same list and day is open."""
    made = {"options": dict(draft.options), "shown": dict(draft.shown), "state": DraftState.OPEN}
    row = columns_of(draft, **made, drafted_by=actor, drafted_at=now)
    return db.scalar(insert_or_nothing(PriceDraftRow).values(**row).returning(PriceDraftRow.id))


def open_for(db: Session, draft: NewDraft) -> PriceDraft | None:
    """Return the open draft of the same list and day."""
    same = (getattr(PriceDraftRow, name) == getattr(draft, name) for name in ("subject", "name", "effective"))
    return first_of(db.execute(_KEPT.where(*same, PriceDraftRow.state == DraftState.OPEN)), _draft)


def find(db: Session, draft_id: int) -> PriceDraft:
    """Return a draft. Raises: NotFound."""
    row = db.execute(_KEPT.where(PriceDraftRow.id == draft_id)).one_or_none()
    return _draft(NotFound.unless(row, f"draft {draft_id}"))


def lock(db: Session, draft_id: int) -> PriceDraft:
    """Return a draft, locked. Raises: NotFound."""
    row = db.execute(_KEPT.where(PriceDraftRow.id == draft_id).with_for_update()).one_or_none()
    return _draft(NotFound.unless(row, f"draft {draft_id}"))


def content(db: Session, draft_id: int) -> bytes:
    """Return the file of a draft. Raises: NotFound."""
    found = db.scalar(select(PriceDraftRow.content).where(PriceDraftRow.id == draft_id))
    return bytes(NotFound.unless(found, f"draft {draft_id}"))


def listed(db: Session, subject: Priced, before: int | None, limit: int) -> list[PriceDraft]:
    """Return drafts of price lists or of plans, the newest first, paged by number."""
    found = _KEPT.where(PriceDraftRow.subject == subject)
    if before is not None:
        found = found.where(PriceDraftRow.id < before)
    return [_draft(row) for row in db.execute(found.order_by(PriceDraftRow.id.desc()).limit(limit))]


def show_anew(db: Session, draft_id: int, options: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
    """Keep what another check found."""
    values = {"options": dict(options), "shown": dict(shown)}
    db.execute(update(PriceDraftRow).where(PriceDraftRow.id == draft_id).values(**values))


def end(db: Session, draft_id: int, state: DraftState, actor: str, now: datetime, version_id: int | None) -> None:
    """Write down what became of a draft."""
    ended = {"state": state, "ended_by": actor, "ended_at": now, "version_id": version_id}
    db.execute(update(PriceDraftRow).where(PriceDraftRow.id == draft_id).values(**ended))


def _draft(row: Row[Any]) -> PriceDraft:
    subject: Priced = "deck" if row.subject == "deck" else "plan"
    return value_of(PriceDraft, row, subject=subject, state=DraftState(row.state))
