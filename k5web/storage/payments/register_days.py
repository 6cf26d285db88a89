"""Days of providers' registers: payments judged by both sides in the database, what was counted and resolved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Subquery, Table, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from k5web.domain.money import Money
from k5web.domain.payments.register import RegisterVerdict
from k5web.domain.payments.register_day import (
    DifferenceName,
    Figure,
    HowResolved,
    RegisterDay,
    RegisterPair,
    Resolution,
)
from k5web.storage.payments.registers import LINE
from k5web.storage.sql import be_patient, insert_or_excluded, insert_or_nothing, same_event
from k5web.storage.tables import (
    NameClaimRow,
    PostingRow,
    RegisterDayRow,
    RegisterFileRow,
    RegisterResolutionRow,
    TransactionRow,
)

DAY = cast(Table, RegisterDayRow.__table__)
RESOLUTION = cast(Table, RegisterResolutionRow.__table__)


@dataclass(frozen=True, slots=True)
class Span:
    """Whose payments of what time. `late_from`: what was booked then or later came too late (B4)."""

    origin: str
    currency: str
    since: datetime
    until: datetime
    late_from: datetime


def figures(db: Session, span: Span) -> dict[RegisterVerdict, Figure]:
    """Return what the registers' payments of a span come to, by their verdicts."""
    be_patient(db)
    pair = _judged(span).c
    found = select(pair.verdict, func.count(), func.sum(pair.ours), func.sum(pair.theirs)).group_by(pair.verdict)
    return {
        RegisterVerdict(row[0]): Figure(int(row[1]), int(row[2] or 0), int(row[3] or 0)) for row in db.execute(found)
    }


def count_late(db: Session, span: Span) -> int:
    """Return how many of them were credited too late."""
    pair = _judged(span).c
    return db.scalar(select(func.count()).where(_is_late(pair, span))) or 0


def late(db: Session, span: Span, after: str, limit: int) -> list[RegisterPair]:
    """Return the payments of a span that were credited too late, by their keys."""
    judged = _judged(span)
    pair = judged.c
    return _pairs(
        db, span, select(judged).where(_is_late(pair, span), pair.key > after).order_by(pair.key).limit(limit)
    )


def pairs(
    db: Session, span: Span, verdicts: Collection[RegisterVerdict], after: str = "", limit: int | None = None
) -> list[RegisterPair]:
    """Return the registers' payments of a span that were judged so, by their keys."""
    be_patient(db)
    judged = _judged(span)
    pair = judged.c
    found = select(judged).where(pair.verdict.in_(verdicts), pair.key > after).order_by(pair.key)
    return _pairs(db, span, found if limit is None else found.limit(limit))


def took_back(db: Session, span: Span) -> dict[str, int]:
    """Return what the registers' lines of a span took back of each payment, as the file has it that takes most."""
    within = (LINE.c.origin == span.origin, LINE.c.at >= span.since, LINE.c.at < span.until, LINE.c.amount_minor < 0)
    by_file = select(LINE.c.key, func.sum(LINE.c.amount_minor).label("minor")).where(*within)
    in_file = by_file.group_by(LINE.c.file_sha256, LINE.c.key).subquery()
    found = select(in_file.c.key, func.min(in_file.c.minor)).group_by(in_file.c.key)
    return {str(row[0]): int(row[1]) for row in db.execute(found)}


def is_told(db: Session, span: Span, day: date) -> bool:
    """Return whether a register has this day: by its lines, or by its first and last day."""
    line = select(literal(1)).where(LINE.c.origin == span.origin, LINE.c.at >= span.since, LINE.c.at < span.until)
    covers = (RegisterFileRow.first_day <= day, RegisterFileRow.last_day >= day)
    file = select(literal(1)).where(RegisterFileRow.origin == span.origin, *covers)
    return bool(db.scalar(select(or_(line.exists(), file.exists()))))


def add_file(db: Session, sha256: str, origin: str, days: tuple[date, date] | None, lines: int, now: datetime) -> None:
    """Note that a register was read whole; again changes nothing."""
    first, last = days or (None, None)
    row = {"file_sha256": sha256, "origin": origin, "first_day": first, "last_day": last, "lines": lines}
    db.execute(insert_or_nothing(RegisterFileRow, "file_sha256", "origin").values(**row, read_at=now))


def save(db: Session, counted: RegisterDay, now: datetime) -> None:
    """Write down what was counted of a day, in place of what was counted before."""
    figures_of = {verdict.value: [one.count, one.ours, one.theirs] for verdict, one in counted.figures.items()}
    row = {
        "day": counted.day,
        "origin": counted.origin,
        "currency": counted.currency,
        "is_told": counted.is_told,
        "unresolved": counted.unresolved,
        "late": counted.late,
        "figures": figures_of,
        "counted_at": now,
    }
    changed = [name for name in row if name not in ("day", "origin")]
    db.execute(insert_or_excluded(DAY, ("day", "origin"), changed).values(**row))


def days(db: Session, first: date, last: date, origin: str | None = None) -> list[RegisterDay]:
    """Return what was counted of these days, the newest first."""
    found = select(DAY).where(DAY.c.day >= first, DAY.c.day <= last).order_by(DAY.c.day.desc(), DAY.c.origin)
    return [_day(row) for row in db.execute(found if origin is None else found.where(DAY.c.origin == origin))]


