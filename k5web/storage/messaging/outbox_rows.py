"""The outbox as a queue: what is to be sent is put in, taken out by one sender, and closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal, cast

from sqlalchemy import Table, delete, exists, func, literal, literal_column, or_, select, text, update
from sqlalchemy.orm import Session

from k5web.domain.messaging.message import Channel
from k5web.domain.messaging.notice import SECRETS
from k5web.storage.sql import insert_or_nothing
from k5web.storage.tables import OutboxRow, SubscriberRow
from k5web.storage.values import columns_of, value_of

# "accepted": the SMS centre or the mail server has it; the next two are what delivery reports say of it.
# "refused": it will not be taken. "unknown": it may have been sent, so it is not repeated. "dropped": not to be sent.
# "decoy": it was never to be sent, its writing takes the time that a message's takes
SendingState = Literal[
    "waiting", "sending", "accepted", "delivered", "refused", "failed", "unknown", "dropped", "decoy"
]  # fmt: skip
NOBODY: Final = 0  # the owner of messages to numbers that are no subscriber's

OUTBOX: Final = cast(Table, OutboxRow.__table__)
_PUT: Final = insert_or_nothing(OUTBOX, "owner_id", "id").returning(OUTBOX.c.owner_id)
_IS_OPEN: Final = OutboxRow.done_at.is_(None)
_IS_DECOY: Final = OutboxRow.state == literal_column("'decoy'")  # written out: the partial index is found by it

_IS_FAILED: Final = text("state IN ('refused', 'failed', 'unknown')")  # likewise


@dataclass(frozen=True, slots=True)
class Queued:
    """A message as it waits. Without a channel it goes as its owner wishes; without an address to the owner's own."""

    owner_id: int
    id: str
    kind: str
    facts: Mapping[str, Any]
    created_at: datetime
    channel: Channel | None = None
    address: str | None = None
    is_urgent: bool = False
    due_at: datetime | None = None
    expires_at: datetime | None = None
    attempts: int = 0
    cost_minor: int | None = None

    @property
    def ref(self) -> str:
        """Our name of it at the SMS centre: the same for each try, and nobody can guess it from a number."""
        return sha256(f"{self.owner_id} {self.id} {self.created_at.isoformat()}".encode()).hexdigest()[:32]


def queue(db: Session, message: Queued) -> bool:
    """Put a message in; False where one of this owner and id is there already, sent or not."""
    return _put(db, message, "waiting", None)


def queue_decoy(db: Session, message: Queued) -> bool:
    """Put in by the same statement what nobody takes out: it is done from the first, and `forget_decoys` removes it."""
    return _put(db, message, "decoy", message.created_at)


def forget_decoys(db: Session, before: datetime) -> None:
    """Delete decoys that a message would have outlived; the database lets no other row go."""
    db.execute(delete(OutboxRow).where(_IS_DECOY, OutboxRow.expires_at < before))


def _put(db: Session, message: Queued, state: SendingState, done_at: datetime | None) -> bool:
    made = {"facts": dict(message.facts), "ref": message.ref, "state": state, "done_at": done_at}
    return db.execute(_PUT, columns_of(message, "attempts", **made)).first() is not None


def due(db: Session, now: datetime, limit: int) -> list[Queued]:
    """Return what waits and may be sent now: the urgent first, then the oldest."""
    found = (
        select(OutboxRow)
        .where(OutboxRow.done_at.is_(None), OutboxRow.state == "waiting")
        .where(or_(OutboxRow.due_at.is_(None), OutboxRow.due_at <= now))
        .order_by(OutboxRow.is_urgent.desc(), OutboxRow.created_at, OutboxRow.owner_id, OutboxRow.id)
        .limit(limit)
    )
    return [_queued(row) for row in db.scalars(found)]


def claim(db: Session, message: Queued, now: datetime) -> bool:
    """Take a message out for one try; False where another sender was quicker."""
    claimed = update(OutboxRow).where(*_same(message), OutboxRow.state == "waiting").values(
        state="sending", attempts=OutboxRow.attempts + 1, due_at=now, ref=message.ref
    )  # fmt: skip
    return db.execute(claimed.returning(OutboxRow.owner_id)).first() is not None


def note_cost(db: Session, message: Queued, cost_minor: int) -> None:
    """Write down what was booked for a message, so that another try books nothing."""
    db.execute(update(OutboxRow).where(*_same(message)).values(cost_minor=cost_minor))


