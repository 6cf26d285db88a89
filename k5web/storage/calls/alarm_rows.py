"""Fraud alarms in the database, and the counts of calls that make them. Session in, domain values out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, and_, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from k5web.domain.calls.fraud import DAY, HOUR, SHORT_S, SOON, Alarm, AlarmKind, AlarmTerms, Decision, Pace
from k5web.domain.calls.risk import Risk
from k5web.domain.money import Money
from k5web.errors import FirstDayLimit
from k5web.storage.sql import first_of, insert_or_nothing, next_of, whole_seconds
from k5web.storage.tables import CallRow, FraudAlarmRow, RefusalRow
from k5web.storage.values import value_of

_ALARM, _CALL, _REFUSAL = (cast(Table, row.__table__) for row in (FraudAlarmRow, CallRow, RefusalRow))
_IS_SHORT = and_(_CALL.c.b_answered_at.is_not(None), whole_seconds(_CALL.c.b_answered_at, _CALL.c.ended_at) < SHORT_S)


def fast(db: Session, now: datetime, terms: AlarmTerms) -> dict[int, Pace]:
    """Return what each account did lately that did enough for one of these signs, by account."""
    found = {pace.owner_id: pace for pace in _calls(db, now, _least_calls(terms))}
    for pace in _risky(db, now, terms.risk_minor):
        found[pace.owner_id] = replace(found.get(pace.owner_id, pace), risky=pace.risky, risky_calls=pace.risky_calls)
    for owner_id, times in _capped(db, now):
        found[owner_id] = replace(found.get(owner_id, Pace(owner_id)), capped=times)
    return found


def since(db: Session, owner_id: int, now: datetime, after: datetime) -> Pace:
    """Return what one account did lately, but for what it did until that moment."""
    pace = next(iter(_calls(db, now, 1, owner_id, after)), Pace(owner_id))
    for risky in _risky(db, now, 1, owner_id, after):
        pace = replace(pace, risky=risky.risky, risky_calls=risky.risky_calls)
    return replace(pace, capped=dict(_capped(db, now, owner_id, after)).get(owner_id, 0))


def _least_calls(terms: AlarmTerms) -> int:
    """Return how many calls an account ordered at least within the hour, where one of the signs is to be seen."""
    counts = [each for each in (terms.velocity, terms.night, terms.weekend, terms.short) if each]
    return min(counts, default=0)


def _calls(
    db: Session, now: datetime, least: int, owner_id: int | None = None, after: datetime | None = None
) -> list[Pace]:
    if not least:
        return []
    ordered_at = _CALL.c.ordered_at
    soon = func.count().filter(ordered_at > now - SOON)
    found = (
        select(_CALL.c.owner_id, soon, func.count(), func.count().filter(_IS_SHORT))
        .where(ordered_at > max(now - HOUR, after or now - HOUR), ordered_at <= now)
        .group_by(_CALL.c.owner_id)
        .having(func.count() >= least)
    )
    if owner_id is not None:
        found = found.where(_CALL.c.owner_id == owner_id)
    return [Pace(row[0], soon=row[1], hour=row[2], short=row[3]) for row in db.execute(found)]


def _risky(
    db: Session, now: datetime, least_minor: int, owner_id: int | None = None, after: datetime | None = None
) -> list[Pace]:
    if not least_minor:
        return []
    spent = func.sum(func.coalesce(_CALL.c.cost_minor, _CALL.c.hold_minor))
    found = (
        select(_CALL.c.owner_id, _CALL.c.currency, spent, func.count())
        .where(_CALL.c.risk != Risk.ORDINARY.value, _CALL.c.ordered_at <= now)
        .where(_CALL.c.ordered_at > max(now - DAY, after or now - DAY))
        .group_by(_CALL.c.owner_id, _CALL.c.currency)
        .having(spent >= least_minor)
    )
    if owner_id is not None:
        found = found.where(_CALL.c.owner_id == owner_id)
    return [Pace(row[0], risky=Money(int(row[2]), row[1]), risky_calls=row[3]) for row in db.execute(found)]


def _capped(
    db: Session, now: datetime, owner_id: int | None = None, after: datetime | None = None
) -> list[tuple[int, int]]:
    """Return how often the first day's cap refused whom it refused lately."""
    found = select(_REFUSAL.c.owner_id, _REFUSAL.c.times).where(
        _REFUSAL.c.kind == FirstDayLimit.code, _REFUSAL.c.last_at > max(now - HOUR, after or now - HOUR)
    )
    if owner_id is not None:
        found = found.where(_REFUSAL.c.owner_id == owner_id)
    return [(row[0], row[1]) for row in db.execute(found)]


