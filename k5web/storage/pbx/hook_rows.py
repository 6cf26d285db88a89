"""Webhooks and what they are told, as rows: a queue by the moment a message is due, and its log."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, and_, delete, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from k5web.domain.pbx.conversation import Conversation, ConversationOutcome
from k5web.domain.pbx.webhook import Delivery, HookAnswer, HookEvent, Webhook
from k5web.storage.sql import count_changed, first_of, insert_or_nothing, next_of
from k5web.storage.tables import ConversationRow, WebhookDeliveryRow, WebhookRow
from k5web.storage.tables.pbx import IS_UNTOLD
from k5web.storage.values import columns_of, value_of

HOOK, DELIVERY = cast(Table, WebhookRow.__table__), cast(Table, WebhookDeliveryRow.__table__)
_IS_LIVE = WebhookRow.removed_at.is_(None)
_IS_DUE = WebhookDeliveryRow.done_at.is_(None)


def add(db: Session, owner_id: int, url: str, events: Collection[HookEvent], secret: bytes, now: datetime) -> Webhook:
    """Put in an address; the caller holds the owner's purse. `secret`: enciphered."""
    new = Webhook(owner_id, next_of(db, WebhookRow, owner_id), url, frozenset(events), now)
    db.execute(insert(HOOK).values(**columns_of(new, events=",".join(sorted(events)), secret=secret)))
    return new


def live(db: Session, owner_id: int) -> list[Webhook]:
    """Return an owner's addresses that were not removed, oldest first."""
    found = select(HOOK).where(WebhookRow.owner_id == owner_id, _IS_LIVE).order_by(WebhookRow.n)
    return [_hook(row) for row in db.execute(found)]


def find(db: Session, owner_id: int, n: int) -> Webhook | None:
    """Return one of the owner's that was not removed."""
    return first_of(db.execute(select(HOOK).where(*_same(owner_id, n), _IS_LIVE)), _hook)


def secret(db: Session, owner_id: int, n: int) -> bytes | None:
    """Return the enciphered secret of an address that is told things; None where it is paused or removed."""
    found = select(WebhookRow.secret).where(*_same(owner_id, n), _IS_LIVE, WebhookRow.paused_at.is_(None))
    return db.scalar(found)


def remove(db: Session, owner_id: int, n: int, now: datetime) -> bool:
    """Remove an address; what it was to be told is given up. False where it is not there."""
    gone = update(WebhookRow).where(*_same(owner_id, n), _IS_LIVE).values(removed_at=now, secret=b"")
    is_new = bool(count_changed(db, gone))
    open_ones = (WebhookDeliveryRow.owner_id == owner_id, WebhookDeliveryRow.webhook_n == n, _IS_DUE)
    db.execute(update(WebhookDeliveryRow).where(*open_ones).values(done_at=now, outcome="given_up", why="removed"))
    return is_new


def pause(db: Session, owner_id: int, n: int, now: datetime) -> bool:
    """Tell an address nothing more until its owner says so; False where it rests already."""
    resting = update(WebhookRow).where(*_same(owner_id, n), _IS_LIVE, WebhookRow.paused_at.is_(None))
    return bool(count_changed(db, resting.values(paused_at=now)))


def resume(db: Session, owner_id: int, n: int) -> None:
    """Tell an address that rests again what is news; the tries that failed before count no more."""
    rests = (*_same(owner_id, n), _IS_LIVE, WebhookRow.paused_at.is_not(None))
    if count_changed(db, update(WebhookRow).where(*rests).values(paused_at=None)):
        db.execute(update(WebhookDeliveryRow).where(*_failed(owner_id, n)).values(attempts=0))


def owners(db: Session) -> list[int]:
    """Return who has an address that hears of calls."""
    found = select(WebhookRow.owner_id).where(_IS_LIVE, WebhookRow.paused_at.is_(None)).distinct()
    return list(db.scalars(found.order_by(WebhookRow.owner_id)))


def untold(db: Session, owner_id: int, since: datetime, limit: int) -> list[tuple[Conversation, tuple[str, ...]]]:
    """Return an owner's conversations from that moment on whose end was not told, and what was told of each."""
    which = (ConversationRow.owner_id == owner_id, ConversationRow.began_at >= since, IS_UNTOLD)
    found = select(ConversationRow.__table__).where(*which).order_by(ConversationRow.began_at).limit(limit)
    return [(_conversation(row), tuple(word for word in row.told.split(",") if word)) for row in db.execute(found)]


def note_told(db: Session, conversation: Conversation, was: Sequence[str], now_told: Sequence[str]) -> bool:
    """Note what was told of a conversation; False where another worker did meanwhile."""
    names = ("owner_id", "switch", "linked_id")
    same = and_(*(getattr(ConversationRow, name) == getattr(conversation, name) for name in names))
    changed = update(ConversationRow).where(same, ConversationRow.told == ",".join(was))
    return bool(count_changed(db, changed.values(told=",".join(now_told))))


def queue(db: Session, delivery: Delivery) -> None:
    """Have an address told something; the same thing is told once."""
    db.execute(insert_or_nothing(DELIVERY).values(**columns_of(delivery, facts=dict(delivery.facts))))


