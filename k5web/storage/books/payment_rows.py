"""A payment that was credited, found by its name: what its provider is told again when it repeats itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.books.service import reversal_of
from k5web.storage.books.ledger import posting_of
from k5web.storage.books.ledger_sql import POSTING, TRANSACTION
from k5web.storage.sql import same_event

_UNDOING = TRANSACTION.alias("undoing")
_IS_UNDONE = exists().where(
    _UNDOING.c.owner_id == TRANSACTION.c.owner_id,
    _UNDOING.c.origin == bindparam("undoing_origin", type_=TRANSACTION.c.origin.type),
    _UNDOING.c.key == bindparam("undoing_key", type_=TRANSACTION.c.key.type),
)
_BOOKED = (
    select(POSTING, TRANSACTION.c.recorded_at, _IS_UNDONE.label("is_undone"))
    .join_from(TRANSACTION, POSTING, same_event(POSTING.c, TRANSACTION.c))
    .where(
        TRANSACTION.c.owner_id == bindparam("owner", type_=TRANSACTION.c.owner_id.type),
        TRANSACTION.c.origin == bindparam("origin", type_=TRANSACTION.c.origin.type),
        TRANSACTION.c.key == bindparam("key", type_=TRANSACTION.c.key.type),
    )
    .order_by(POSTING.c.account_id, POSTING.c.seq)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """The posting of a payment. `is_undone`: taken back whole, as if it had not come."""

    posting: Posting
    recorded_at: datetime
    is_undone: bool


def find(db: Session, owner_id: int, name: EventName) -> BookedPayment | None:
    """Return the payment of this name, in one question; None where the owner has none."""
    undoing = reversal_of(name)
    asked = {"owner": owner_id, "origin": name.origin, "key": name.key}
    asked |= {"undoing_origin": undoing.origin, "undoing_key": undoing.key}
    row = db.execute(_BOOKED, asked).first()
    return None if row is None else BookedPayment(posting_of(row), row.recorded_at, bool(row.is_undone))
