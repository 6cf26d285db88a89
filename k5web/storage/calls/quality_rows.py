"""How trunks and directions did, counted by the database over finished legs. Session in, domain values out."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Subquery, Table, and_, case, func, select
from sqlalchemy.orm import Session

from k5web.domain.calls.call import CallKind, CallState
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.quality import Margin, Quality, failure_of
from k5web.domain.money import Money
from k5web.storage.sql import FactOf, Microseconds
from k5web.storage.tables import CallRow, CdrRow

By = Literal["trunk", "direction"]
Span = tuple[datetime, datetime]

_CALL, _CDR = cast(Table, CallRow.__table__), cast(Table, CdrRow.__table__)
_OF_CALL = and_(_CDR.c.owner_id == _CALL.c.owner_id, _CDR.c.n == _CALL.c.n)
_B_DIRECTION = FactOf(_CALL.c.b_rate, "destination")
_DIRECTION = case((_CDR.c.leg == "a", FactOf(_CALL.c.a_rate, "destination")), else_=_B_DIRECTION)


@dataclass(slots=True)
class _Sum:
    """A quality while its rows come in."""

    attempts: int = 0
    answered: int = 0
    talked_us: int = 0
    unknown: int = 0
    carrier: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)


def quality(db: Session, by: By, span: Span) -> list[Quality]:
    """Return how each trunk or direction did whose legs began in a span, the busiest first."""
    legs = _legs(by, span)
    sums: dict[str, _Sum] = defaultdict(_Sum)
    _count(db, legs, sums)
    for name, failure, count in _failures(db, legs):
        sums[name].failures[failure] += count
    found = {name: _quality(name, sum_) for name, sum_ in sums.items()}
    for name, median_us, p95_us in _delays(db, legs):
        found[name] = replace(found[name], median_us=median_us, p95_us=p95_us)
    for name, margin in _margins(db, by, span):
        known = found.setdefault(name, Quality(name))
        found[name] = replace(known, margins={**known.margins, margin.revenue.currency: margin})
    return sorted(found.values(), key=lambda each: (-each.attempts, each.name))


def _legs(by: By, span: Span) -> Subquery:
    """Return the legs of the span, each with the name that it is counted under."""
    name = _CDR.c.trunk if by == "trunk" else _DIRECTION
    columns = (_CDR.c.answered_at, _CDR.c.cause, _CDR.c.sip, _CDR.c.heard, _CDR.c.carrier_cost_minor)
    legs = select(
        name.label("name"),
        *columns,
        _CDR.c.carrier_currency,
        Microseconds(_CDR.c.answered_at, _CDR.c.ended_at).label("talked_us"),
        Microseconds(_CDR.c.started_at, _CDR.c.answered_at).label("delay_us"),
    ).where(_CDR.c.started_at >= span[0], _CDR.c.started_at < span[1])
    # Whoever rings an 8-800 number comes by a trunk: that says nothing about what goes out by it
    return legs.join_from(_CDR, _CALL, _OF_CALL).where(_CALL.c.kind != CallKind.INCOMING).subquery("legs")


def _count(db: Session, legs: Subquery, sums: dict[str, _Sum]) -> None:
    is_answered = legs.c.answered_at.is_not(None)
    has_no_cost = legs.c.carrier_cost_minor.is_(None)
    found = select(
        legs.c.name,
        legs.c.carrier_currency,
        func.count(),
        func.count(legs.c.answered_at),
        func.coalesce(func.sum(legs.c.talked_us), 0),
        func.coalesce(func.sum(legs.c.carrier_cost_minor).filter(is_answered), 0),
        func.count().filter(and_(is_answered, has_no_cost)),
    ).group_by(legs.c.name, legs.c.carrier_currency)
    for name, currency, attempts, answered, talked_us, minor, unknown in db.execute(found):
        sum_ = sums[name]
        sum_.attempts += attempts
        sum_.answered += answered
        sum_.talked_us += int(talked_us)
        sum_.unknown += unknown
        if currency is not None:
            sum_.carrier[currency] += int(minor)


def _failures(db: Session, legs: Subquery) -> Iterator[tuple[str, str, int]]:
    found = (
        select(legs.c.name, legs.c.cause, legs.c.sip, legs.c.heard, func.count())
        .where(legs.c.answered_at.is_(None))
        .group_by(legs.c.name, legs.c.cause, legs.c.sip, legs.c.heard)
    )
    for name, cause, sip, heard, count in db.execute(found):
        yield name, failure_of(cause, sip, None if heard is None else Heard(heard)), count


def _delays(db: Session, legs: Subquery) -> Iterator[tuple[str, int, int]]:
    """Yield within which time half and 95 of a hundred answered legs were answered, by nearest rank."""
    over: dict[str, Any] = {"partition_by": legs.c.name}
    ranked = (
        select(
            legs.c.name,
            legs.c.delay_us,
            func.row_number().over(order_by=legs.c.delay_us, **over).label("rank"),
            func.count().over(**over).label("total"),
        )
        .where(legs.c.answered_at.is_not(None))
        .subquery("ranked")
    )
    rank, total = ranked.c.rank, ranked.c.total
    median, p95 = (func.min(ranked.c.delay_us).filter(rank * 100 >= total * share) for share in (50, 95))
    for name, median_us, p95_us in db.execute(select(ranked.c.name, median, p95).group_by(ranked.c.name)):
        yield name, int(median_us), int(p95_us)


def _margins(db: Session, by: By, span: Span) -> Iterator[tuple[str, Margin]]:
    """Yield what settled calls earned and cost: by direction all, by trunk those whose other party it reached."""
    calls = _calls(span)
    name, found = calls.c.direction, select(calls)
    if by == "trunk":
        b = _CDR.alias("b")
        is_reached = and_(b.c.leg == "b", b.c.answered_at.is_not(None))
        name, found = b.c.trunk, found.join(b, and_(b.c.owner_id == calls.c.owner_id, b.c.n == calls.c.n, is_reached))
    sums = (func.sum(calls.c[column]) for column in ("revenue", "cost", "unknown"))
    summed = found.with_only_columns(name, calls.c.currency, func.count(), *sums).group_by(name, calls.c.currency)
    for named, currency, count, revenue, cost, unknown in db.execute(summed):
        yield named, Margin(count, Money(int(revenue), currency), Money(int(cost), currency), int(unknown))


def _calls(span: Span) -> Subquery:
    """Return the settled calls of a span, each with what it brought and what its carriers take for both legs."""
    is_known = and_(_CDR.c.carrier_cost_minor.is_not(None), _CDR.c.carrier_currency == _CALL.c.currency)
    cost = func.coalesce(func.sum(_CDR.c.carrier_cost_minor).filter(is_known), 0)
    unknown = func.count(_CDR.c.leg_uuid) - func.count(_CDR.c.leg_uuid).filter(is_known)
    return (
        select(
            _CALL.c.owner_id,
            _CALL.c.n,
            _CALL.c.currency,
            _B_DIRECTION.label("direction"),
            func.coalesce(_CALL.c.cost_minor, 0).label("revenue"),
            cost.label("cost"),
            unknown.label("unknown"),
        )
        .outerjoin_from(_CALL, _CDR, and_(_OF_CALL, _CDR.c.answered_at.is_not(None)))
        .where(_CALL.c.state == CallState.SETTLED.value)
        .where(_CALL.c.ordered_at >= span[0], _CALL.c.ordered_at < span[1])
        .group_by(_CALL.c.owner_id, _CALL.c.n)
        .subquery("calls")
    )


def _quality(name: str, sum_: _Sum) -> Quality:
    carrier = {currency: Money(minor, currency) for currency, minor in sorted(sum_.carrier.items())}
    failures = dict(sum_.failures.most_common())
    return Quality(
        name,
        sum_.attempts,
        sum_.answered,
        sum_.talked_us,
        failures=failures,
        carrier=carrier,
        unknown=sum_.unknown,
    )
