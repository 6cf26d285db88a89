"""What the page of one subscriber shows in short: the newest of each kind, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from k5web.domain.books.act import address_of
from k5web.domain.books.ledger import Hold, HoldState
from k5web.domain.money import Money
from k5web.storage.books.ledger_sql import OPEN
from k5web.storage.tables import AccountRow, ActOriginalRow, ActRow, HoldRow, OutboxRow

Place = tuple[datetime, str]  # of a message in its owner's list: when it was written, and its id


@dataclass(frozen=True, slots=True)
class ToldMessage:
    """A message to a subscriber, without what it said and where it went."""

    id: str
    kind: str
    created_at: datetime
    done_at: datetime | None
    state: str  # waiting, sent, delivered …
    channel: str | None  # sms, email; None: as the subscriber wishes
    attempts: int

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return self.created_at, self.id


_TOLD = [getattr(OutboxRow, name) for name in ToldMessage.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class ActHead:
    """An act without its lines, and what became of the wish for a signed original."""

    owner_id: int
    month: date
    version: int
    number: int
    year: int
    day: date
    total: Money
    wanted_at: datetime | None
    sent_on: date | None

    @property
    def address(self) -> str:
        """What its page is called."""
        return address_of(self.month, self.version)

    @property
    def label(self) -> str:
        """Its number as people say it: «15/2026»."""
        return f"{self.number}/{self.year}"


def open_holds(db: Session, owner_id: int, limit: int) -> list[Hold]:
    """Return what is reserved on all accounts of an owner, newest first."""
    same = and_(AccountRow.owner_id == HoldRow.owner_id, AccountRow.id == HoldRow.account_id)
    found = select(HoldRow, AccountRow.unit).join(AccountRow, same).where(HoldRow.owner_id == owner_id)
    rows = db.execute(found.where(HoldRow.state == OPEN).order_by(HoldRow.opened_at.desc()).limit(limit))
    return [
        Hold(
            owner_id=hold.owner_id,
            account_id=hold.account_id,
            reference=hold.call_id,
            amount=Money(hold.amount_minor, unit),
            state=HoldState(hold.state),
            opened_at=hold.opened_at,
            expires_at=hold.expires_at,
        )
        for hold, unit in rows
    ]


def messages(db: Session, owner_id: int, before: Place | None, limit: int) -> list[ToldMessage]:
    """Return what was sent to a subscriber, or waits, newest first, paged by key."""
    found = select(*_TOLD).where(OutboxRow.owner_id == owner_id, OutboxRow.state != "decoy")
    if before is not None:
        at, message_id = before
        same = and_(OutboxRow.created_at == at, OutboxRow.id < message_id)
        found = found.where(OutboxRow.created_at <= at, or_(OutboxRow.created_at < at, same))
    newest_first = found.order_by(OutboxRow.created_at.desc(), OutboxRow.id.desc()).limit(limit)
    return [ToldMessage(*row) for row in db.execute(newest_first)]


def acts_of_owner(db: Session, owner_id: int, limit: int) -> list[ActHead]:
    """Return an owner's acts, the newest month and version first."""
    return _acts(db, [ActRow.owner_id == owner_id], [ActRow.month.desc(), ActRow.version.desc()], limit)


def acts_of_month(db: Session, month: date, after: tuple[int, int], limit: int) -> list[ActHead]:
    """Return everybody's acts of a month by owner and version, those after a place."""
    owner_id, version = after
    later = or_(ActRow.owner_id > owner_id, and_(ActRow.owner_id == owner_id, ActRow.version > version))
    return _acts(db, [ActRow.month == month, later], [ActRow.owner_id.asc(), ActRow.version.asc()], limit)


def _acts(
    db: Session, which: Sequence[ColumnElement[bool]], order: Sequence[ColumnElement[Any]], limit: int
) -> list[ActHead]:
    same = and_(*(getattr(ActOriginalRow, name) == getattr(ActRow, name) for name in ("owner_id", "month", "version")))
    found = select(ActRow, ActOriginalRow.wanted_at, ActOriginalRow.sent_on).outerjoin(ActOriginalRow, same)
    rows = db.execute(found.where(*which).order_by(*order).limit(limit))
    return [
        ActHead(
            owner_id=act.owner_id,
            month=act.month,
            version=act.version,
            number=act.number,
            year=act.year,
            day=act.day,
            total=Money(act.total_minor, act.currency),
            wanted_at=wanted_at,
            sent_on=sent_on,
        )
        for act, wanted_at, sent_on in rows
    ]
