"""Counts for the operator's monitoring; each is answered by a small partial index or a small table."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import HoldState
from k5web.domain.calls.call import OVER_STATES, CallState
from k5web.storage.tables import CallRow, HoldAheadRow, HoldRow, RefusalRow


def unfinished_calls(db: Session) -> dict[str, int]:
    """Return how many calls stand in each state that is not an end."""
    rows = db.execute(
        select(CallRow.state, func.count()).where(CallRow.state.not_in(OVER_STATES)).group_by(CallRow.state)
    )
    return dict(sorted((str(row[0]), int(row[1])) for row in rows))


def oldest_waiting(db: Session) -> datetime | None:
    """Return when the longest waiting order was made."""
    return db.scalar(select(func.min(CallRow.ordered_at)).where(CallRow.state == CallState.RESERVED))


def open_holds(db: Session) -> int:
    """Return how many reservations are open."""
    return db.scalar(select(func.count()).select_from(HoldRow).where(HoldRow.state == HoldState.OPEN)) or 0


def holds_ahead(db: Session) -> dict[str, int]:
    """Return how many of them are for calls that may come while K5 is silent, by their kind."""
    live = select(HoldAheadRow.kind, func.count()).where(HoldAheadRow.done_at.is_(None)).group_by(HoldAheadRow.kind)
    return dict(sorted((str(row[0]), int(row[1])) for row in db.execute(live)))


def refusals(db: Session) -> dict[str, int]:
    """Return how often orders were refused for safety, by the code of the refusal."""
    rows = db.execute(select(RefusalRow.kind, func.sum(RefusalRow.times)).group_by(RefusalRow.kind))
    return dict(sorted((str(row[0]), int(row[1])) for row in rows))
