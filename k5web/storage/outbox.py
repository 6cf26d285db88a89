"""Messages to send after commit: written with the posting that causes them, so none is lost and none invented."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Select, Table, bindparam, func, insert, literal, select, union_all, update
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Posting
from k5web.storage.accounts.subscribers import pays_by
from k5web.storage.sql import OneOf, count_changed, first_of, insert_or_nothing
from k5web.storage.tables import AccountRow, OutboxRow, SubscriberRow

# Core and not ORM: it stands on the path of every posting
OUTBOX, ACCOUNT, SUBSCRIBER = (cast(Table, row.__table__) for row in (OutboxRow, AccountRow, SubscriberRow))
_ADD = insert_or_nothing(OUTBOX, "owner_id", "id")
Kind = Literal[
    "low_balance",
    "resume",
    "plan_change",
    "deck_change",
    "offer_change",
    "contract_ended",
    "suspended",
    "resumed",
    "change_withdrawn",
]

_BEFORE, _AFTER = (bindparam(name, type_=ACCOUNT.c.floor_minor.type) for name in ("before", "after"))
_CROSSED_FLOOR = (
    ACCOUNT.c.owner_id == bindparam("owner", type_=ACCOUNT.c.owner_id.type),
    ACCOUNT.c.id == bindparam("account", type_=ACCOUNT.c.id.type),
    ACCOUNT.c.purpose == "main",
    ACCOUNT.c.floor_minor >= _BEFORE,
    ACCOUNT.c.floor_minor < _AFTER,
)
_THRESHOLDS = (
    select(ACCOUNT.c.id, SUBSCRIBER.c.low_balance_minor)
    .join_from(SUBSCRIBER, ACCOUNT, ACCOUNT.c.owner_id == SUBSCRIBER.c.id)
    .where(
        OneOf(ACCOUNT.c.owner_id, "owners"),
        OneOf(ACCOUNT.c.id, "accounts"),
        ACCOUNT.c.purpose == "main",
        SUBSCRIBER.c.ended_at.is_(None),  # afterwards money only goes back
    )
)


def _row(kind: str) -> Select[Any]:
    """A row of the outbox with an id and facts of its own."""
    return select(
        bindparam("owner", type_=OUTBOX.c.owner_id.type),
        bindparam(f"{kind}_id", type_=OUTBOX.c.id.type),
        literal(kind),
        bindparam(f"{kind}_facts", type_=OUTBOX.c.facts.type),
        bindparam("now", type_=OUTBOX.c.created_at.type),
    )


_COLUMNS = ("owner_id", "id", "kind", "facts", "created_at")
_RESUME = _row("resume").where(*_CROSSED_FLOOR)
_ADD_RESUME = _ADD.from_select(_COLUMNS, _RESUME, include_defaults=False)
_ADD_PAYMENT_AND_RESUME = _ADD.from_select(_COLUMNS, union_all(_row("payment"), _RESUME), include_defaults=False)


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told, or done."""

    id: str
    kind: str
    facts: dict[str, Any]
    created_at: datetime


def note_crossings(db: Session, postings: Sequence[Posting], now: datetime) -> None:
    """Write what these postings cause: a debit below the subscriber's threshold, a credit above the floor.

    The threshold is asked for now, when the account is locked: what the lock waited for may have changed it.
    """
    debits = [posting for posting in postings if posting.amount.minor < 0]
    thresholds = _thresholds(db, debits) if debits else {}
    for posting in postings:
        after, before = posting.balance.minor, posting.balance.minor - posting.amount.minor
        if posting.amount.minor < 0:
            threshold = thresholds.get(posting.account_id)
            if threshold is not None and after < threshold <= before:
                row = {"owner_id": posting.owner_id, "id": f"low_balance {posting.name}", "kind": "low_balance"}
                facts = _left(posting) | {"threshold_minor": threshold}
                db.execute(_ADD, row | {"facts": facts, "created_at": now})
        elif before <= 0:  # no floor lies higher
            db.execute(_ADD_RESUME, _crossing(posting, now))


def note_payment(db: Session, posting: Posting, now: datetime) -> None:
    """Write what a payment causes: its owner is told of it, and where it lifts the account above the floor also that
    the account may be used again. One statement: all providers' notices pass here."""
    facts = {"minor": posting.amount.minor, **_left(posting)}
    row = {"owner_id": posting.owner_id, "id": f"payment {posting.name}", "kind": "payment", "facts": facts}
    if posting.balance.minor > posting.amount.minor:  # no floor lies higher
        db.execute(_ADD, row | {"created_at": now})
    else:
        db.execute(_ADD_PAYMENT_AND_RESUME, _crossing(posting, now) | {"payment_id": row["id"], "payment_facts": facts})