def due(
    db: Session,
    now: datetime,
    limit: int,
    in_a_row: int,
    busy: Collection[tuple[int, int]] = (),
    busy_owners: Collection[int] = (),
) -> list[tuple[Delivery, str]]:
    """Return what is to be told now and where, the longest due first, so many at most to each address.

    Left out are addresses that rest, those that are `busy` (owner and number), and all of `busy_owners`.
    """
    row = WebhookDeliveryRow
    same = and_(WebhookRow.owner_id == row.owner_id, WebhookRow.n == row.webhook_n)
    which = [_IS_DUE, row.due_at <= now, _IS_LIVE, WebhookRow.paused_at.is_(None)]
    if busy:
        which.append(tuple_(row.owner_id, row.webhook_n).not_in(busy))
    if busy_owners:
        which.append(row.owner_id.not_in(busy_owners))
    first = (row.due_at, row.id)
    turn = func.row_number().over(partition_by=(row.owner_id, row.webhook_n), order_by=first).label("turn")
    found = select(DELIVERY, WebhookRow.url, turn).join(WebhookRow, same).where(*which).subquery()
    oldest = select(found).where(found.c.turn <= in_a_row).order_by(found.c.due_at, found.c.id).limit(limit)
    return [(_delivery(each), each.url) for each in db.execute(oldest)]


def claim(db: Session, delivery: Delivery, now: datetime, until: datetime) -> bool:
    """Take a message to be told, until that moment; False where another worker did meanwhile."""
    seen = (*_same_delivery(delivery), _IS_DUE, WebhookDeliveryRow.attempts == delivery.attempts)
    taken = update(WebhookDeliveryRow).where(*seen, WebhookDeliveryRow.due_at <= now)
    return bool(count_changed(db, taken.values(attempts=delivery.attempts + 1, due_at=until)))


def note(db: Session, delivery: Delivery, answer: HookAnswer, now: datetime, again_at: datetime | None) -> None:
    """Note how a try went; `again_at`: None where it was the last, or a success."""
    values: dict[str, Any] = {"status": answer.status, "why": answer.why}
    if again_at is None:
        values |= {"done_at": now, "outcome": "told" if answer.is_success else "given_up"}
    else:
        values |= {"due_at": again_at}
    db.execute(update(WebhookDeliveryRow).where(*_same_delivery(delivery), _IS_DUE).values(**values))


def give_up_old(db: Session, before: datetime, now: datetime) -> None:
    """Give up what is no news any more."""
    old = update(WebhookDeliveryRow).where(_IS_DUE, WebhookDeliveryRow.created_at < before)
    db.execute(old.values(done_at=now, outcome="given_up"))


def count_failed(db: Session, owner_id: int, n: int, limit: int) -> int:
    """Return how many of the last tries in a row failed, at most `limit`: of messages since the last success, and since
    the owner had the address told again."""
    theirs = (WebhookDeliveryRow.owner_id == owner_id, WebhookDeliveryRow.webhook_n == n)
    told_at = select(func.max(WebhookDeliveryRow.done_at)).where(*theirs, WebhookDeliveryRow.outcome == "told")
    last = select(WebhookDeliveryRow.attempts).where(*_failed(owner_id, n))
    if (moment := db.scalar(told_at)) is not None:
        last = last.where(WebhookDeliveryRow.created_at > moment)
    newest = last.order_by(WebhookDeliveryRow.created_at.desc()).limit(limit).subquery()
    return min(db.scalar(select(func.coalesce(func.sum(newest.c.attempts), 0))) or 0, limit)


def log(db: Session, owner_id: int, n: int, limit: int) -> list[Delivery]:
    """Return what an address was told last, newest first."""
    theirs = (WebhookDeliveryRow.owner_id == owner_id, WebhookDeliveryRow.webhook_n == n)
    newest = select(DELIVERY).where(*theirs).order_by(WebhookDeliveryRow.created_at.desc(), WebhookDeliveryRow.id)
    return [_delivery(row) for row in db.execute(newest.limit(limit))]


def forget(db: Session, before: datetime) -> None:
    """Delete the log from before a moment."""
    db.execute(delete(WebhookDeliveryRow).where(~_IS_DUE, WebhookDeliveryRow.done_at < before))


def _same(owner_id: int, n: int) -> tuple[ColumnElement[bool], ...]:
    return WebhookRow.owner_id == owner_id, WebhookRow.n == n


def _failed(owner_id: int, n: int) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a message one that was tried and not told."""
    row = WebhookDeliveryRow
    theirs = (row.owner_id == owner_id, row.webhook_n == n)
    return *theirs, row.attempts > 0, row.outcome.is_distinct_from("told")


def _same_delivery(delivery: Delivery) -> tuple[ColumnElement[bool], ...]:
    row = WebhookDeliveryRow
    return row.owner_id == delivery.owner_id, row.webhook_n == delivery.webhook_n, row.id == delivery.id


def _hook(row: Row[Any]) -> Webhook:
    return value_of(Webhook, row, events=frozenset(HookEvent(word) for word in row.events.split(",") if word))


def _conversation(row: Row[Any]) -> Conversation:
    return value_of(Conversation, row, outcome=ConversationOutcome(row.outcome) if row.outcome else None)


def _delivery(row: Row[Any]) -> Delivery:
    return value_of(Delivery, row)