def resolve(db: Session, resolution: Resolution) -> bool:
    """Write down what a person said about a difference; False where somebody said something before."""
    name = resolution.name
    row = {
        "origin": name.origin,
        "key": name.key,
        "verdict": name.verdict,
        "is_back": name.is_back,
        "how": resolution.how,
        "reason": resolution.reason,
        "day": resolution.day,
        "theirs_minor": resolution.theirs.minor if resolution.theirs else None,
        "ours_minor": resolution.ours.minor if resolution.ours else None,
        "currency": (resolution.theirs or resolution.ours or Money(0)).currency,
        "actor": resolution.actor,
        "at": resolution.at,
    }
    adding = insert_or_nothing(RegisterResolutionRow).values(**row).returning(RegisterResolutionRow.key)
    return db.execute(adding).first() is not None


def resolutions(db: Session, origin: str, keys: Collection[str]) -> dict[DifferenceName, Resolution]:
    """Return what was said about differences of these payments."""
    found = select(RESOLUTION).where(RESOLUTION.c.origin == origin, RESOLUTION.c.key.in_(list(keys)))
    return {one.name: one for one in map(_resolution, db.execute(found))}


def resolutions_of_day(db: Session, origin: str, day: date) -> list[Resolution]:
    """Return what was said about differences of a day, the newest first."""
    found = select(RESOLUTION).where(RESOLUTION.c.origin == origin, RESOLUTION.c.day == day)
    return [_resolution(row) for row in db.execute(found.order_by(RESOLUTION.c.at.desc(), RESOLUTION.c.key))]


def _judged(span: Span) -> Subquery:
    """Return the query of the registers' payments of a span beside the ledger's, one row a payment.

    The same line may stand in two files; how often one file has it is what counts as twice.
    """
    told = (LINE.c.origin == span.origin, LINE.c.at >= span.since, LINE.c.at < span.until, LINE.c.amount_minor > 0)
    in_file = (
        select(
            LINE.c.key,
            func.count().label("times"),
            func.min(LINE.c.amount_minor).label("least"),
            func.max(LINE.c.amount_minor).label("most"),
            func.min(LINE.c.at).label("at"),
        )
        .where(*told)
        .group_by(LINE.c.file_sha256, LINE.c.key)
        .subquery()
    )
    theirs = (
        select(
            in_file.c.key,
            func.max(in_file.c.times).label("times"),
            func.min(in_file.c.least).label("least"),
            func.max(in_file.c.most).label("most"),
            func.min(in_file.c.at).label("at"),
        )
        .group_by(in_file.c.key)
        .subquery()
    )
    is_same = and_(
        PostingRow.amount_minor == theirs.c.most, theirs.c.least == theirs.c.most, PostingRow.unit == span.currency
    )
    verdict = case(
        (PostingRow.key.is_(None), RegisterVerdict.MISSING_HERE.value),
        (~is_same, RegisterVerdict.SUM_MISMATCH.value),
        (theirs.c.times > 1, RegisterVerdict.DUPLICATE.value),
        else_=RegisterVerdict.CONFIRMED.value,
    )
    ours = (PostingRow.amount_minor.label("ours"), PostingRow.unit, PostingRow.owner_id)
    shown: list[Any] = [theirs.c.key, theirs.c.most.label("theirs"), theirs.c.at, *ours, TransactionRow.recorded_at]
    is_named = and_(NameClaimRow.key == theirs.c.key, NameClaimRow.origin == span.origin)
    return (
        select(*shown, verdict.label("verdict"))
        .join_from(theirs, NameClaimRow, is_named, isouter=True)
        .join(TransactionRow, same_event(TransactionRow, NameClaimRow), isouter=True)
        .join(PostingRow, same_event(PostingRow, TransactionRow), isouter=True)
        .subquery()
    )


def _is_late(pair: Any, span: Span) -> ColumnElement[bool]:
    return and_(pair.ours.is_not(None), pair.recorded_at >= span.late_from)


def _pairs(db: Session, span: Span, found: Any) -> list[RegisterPair]:
    rows = db.execute(found).all()
    said = resolutions(db, span.origin, [row.key for row in rows]) if rows else {}
    return [_pair(row, span, said) for row in rows]


def _pair(row: Any, span: Span, said: Mapping[DifferenceName, Resolution]) -> RegisterPair:
    name = DifferenceName(span.origin, row.key, RegisterVerdict(row.verdict))
    ours = None if row.ours is None else Money(row.ours, row.unit)
    theirs = Money(row.theirs, span.currency)
    return RegisterPair(name, theirs, ours, row.at, row.owner_id, row.recorded_at, said.get(name))


def _day(row: Any) -> RegisterDay:
    counted = {RegisterVerdict(verdict): Figure(*of) for verdict, of in row.figures.items()}
    return RegisterDay(
        row.day, row.origin, row.currency, bool(row.is_told), row.unresolved, row.late, counted, row.counted_at
    )


def _resolution(row: Any) -> Resolution:
    theirs, ours = (
        None if minor is None else Money(minor, row.currency) for minor in (row.theirs_minor, row.ours_minor)
    )
    name = DifferenceName(row.origin, row.key, RegisterVerdict(row.verdict), bool(row.is_back))
    return Resolution(name, HowResolved(row.how), row.reason, row.day, theirs, ours, row.actor, row.at)