def postpone(db: Session, message: Queued, until: datetime) -> None:
    """Let a message wait."""
    db.execute(update(OutboxRow).where(*_same(message), _IS_OPEN).values(state="waiting", due_at=until))


def close(db: Session, message: Queued, state: SendingState, now: datetime, *, is_secret: bool) -> None:
    """Write down what became of a message; what a secret one said is forgotten, and the address to which it went."""
    closed: dict[str, Any] = {"state": state, "done_at": now}
    if is_secret:
        closed |= {"facts": {}, "address": None}
    db.execute(update(OutboxRow).where(*_same(message)).values(**closed))


def close_try(db: Session, message: Queued, state: SendingState, now: datetime, *, is_secret: bool) -> None:
    """Close a message after a try, unless a delivery report was quicker: it knows more."""
    if db.scalar(select(OutboxRow.state).where(*_same(message)).with_for_update()) == "sending":
        close(db, message, state, now, is_secret=is_secret)


def reopen(db: Session, message: Queued, now: datetime) -> None:
    """Let a message that was closed wait again: it is known now that it was not sent."""
    db.execute(update(OutboxRow).where(*_same(message)).values(state="waiting", done_at=None, due_at=now))


def give_up(db: Session, before: datetime, now: datetime) -> int:
    """Close what senders took out long ago and never closed: nobody knows whether it was sent. Return how many."""
    lost = (OutboxRow.done_at.is_(None), OutboxRow.state == "sending", OutboxRow.due_at < before)
    db.execute(update(OutboxRow).where(*lost, OutboxRow.kind.in_(SECRETS)).values(facts={}, address=None))
    closed = update(OutboxRow).where(*lost).values(state="unknown", done_at=now)
    return len(db.execute(closed.returning(OutboxRow.owner_id)).all())


def by_ref(db: Session, ref: str) -> tuple[Queued, str] | None:
    """Return the message of this name at the SMS centre and its state, locked."""
    row = db.scalars(select(OutboxRow).where(OutboxRow.ref == ref).with_for_update()).first()
    return None if row is None else (_queued(row), row.state)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that did not arrive, or nobody knows."""

    owner_id: int
    id: str
    kind: str
    state: str
    created_at: datetime


def undelivered(db: Session, since: datetime, limit: int) -> list[Undelivered]:
    """Return what of the messages that were closed since a moment did not arrive, the newest first; codes and passwords
    are left out: whoever needs one asks again."""
    found = select(OutboxRow).where(_IS_FAILED, OutboxRow.done_at >= since, OutboxRow.kind.not_in(SECRETS))
    ordered = found.order_by(OutboxRow.done_at.desc(), OutboxRow.owner_id, OutboxRow.id).limit(limit)
    return [value_of(Undelivered, row) for row in db.scalars(ordered)]


def waiting(db: Session) -> int:
    """Return how many messages are not done."""
    return db.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.done_at.is_(None))) or 0


def _same(message: Queued) -> tuple[Any, Any]:
    return OutboxRow.owner_id == message.owner_id, OutboxRow.id == message.id


def _queued(row: OutboxRow) -> Queued:
    return value_of(Queued, row)


def queue_for_all(db: Session, message: Queued, limit: int, *, joined_before: datetime) -> int:
    """Put a message in for this many subscribers who have none of its id yet; return for how many. 0: all have it.

    Whoever's contract has ended, or who came later, is left out. The message's own owner says nothing.
    """
    values = (
        (OutboxRow.owner_id, SubscriberRow.id),
        (OutboxRow.id, literal(message.id)),
        (OutboxRow.kind, literal(message.kind)),
        (OutboxRow.facts, literal(dict(message.facts), OutboxRow.facts.type)),
        (OutboxRow.created_at, literal(message.created_at, OutboxRow.created_at.type)),
        (OutboxRow.expires_at, literal(message.expires_at, OutboxRow.expires_at.type)),
        (OutboxRow.attempts, literal(0, OutboxRow.attempts.type)),
    )
    has_it = exists().where(OutboxRow.owner_id == SubscriberRow.id, OutboxRow.id == message.id)
    found = select(*(value for _, value in values)).where(~has_it, SubscriberRow.ended_at.is_(None))
    found = found.where(SubscriberRow.created_at < joined_before)
    names = [column.key for column, _ in values]
    adding = insert_or_nothing(OutboxRow, "owner_id", "id").from_select(names, found.limit(limit))
    return len(db.execute(adding.returning(OutboxRow.owner_id)).all())
