"""Counts for the operator's monitoring; each is answered by a small partial index or a small table."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, literal_column, select, text
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import HoldState
from k5web.domain.calls.call import OVER_STATES, CallState
from k5web.storage.sql import insert_or_change, same_event
from k5web.storage.tables import (
    AccountRow,
    AutoTopUpRow,
    CallRow,
    HeartbeatRow,
    HoldAheadRow,
    HoldRow,
    NoticeRow,
    PostingRow,
    RefusalRow,
    TransactionRow,
)

LATE = timedelta(days=7)  # what a provider tells of later than that is counted by no figure


@dataclass(frozen=True, slots=True)
class PartnerFigures:
    """What a partner's notices did in a while. Units: `credited_minor` whole minor units of the partner's currency."""

    verdicts: Mapping[str, int]
    credited: int
    credited_minor: int


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


def held_money(db: Session) -> dict[str, int]:
    """Return what open reservations hold, in whole minor units, by unit of the account."""
    is_its = (AccountRow.owner_id == HoldRow.owner_id) & (AccountRow.id == HoldRow.account_id)
    found = select(AccountRow.unit, func.sum(HoldRow.amount_minor)).join(AccountRow, is_its)
    rows = db.execute(found.where(HoldRow.state == HoldState.OPEN).group_by(AccountRow.unit))
    return dict(sorted((str(row[0]), int(row[1])) for row in rows))


def ended_calls(db: Session, since: datetime) -> dict[str, int]:
    """Return how the calls ended that were settled and ended since then, by outcome."""
    is_meant = (CallRow.state == CallState.SETTLED.value, CallRow.ended_at >= since)
    rows = db.execute(select(CallRow.outcome, func.count()).where(*is_meant).group_by(CallRow.outcome))
    return dict(sorted((str(row[0]), int(row[1])) for row in rows if row[0]))


def partner(db: Session, origin: str, since: datetime) -> PartnerFigures:
    """Return what a partner's notices did since then, and what was credited by their word or by looking there."""
    told = select(NoticeRow.verdict, func.count()).where(NoticeRow.origin == origin, NoticeRow.at >= since)
    verdicts = {str(verdict): int(count) for verdict, count in db.execute(told.group_by(NoticeRow.verdict))}
    paid = (
        select(func.count(), func.coalesce(func.sum(PostingRow.amount_minor), 0))
        .select_from(TransactionRow)
        .join(PostingRow, same_event(PostingRow, TransactionRow))
        .where(TransactionRow.origin == origin, TransactionRow.recorded_at >= since)
        .where(TransactionRow.origin.like(literal_column("'%:%'")), TransactionRow.occurred_at >= since - LATE)
    )  # as the index of payments says it
    credited, minor = db.execute(paid).one()
    return PartnerFigures(verdicts, int(credited), int(minor))


def auto_top_ups(db: Session) -> dict[str, int]:
    """Return how many automatic top-ups run, and how many are off, by why."""
    rows = db.execute(select(AutoTopUpRow.off_why, func.count()).group_by(AutoTopUpRow.off_why))
    return dict(sorted((str(row[0] or "runs"), int(row[1])) for row in rows))


def last_notices(db: Session, origins: Collection[str]) -> dict[str, datetime]:
    """Return when each partner last said something; who never did is left out."""
    moments = {
        origin: db.scalar(select(func.max(NoticeRow.at)).where(NoticeRow.origin == origin)) for origin in origins
    }
    return {origin: at for origin, at in moments.items() if at is not None}


RECORDS: Final = "records of "  # so begins the heartbeat of who reads the records of a switch


def beats(db: Session) -> dict[str, datetime]:
    """Return when each part of the house was last seen at work."""
    return {row.name: row.at for row in db.scalars(select(HeartbeatRow))}


def beat(db: Session, name: str, at: datetime) -> None:
    """Note that a part of the house is at work."""
    db.execute(insert_or_change(HeartbeatRow, {"name": name, "at": at}, ["name"], {"at": at}))


def revision(db: Session) -> str:
    """Return which version of the tables the database has."""
    return str(db.scalar(text("SELECT version_num FROM alembic_version")) or "")
