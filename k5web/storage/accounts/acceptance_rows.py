"""Who accepted which version of the contract, once each, and what of the books shows that somebody did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from k5web.domain.accounts.contract import Acceptance, AcceptedBy
from k5web.domain.money import Money
from k5web.storage.accounts.document_rows import version_of
from k5web.storage.sql import insert_or_nothing, same_event
from k5web.storage.tables import (
    AcceptanceRow,
    AccountRow,
    ContractDocumentRow,
    PostingRow,
    SubscriberRow,
    TransactionRow,
)

ACCEPTANCE = cast(Table, AcceptanceRow.__table__)
USES = ("call", "order")  # origins of what a subscriber orders; a fee takes itself


@dataclass(frozen=True, slots=True)
class InForce:
    """The time in which one version of a document is in force, and the least payments that accept it then."""

    since: datetime
    until: datetime | None
    first_day: date  # of the accounting days
    minimum: tuple[Money, ...]


def accept(db: Session, owner_id: int, version_ids: Iterable[int], at: datetime, way: AcceptedBy) -> int:
    """Keep that a subscriber accepted these versions; what was accepted before stays as it is. Return how many."""
    rows = [{"owner_id": owner_id, "version_id": each, "at": at, "way": way} for each in version_ids]
    adding = insert_or_nothing(ACCEPTANCE, "owner_id", "version_id").returning(ACCEPTANCE.c.owner_id)
    return sum(db.execute(adding.values(**row)).first() is not None for row in rows)


def of_owner(db: Session, owner_id: int) -> list[Acceptance]:
    """Return what a subscriber accepted, the oldest first."""
    wanted = (
        select(AcceptanceRow, ContractDocumentRow)
        .join(ContractDocumentRow, ContractDocumentRow.id == AcceptanceRow.version_id)
        .where(AcceptanceRow.owner_id == owner_id)
        .order_by(AcceptanceRow.at, AcceptanceRow.version_id)
    )
    return [Acceptance(version_of(version), row.at, cast(AcceptedBy, row.way)) for row, version in db.execute(wanted)]


def moved_without(db: Session, version_id: int, first_day: date, after: int, limit: int) -> list[int]:
    """Return subscribers whose accounts moved since a day, and who have not accepted a version, by their id."""
    has_accepted = exists().where(AcceptanceRow.owner_id == AccountRow.owner_id, AcceptanceRow.version_id == version_id)
    wanted = (
        select(AccountRow.owner_id)
        .join(SubscriberRow, SubscriberRow.id == AccountRow.owner_id)  # the house has accounts too
        .where(AccountRow.last_day >= first_day, AccountRow.owner_id > after, ~has_accepted)
        .distinct()
        .order_by(AccountRow.owner_id)
        .limit(limit)
    )
    return list(db.scalars(wanted))


def first_conduct(db: Session, owners: Sequence[int], time: InForce) -> dict[int, tuple[datetime, AcceptedBy]]:
    """Return when each of these first used something, or paid enough, while a version was in force."""
    event = TransactionRow
    turn = func.row_number().over(partition_by=PostingRow.owner_id, order_by=(event.occurred_at, event.recorded_at))
    wanted = (
        select(PostingRow.owner_id, event.occurred_at, PostingRow.amount_minor, turn.label("turn"))
        .join(PostingRow, same_event(PostingRow, event))
        .where(PostingRow.owner_id.in_(owners), PostingRow.day >= time.first_day)
        .where(event.occurred_at >= time.since, or_(_is_use(), _is_enough(time.minimum)))
    )
    found = (wanted if time.until is None else wanted.where(event.occurred_at < time.until)).subquery()
    rows = db.execute(select(found).where(found.c.turn == 1))
    return {row.owner_id: (row.occurred_at, "use" if row.amount_minor < 0 else "payment") for row in rows}


def _is_use() -> ColumnElement[bool]:
    """Return the condition that a posting took money for what was ordered; the right charge of a claim is no order."""
    is_corrected = and_(PostingRow.origin == "call", PostingRow.key.like("%#%"))
    return and_(PostingRow.amount_minor < 0, PostingRow.origin.in_(USES), ~is_corrected)


def _is_enough(minimum: Iterable[Money]) -> ColumnElement[bool]:
    """Return the condition that a posting is money that came in, as much as a version asks."""
    sums = (and_(PostingRow.unit == each.currency, PostingRow.amount_minor >= each.minor) for each in minimum)
    paid_in = func.substr(PostingRow.counter, 1, 5) == "cash."
    return and_(paid_in, PostingRow.amount_minor > 0, or_(PostingRow.amount_minor < 0, *sums))