def raise_one(db: Session, owner_id: int, kind: AlarmKind, at: datetime, facts: Mapping[str, Any]) -> bool:
    """Write an alarm; False where one of this kind waits already. The caller holds the account."""
    row = {"owner_id": owner_id, "n": next_of(db, FraudAlarmRow, owner_id), "kind": kind, "raised_at": at}
    added = insert_or_nothing(FraudAlarmRow).values(**row, facts=dict(facts)).returning(FraudAlarmRow.n)
    return db.execute(added).first() is not None


def last(db: Session, owner_id: int, kind: AlarmKind) -> Alarm | None:
    """Return the latest alarm of this kind about an account."""
    found = select(_ALARM).where(_ALARM.c.owner_id == owner_id, _ALARM.c.kind == kind)
    return first_of(db.execute(found.order_by(_ALARM.c.n.desc()).limit(1)), _alarm)


def find(db: Session, owner_id: int, n: int) -> Alarm | None:
    """Return an alarm."""
    found = select(_ALARM).where(_ALARM.c.owner_id == owner_id, _ALARM.c.n == n)
    return first_of(db.execute(found), _alarm)


def lock(db: Session, owner_id: int, n: int) -> Alarm | None:
    """Return an alarm, kept from changing until the transaction ends."""
    found = select(_ALARM).where(_ALARM.c.owner_id == owner_id, _ALARM.c.n == n)
    return first_of(db.execute(found.with_for_update()), _alarm)


def decide(
    db: Session, owner_id: int, n: int | None, at: datetime, actor: str, reason: str, stop_n: int | None
) -> None:
    """Note what was made of an alarm, or of all that wait about an account: its calls stopped by an entry, or left."""
    waiting = update(_ALARM).where(_ALARM.c.owner_id == owner_id, _ALARM.c.decided_at.is_(None))
    if n is not None:
        waiting = waiting.where(_ALARM.c.n == n)
    decision = Decision.LEFT if stop_n is None else Decision.STOPPED
    said = {"decided_at": at, "decided_by": actor, "decision": decision, "reason": reason, "stop_n": stop_n}
    db.execute(waiting.values(**said))


def undo(db: Session, owner_id: int, stop_n: int, at: datetime, actor: str) -> None:
    """Note that the entry is lifted by which alarms of an account were answered."""
    stopped = (_ALARM.c.owner_id == owner_id, _ALARM.c.stop_n == stop_n, _ALARM.c.undone_at.is_(None))
    db.execute(update(_ALARM).where(*stopped).values(undone_at=at, undone_by=actor))


def count_waiting(db: Session) -> int:
    """Return how many alarms nobody has decided."""
    return db.scalar(select(func.count()).select_from(_ALARM).where(_ALARM.c.decided_at.is_(None))) or 0


def waiting(db: Session, limit: int) -> list[Alarm]:
    """Return the alarms that nobody has decided, the oldest first."""
    found = select(_ALARM).where(_ALARM.c.decided_at.is_(None))
    return [_alarm(row) for row in db.execute(found.order_by(_ALARM.c.raised_at, _ALARM.c.owner_id).limit(limit))]


def decided(db: Session, before: tuple[datetime, int, int] | None, limit: int) -> list[Alarm]:
    """Return the alarms that were decided, newest first, paged by moment, account and number."""
    key = (_ALARM.c.raised_at, _ALARM.c.owner_id, _ALARM.c.n)
    found = select(_ALARM).where(_ALARM.c.decided_at.is_not(None))
    if before is not None:
        found = found.where(or_(key[0] < before[0], and_(key[0] == before[0], tuple_(*key[1:]) < tuple_(*before[1:]))))
    return [_alarm(row) for row in db.execute(found.order_by(*(each.desc() for each in key)).limit(limit))]


def _alarm(row: Row[Any]) -> Alarm:
    return value_of(Alarm, row, kind=AlarmKind(row.kind), decision=Decision(row.decision) if row.decision else None)
