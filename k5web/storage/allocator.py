"""Ids of subscribers, accounts and rules, numbers of invoices: below 2^33, never given twice, the same on any engine.

A number is given in the transaction that uses it, so what is rolled back leaves no gap.
"""

from typing import Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from k5web.storage.tables import AllocatorRow


def allocate(db: Session, kind: Literal["subscriber", "account", "invoice", "bank_rule", "bank_doubt"]) -> int:
    """Return a new id; the row stays locked until commit, so take it last."""
    statement = (
        update(AllocatorRow)
        .where(AllocatorRow.kind == kind)
        .values(next_id=AllocatorRow.next_id + 1)
        .returning(AllocatorRow.next_id)
    )
    return db.execute(statement).scalar_one() - 1
