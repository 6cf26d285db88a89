"""What calls brought and what carriers took for them, by the direction of leg B: summed once a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from k5web.domain.calls.call import OVER_STATES
from k5web.domain.prices.margin import MarginLine
from k5web.storage.prices.traffic_rows import SETTLED, Span
from k5web.storage.sql import FactOf, be_patient, insert_or_nothing, whole_seconds
from k5web.storage.tables import CallRow, CdrRow, MarginDayRow, MarginLineRow

_SUMS = ("calls", "seconds", "revenue_minor", "known_calls", "known_seconds", "known_minor", "cost_minor")


def first_call(db: Session) -> datetime | None:
    """Return when the first call was ordered."""
    return db.scalar(select(func.min(CallRow.ordered_at)))


def last_day(db: Session) -> date | None:
    """Return the last day that is summed; all before it are, too."""
    return db.scalar(select(func.max(MarginDayRow.day)))


def has_open_calls(db: Session, before: datetime) -> bool:
    """Return whether a call ordered before that moment is not over."""
    is_open = (CallRow.state.not_in(OVER_STATES), CallRow.ordered_at < before)
    return db.scalar(select(exists().where(*is_open))) or False


def sum_up(db: Session, day: date, span: Span, now: datetime) -> bool:
    """Keep the sums of a day that is over; False where another did."""
    be_patient(db)
    taken = insert_or_nothing(MarginDayRow, "day").values(day=day, summed_at=now).returning(MarginDayRow.day)
    if db.execute(taken).first() is None:
        return False
    lines = _by_direction(span).subquery("line")
    adding = insert(MarginLineRow).from_select(["day", *(column.key for column in lines.c)], _dated(day, lines))
    db.execute(adding)
    return True


def kept(db: Session, first: date, last: date) -> Sequence[MarginLine]:
    """Return the sums of days that are summed, from the first to the last, by price and direction."""
    row = MarginLineRow
    sums = [func.sum(getattr(row, name)) for name in _SUMS]
    keys = (row.source, row.destination, row.currency)
    found = select(*keys, *sums).where(row.day >= first, row.day <= last).group_by(*keys)
    return [_line(*values) for values in db.execute(found)]


def counted(db: Session, span: Span) -> Sequence[MarginLine]:
    """Return the same of days that are not summed, counted now."""
    be_patient(db)
    return [_line(*values) for values in db.execute(_by_direction(span))]


def _dated(day: date, lines: Any) -> Select[Any]:
    return select(literal(day, MarginLineRow.day.type), *lines.c)


def _by_direction(span: Span) -> Select[Any]:
    """Return the SELECT of the sums. A call whose cost is not known in its own currency counts apart."""
    each = _per_call(span).subquery("each")
    is_known = each.c.unknown == 0
    sums: tuple[ColumnElement[Any], ...] = (
        func.count().label("calls"),
        func.sum(each.c.seconds).label("seconds"),
        func.sum(each.c.minor).label("revenue_minor"),
        func.sum(case((is_known, 1), else_=0)).label("known_calls"),
        func.sum(case((is_known, each.c.seconds), else_=0)).label("known_seconds"),
        func.sum(case((is_known, each.c.minor), else_=0)).label("known_minor"),
        func.sum(case((is_known, each.c.cost), else_=0)).label("cost_minor"),
    )
    keys = (each.c.source, each.c.destination, each.c.currency)
    return select(*keys, *sums).group_by(*keys)


def _per_call(span: Span) -> Any:
    """Return the SELECT of calls, each with what carriers took for its legs and how many of those costs are unknown."""
    call, leg = CallRow, CdrRow
    is_unknown = and_(
        leg.answered_at.is_not(None), or_(leg.carrier_cost_minor.is_(None), leg.carrier_currency != call.currency)
    )
    return (
        select(
            func.coalesce(FactOf(call.b_rate, "source"), "").label("source"),
            FactOf(call.b_rate, "destination").label("destination"),
            call.currency,
            func.coalesce(whole_seconds(call.b_answered_at, call.ended_at), 0).label("seconds"),
            func.coalesce(call.cost_minor, 0).label("minor"),
            func.coalesce(func.sum(leg.carrier_cost_minor), 0).label("cost"),
            func.sum(case((is_unknown, 1), else_=0)).label("unknown"),
        )
        .join_from(call, leg, and_(leg.owner_id == call.owner_id, leg.n == call.n), isouter=True)
        .where(call.ordered_at >= span[0], call.ordered_at < span[1], call.state == SETTLED)
        .group_by(call.owner_id, call.n)
    )


def _line(source: str, destination: str, currency: str, *sums: Any) -> MarginLine:
    return MarginLine(source, destination, currency, *(int(each) for each in sums))