def note_change(
    db: Session, kind: Kind, about: str, concerned: Iterable[tuple[str, str]], facts: dict[str, Any], now: datetime
) -> int:
    """Write a notice of a publication for every subscriber with one of these plans and currencies; return how many.
    `about` is the version that it tells of, named once for a kind.

    One statement: a publication and its notices are one transaction, whatever their number.
    """
    values = (
        (OutboxRow.owner_id, SubscriberRow.id),
        (OutboxRow.id, literal(f"{kind} {about}")),
        (OutboxRow.kind, literal(kind)),
        (OutboxRow.facts, literal(facts, OutboxRow.facts.type)),
        (OutboxRow.created_at, literal(now, OutboxRow.created_at.type)),
        (OutboxRow.attempts, literal(0, OutboxRow.attempts.type)),
    )
    found = select(*(value for _, value in values)).where(pays_by(concerned))
    db.execute(insert(OUTBOX).from_select([column.key for column, _ in values], found))
    told = select(func.count()).select_from(OutboxRow).where(OutboxRow.id == f"{kind} {about}")
    return db.scalar(told) or 0


def take_back(db: Session, kind: Kind, about: str, facts: dict[str, Any], now: datetime) -> tuple[int, int]:
    """Take the notices of a publication out of the queue, and write to whoever was told already that it does not come;
    return how many of each."""
    named, told_back = OutboxRow.id == f"{kind} {about}", f"change_withdrawn {kind} {about}"
    waits = (named, OutboxRow.state == "waiting", OutboxRow.done_at.is_(None))
    dropped = count_changed(db, update(OutboxRow).where(*waits).values(state="dropped", done_at=now))
    values = (
        (OutboxRow.owner_id, OutboxRow.owner_id),
        (OutboxRow.id, literal(told_back)),
        (OutboxRow.kind, literal("change_withdrawn")),
        (OutboxRow.facts, literal(facts, OutboxRow.facts.type)),
        (OutboxRow.created_at, literal(now, OutboxRow.created_at.type)),
        (OutboxRow.attempts, literal(0, OutboxRow.attempts.type)),
    )
    may_know = OutboxRow.state.in_(("sending", "accepted", "delivered", "unknown"))
    found = select(*(value for _, value in values)).where(named, may_know)
    return dropped, count_changed(db, insert(OUTBOX).from_select([column.key for column, _ in values], found))


def newest(db: Session, owner_id: int, kind: Kind) -> Message | None:
    """Return the owner's last message of this kind, sent or not."""
    return first_of(db.scalars(_of_kind(owner_id, kind).order_by(OutboxRow.created_at.desc()).limit(1)), _message)


def of_kind(db: Session, owner_id: int, kind: Kind) -> list[Message]:
    """Return the owner's messages of this kind, sent or not, oldest first."""
    return [_message(row) for row in db.scalars(_of_kind(owner_id, kind).order_by(OutboxRow.created_at, OutboxRow.id))]


def _of_kind(owner_id: int, kind: Kind) -> Select[OutboxRow]:
    return select(OutboxRow).where(OutboxRow.owner_id == owner_id, OutboxRow.kind == kind)


def _message(row: OutboxRow) -> Message:
    return Message(row.id, row.kind, row.facts, row.created_at)


def _thresholds(db: Session, debits: Iterable[Posting]) -> Mapping[int, int]:
    """Return below what a message is due, by the main account."""
    owners, accounts = {posting.owner_id for posting in debits}, {posting.account_id for posting in debits}
    rows = db.execute(_THRESHOLDS, {"owners": sorted(owners), "accounts": sorted(accounts)})
    return {row.id: row.low_balance_minor for row in rows}


def _crossing(posting: Posting, now: datetime) -> dict[str, Any]:
    """Return what a credit that may cross the floor writes into the message of it."""
    after = posting.balance.minor
    which = {"owner": posting.owner_id, "account": posting.account_id, "now": now}
    told = {"resume_id": f"resume {posting.name}", "resume_facts": _left(posting)}
    return which | told | {"before": after - posting.amount.minor, "after": after}


def _left(posting: Posting) -> dict[str, Any]:
    return {"balance_minor": posting.balance.minor, "currency": posting.balance.currency}
