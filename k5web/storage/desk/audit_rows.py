"""What the staff did: appended, read by key, never changed."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from k5web.domain.desk.audit import AuditFilter, AuditLine, Deed
from k5web.storage.tables import AuditRow

_End = aliased(AuditRow, name="ending")


def begin(db: Session, deed: Deed, now: datetime) -> int:
    """Write down what somebody is about to do; return the number of the line."""
    facts = dict(deed.facts) | ({"request": deed.request_id} if deed.request_id else {})
    row = {"at": now, "actor": deed.actor, "action": deed.action, "owner_id": deed.owner_id, "reason": deed.reason}
    written = db.execute(insert(AuditRow).values(**row, facts=facts, outcome="").returning(AuditRow.id))
    return written.scalar_one()


def end(db: Session, begun: int, deed: Deed, outcome: str, now: datetime) -> None:
    """Write down what became of it."""
    row = {"begun": begun, "at": now, "actor": deed.actor, "action": deed.action, "owner_id": deed.owner_id}
    db.execute(insert(AuditRow).values(**row, reason="", facts={}, outcome=outcome))


def lines(
    db: Session, wished: AuditFilter, zone: tzinfo, *, before: int | None = None, most: int = 50
) -> list[AuditLine]:
    """Return the newest lines that are wished; `before`: the number of the last one seen."""
    found = _wished(wished, zone)
    if before is not None:
        found = found.where(AuditRow.id < before)
    return [_line(*row) for row in db.execute(found.order_by(AuditRow.id.desc()).limit(most))]


def stream(db: Session, wished: AuditFilter, zone: tzinfo) -> Iterator[AuditLine]:
    """Yield all that are wished, oldest first, without holding them all."""
    rows = db.execute(_wished(wished, zone).order_by(AuditRow.id).execution_options(yield_per=500))
    for row in rows:
        yield _line(*row)


def _wished(wished: AuditFilter, zone: tzinfo) -> Any:
    found = (
        select(AuditRow, _End.outcome, _End.owner_id)
        .outerjoin(_End, _End.begun == AuditRow.id)
        .where(AuditRow.begun.is_(None), *_conditions(wished, zone))
    )
    return found


def _conditions(wished: AuditFilter, zone: tzinfo) -> Iterator[ColumnElement[bool]]:
    if wished.actor:
        yield AuditRow.actor == wished.actor
    if wished.action:
        yield func.substr(AuditRow.action, 1, len(wished.action)) == wished.action
    if wished.owner_id is not None:
        named_later = select(AuditRow.begun).where(AuditRow.owner_id == wished.owner_id, AuditRow.begun.is_not(None))
        yield or_(AuditRow.owner_id == wished.owner_id, AuditRow.id.in_(named_later))
    if wished.since is not None:
        yield AuditRow.at >= datetime.combine(wished.since, time.min, zone)
    if wished.until is not None:
        yield AuditRow.at < datetime.combine(wished.until + timedelta(days=1), time.min, zone)


def _line(row: AuditRow, outcome: str | None, owner_id: int | None) -> AuditLine:
    return AuditLine(
        row.id, row.at, row.actor, row.action, row.owner_id or owner_id, row.reason, row.facts, outcome or ""
    )
