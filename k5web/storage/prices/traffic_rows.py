"""The traffic of a span of days by what a price depends on: legs alike are counted together."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from k5web.domain.money import Price
from k5web.domain.prices.effect import LegGroup
from k5web.domain.prices.rating import MICROSECONDS, Rate
from k5web.storage.sql import FactOf, Microseconds, be_patient
from k5web.storage.tables import CallRow, CdrRow

BATCH = 5_000  # groups read at once
SETTLED = "settled"

Span = tuple[datetime, datetime]

_KEPT = case((CdrRow.leg == "a", CallRow.a_rate), else_=CallRow.b_rate)  # what the leg was sold by
_OF_RATE = ("price_micro", "connect_fee_micro", "increment_s", "minimum_s", "free_below_s")


def sold_by(db: Session, deck: str, span: Span, head: int) -> Iterator[LegGroup]:
    """Yield the answered legs of calls ordered in a span whose price came from a price list, their numbers cut to the
    first `head` digits."""
    found = _legs(span, head, literal(0)).where(FactOf(_KEPT, "source").startswith(f"deck {deck} "))
    return _groups(db, found)


def carried_by(db: Session, trunks: Sequence[str], span: Span, head: int) -> Iterator[LegGroup]:
    """Yield the answered legs that these trunks carried in a span, each with the rate that it was sold by."""
    kept = [cast(FactOf(_KEPT, name), Integer).label(name) for name in _OF_RATE]
    found = _legs(span, head, _counted(CdrRow.answered_at, CdrRow.ended_at), *kept)
    return _groups(db, found.where(CdrRow.trunk.in_(trunks)))


def _legs(span: Span, head: int, carried: ColumnElement[int], *more: ColumnElement[Any]) -> Select[Any]:
    """Return the SELECT of answered legs: what they cost, then what their prices depend on."""
    answered, free_until = CdrRow.answered_at, CdrRow.free_until
    paid_from = case((and_(free_until.is_not(None), free_until > answered), free_until), else_=answered)
    talk = func.coalesce(_counted(CallRow.b_answered_at, CallRow.ended_at), 0)
    own = _counted(paid_from, CdrRow.ended_at)
    rated = case((and_(CdrRow.leg == "a", CallRow.a_leg_from == "b_answer"), talk), else_=own)
    is_unknown = or_(CdrRow.carrier_cost_minor.is_(None), CdrRow.carrier_currency != CallRow.currency)
    return (
        select(
            case((is_unknown, 0), else_=CdrRow.carrier_cost_minor).label("cost"),
            case((is_unknown, 1), else_=0).label("unknown"),
            func.substr(CdrRow.number, 1, head).label("head"),
            CallRow.currency,
            rated.label("rated"),
            carried.label("carried"),
            *more,
        )
        .join_from(CallRow, CdrRow, and_(CdrRow.owner_id == CallRow.owner_id, CdrRow.n == CallRow.n))
        .where(CallRow.ordered_at >= span[0], CallRow.ordered_at < span[1], CallRow.state == SETTLED)
        .where(CallRow.covers.is_(None), answered.is_not(None))
    )


def _counted(since: Any, until: Any) -> ColumnElement[int]:
    """Return the microseconds of a span without the part of a second after its first: what is billed for seconds, be
    they counted up or down, depends on no more, and more legs are alike."""
    us = Microseconds(since, until)
    whole = us // MICROSECONDS * MICROSECONDS
    return whole + case((us > whole, 1), else_=0)


def _groups(db: Session, legs: Select[Any]) -> Iterator[LegGroup]:
    """Yield the legs counted together; those paid for by allowances, even in part, were left out."""
    be_patient(db)
    cost, unknown, *keys = legs.subquery("leg").c
    found = select(func.count(), func.sum(cost), func.sum(unknown), *keys).group_by(*keys)
    for count, cost_minor, no_cost, head, currency, rated, carried, *kept in db.execute(
        found.execution_options(yield_per=BATCH)
    ):
        sold = _rate(head, currency, *kept) if kept else None
        yield LegGroup(head, currency, int(rated), int(carried), int(count), int(cost_minor), int(no_cost), sold)


def _rate(head: str, currency: str, micro: int, fee: int, increment_s: int, minimum_s: int, free_below_s: int) -> Rate:
    return Rate(head, "", Price(micro, currency), increment_s, minimum_s, free_below_s, Price(fee, currency))
