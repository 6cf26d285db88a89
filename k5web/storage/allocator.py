"""Ids of subscribers, accounts and rules, numbers of invoices: below 2^33, never given twice, the same on any engine.

A number is given in the transaction that uses it, so what is rolled back leaves no gap.
"""

from typing import Final, Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from k5web.storage.sql import insert_or_change
from k5web.storage.tables import AllocatorRow

PROPOSALS: Final = "proposal"


def of_acts(year: int) -> str:
    """Return the kind of the numbers that acts of a year have."""
    return f"act {year}"


def allocate(db: Session, kind: Literal["subscriber", "account", "invoice", "bank_rule", "bank_doubt"]) -> int:
    """Return a new id; the row stays locked until commit, so take it last."""
    statement = (
        update(AllocatorRow)
        .where(AllocatorRow.kind == kind)
        .values(next_id=AllocatorRow.next_id + 1)
        .returning(AllocatorRow.next_id)
    )
    return db.execute(statement).scalar_one() - 1


def allocate_many(db: Session, kind: str, count: int) -> range:
    """Return so many new numbers of a sequence, which begins with 1; its row stays locked until commit."""
    first = {"kind": kind, "next_id": 1 + count}
    statement = insert_or_change(AllocatorRow, first, ["kind"], {"next_id": AllocatorRow.next_id + count})
    end = db.execute(statement.returning(AllocatorRow.next_id)).scalar_one()
    return range(end - count, end)
