"""Messages that came in, by the gateway's name of them: what was done for each is done once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import InboundSmsRow
from k5web.storage.values import columns_of, value_of


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message, without its text. `reply` None: none was kept, because none was sent or it holds a password."""

    smsc: str
    id: str
    at: datetime
    sender_hash: bytes
    text_hash: bytes
    owner_id: int | None
    outcome: str
    reply: str | None


def add(db: Session, inbound: Inbound) -> bool:
    """Keep a message; False where one of this name is there already."""
    added = db.execute(
        insert_or_nothing(InboundSmsRow, "smsc", "id").values(**columns_of(inbound)).returning(InboundSmsRow.id)
    )
    return added.first() is not None


def find(db: Session, smsc: str, message_id: str) -> Inbound | None:
    """Return the message of this name."""
    row = db.get(InboundSmsRow, (smsc, message_id), populate_existing=True)
    return None if row is None else value_of(Inbound, row)


def forget(db: Session, replies_before: datetime, before: datetime) -> None:
    """Delete replies that are asked for no more, and later the rows."""
    old = (InboundSmsRow.at < replies_before, InboundSmsRow.reply.is_not(None))
    db.execute(update(InboundSmsRow).where(*old).values(reply=""))
    db.execute(delete(InboundSmsRow).where(InboundSmsRow.at < before))
