"""Calls in the database: orders, their states, the switch's records, finished legs. Session in, domain values out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict, Unpack, cast

from sqlalchemy import Row, Table, bindparam, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from k5web.domain.calls.call import (
    LIVE_STATES,
    OVER_STATES,
    CallKind,
    CallOrder,
    CallState,
    Cdr,
    EventKind,
    Outcome,
    SwitchEvent,
    split_call_id,
)
from k5web.domain.calls.endings import Heard
from k5web.domain.money import Money
from k5web.domain.prices.call_cover import Cover
from k5web.domain.prices.call_limits import Limits
from k5web.domain.prices.rating import AnswerOf, Quote
from k5web.storage.prices.kept_rates import rate_facts, rate_of
from k5web.storage.sql import among, first_of, insert_or_nothing, word
from k5web.storage.tables import CallRow, CdrRow, HoldAheadRow, HouseRow, SwitchEventRow, SwitchPositionRow
from k5web.storage.values import columns_of, value_of

CALL = cast(Table, CallRow.__table__)
IS_LIVE = among(CALL.c.state, LIVE_STATES)

# Built once: these run several times a call, and building them costs more than running them
_EVENT, _POSITION = cast(Table, SwitchEventRow.__table__), cast(Table, SwitchPositionRow.__table__)
_ADD_EVENT = insert_or_nothing(_EVENT)
_ADD_CDR = insert_or_nothing(CdrRow)
_ADD_POSITION = insert_or_nothing(_POSITION)
_OWNER, _N = bindparam("of_owner", type_=CALL.c.owner_id.type), bindparam("of_n", type_=CALL.c.n.type)
_SWITCH = bindparam("of_switch", type_=_POSITION.c.switch.type)
_AHEAD = HoldAheadRow.__table__.c
_LAST_NUMBERS = select(
    select(func.max(CALL.c.n)).where(CALL.c.owner_id == _OWNER).scalar_subquery(),
    select(func.max(_AHEAD.call_n)).where(_AHEAD.owner_id == _OWNER).scalar_subquery(),
    select(HouseRow.calls_above).scalar_subquery(),
)
_FIND = select(CALL).where(CALL.c.owner_id == _OWNER, CALL.c.n == _N)
_LIVE = select(CALL).where(CALL.c.owner_id == _OWNER, IS_LIVE).order_by(CALL.c.n)
_BY_FORM = select(CALL).where(CALL.c.owner_id == _OWNER, CALL.c.form_key == bindparam("of_form_key"))
_LOCK = _FIND.with_for_update()
_TAKE = _FIND.where(CALL.c.state == bindparam("of_state")).with_for_update(skip_locked=True)
_CHANGE = update(CALL).where(CALL.c.owner_id == _OWNER, CALL.c.n == _N)
_WAITING = (
    select(CALL).where(CALL.c.state == word(CallState.RESERVED)).order_by(CALL.c.ordered_at).limit(bindparam("most"))
)
_BEFORE = select(func.count()).where(
    CALL.c.state == word(CallState.RESERVED),
    CALL.c.ordered_at < bindparam("of_ordered_at", type_=CALL.c.ordered_at.type),
)
_PLACED = (
    select(CALL.c.owner_id, CALL.c.n, CALL.c.state)
    .where(tuple_(CALL.c.owner_id, CALL.c.n).in_(bindparam("keys", expanding=True)), CALL.c.placing_at.is_not(None))
    .with_for_update(read=True)
)
_EVENTS = select(_EVENT).where(_EVENT.c.owner_id == _OWNER, _EVENT.c.n == _N).order_by(_EVENT.c.at)
_FIND_POSITION = select(_POSITION.c.position).where(_POSITION.c.switch == _SWITCH).with_for_update()
_MOVE_POSITION = update(_POSITION).where(_POSITION.c.switch == _SWITCH)


class CallChanges(TypedDict, total=False):
    """Columns of `call` that change while it lives; trunks as tuples."""

    state: CallState
    switch: str
    trunks_a: tuple[str, ...]
    trunks_b: tuple[str, ...]
    placing_at: datetime | None
    a_answered_at: datetime | None
    a_free_until: datetime | None
    b_answered_at: datetime | None
    cancel_requested_at: datetime
    outcome: Outcome
    cost_minor: int
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """How a call stands that a switch asked about before it dials: it never waits in the queue."""

    kind: CallKind
    switch: str
    asked_by: str  # the leg
    trunks_b: tuple[str, ...]

    @property
    def columns(self) -> dict[str, Any]:
        """The same as columns of the call."""
        return {
            "kind": self.kind,
            "switch": self.switch,
            "asked_by": self.asked_by,
            "trunks_b": ",".join(self.trunks_b),
            "state": CallState.CALLING_B,
        }


def next_number(db: Session, owner_id: int) -> int:
    """Return the number of an owner's next call: none that a call has, or had before a backup was
    brought back, nor one that is kept for a hold ahead."""
    return max(n or 0 for n in db.execute(_LAST_NUMBERS, {"of_owner": owner_id}).one()) + 1


def add(
    db: Session,
    *,
    owner_id: int,
    account_id: int,
    form_key: str,
    quote: Quote,
    limits: Limits,
    a_leg_from: str,
    ring_a_s: int,
    ring_b_s: int,
    at_once: bool,
    press_1: bool,
    risk: str,
    ordered_at: datetime,
    begun: Begun | None = None,
) -> CallOrder:
    """Add an order in state `reserved`, or one that a switch has begun.

    The caller holds the account's lock, so the next number is free.
    """
    row = terms_of(account_id, quote, limits, a_leg_from, ring_a_s, ring_b_s, risk, press_1=press_1) | {
        "owner_id": owner_id,
        "n": next_number(db, owner_id),
        "form_key": form_key,
        "at_once": at_once,
        "state": CallState.RESERVED,
        "ordered_at": ordered_at,
        "changed_at": ordered_at,
    }
    if begun is not None:
        row |= begun.columns | {"placing_at": ordered_at}
    return order_of(db.execute(insert(CallRow).values(row).returning(*CALL.c)).one())


def terms_of(
    account_id: int,
    quote: Quote,
    limits: Limits,
    a_leg_from: str,
    ring_a_s: int,
    ring_b_s: int,
    risk: str,
    *,
    press_1: bool = False,
) -> dict[str, Any]:
    """Return the terms of an order as columns: whole prices and limits, in values that JSON has too."""
    return {
        "account_id": account_id,
        "a_number": quote.a_number,
        "b_number": quote.b_number,
        "a_rate": rate_facts(quote.a),
        "b_rate": rate_facts(quote.b),
        "a_leg_from": a_leg_from,
        "minutes": limits.minutes,
        "hold_minor": limits.hold.minor,
        "currency": limits.hold.currency,
        "covers": {"held": [cover.facts for cover in limits.covers]} if limits.covers else None,
        "ring_a_s": ring_a_s,
        "ring_b_s": ring_b_s,
        "talk_ms": limits.talk_ms,
        "leg_a_s": limits.leg_a_s,
        "press_1": press_1,
        "risk": risk,
    }


def find(db: Session, owner_id: int, n: int) -> CallOrder | None:
    """Return one order of this owner."""
    return first_of(db.execute(_FIND, {"of_owner": owner_id, "of_n": n}), order_of)


def find_by_form_key(db: Session, owner_id: int, form_key: str) -> CallOrder | None:
    """Return the order this form made, if it made one."""
    return first_of(db.execute(_BY_FORM, {"of_owner": owner_id, "of_form_key": form_key}), order_of)


def live(db: Session, owner_id: int) -> list[CallOrder]:
    """Return this owner's calls that ring or may ring."""
    return [order_of(row) for row in db.execute(_LIVE, {"of_owner": owner_id})]


def live_by_form(db: Session, owner_id: int, form: str) -> CallOrder | None:
    """Return the owner's call that rings or may ring and was ordered by a form whose keys begin so."""
    is_of_form = CALL.c.form_key.startswith(form, autoescape=True)
    found = select(CALL).where(CALL.c.owner_id == owner_id, IS_LIVE, is_of_form)
    return first_of(db.execute(found.limit(1)), order_of)


def page(
    db: Session, owner_id: int, before_n: int | None, limit: int, span: tuple[datetime, datetime] | None = None
) -> list[CallOrder]:
    """Return this owner's calls, those that were ordered in a span where one is given, newest first, paged by key."""
    found = select(CALL).where(CALL.c.owner_id == owner_id).order_by(CALL.c.n.desc()).limit(limit)
    if span is not None:
        found = found.where(CALL.c.ordered_at >= span[0], CALL.c.ordered_at < span[1])
    if before_n is not None:
        found = found.where(CALL.c.n < before_n)
    return [order_of(row) for row in db.execute(found)]


def unfinished(db: Session, limit: int) -> list[CallOrder]:
    """Return the calls that are not over, oldest first."""
    found = select(CALL).where(CALL.c.state.not_in(OVER_STATES)).order_by(CALL.c.changed_at).limit(limit)
    return [order_of(row) for row in db.execute(found)]


def waiting(db: Session, limit: int = 500) -> list[CallOrder]:
    """Return the orders in the queue, oldest first, unlocked: whoever takes one looks again (`take`)."""
    return [order_of(row) for row in db.execute(_WAITING, {"most": limit})]


def unheard_of(db: Session, states: Sequence[CallState], before: datetime, limit: int = 5000) -> list[CallOrder]:
    """Return the callbacks without news since before that moment: those that wait for an end or a ring first.

    The limit is far above what switches carry at once, so long talks keep nobody from being looked after.
    """
    found = (
        select(CALL)
        .where(CALL.c.state.in_(states), CALL.c.changed_at < before, CALL.c.kind == CallKind.CALLBACK)
        .order_by(
            CALL.c.cancel_requested_at.is_(None), CALL.c.state != CallState.PLACING, CALL.c.changed_at, CALL.c.owner_id
        )
        .limit(limit)
    )
    return [order_of(row) for row in db.execute(found)]


def queue_place(db: Session, call: CallOrder) -> int:
    """Return how many orders wait before this one."""
    return db.scalar(_BEFORE, {"of_ordered_at": call.ordered_at}) or 0


def take(db: Session, owner_id: int, n: int, state: CallState) -> CallOrder | None:
    """Lock one order if it is still in this state and nobody else has it; on SQLite the writer is alone anyway."""
    return first_of(db.execute(_TAKE, {"of_owner": owner_id, "of_n": n, "of_state": state}), order_of)


def lock(db: Session, owner_id: int, n: int) -> CallOrder | None:
    """Lock one order, whatever its state."""
    return first_of(db.execute(_LOCK, {"of_owner": owner_id, "of_n": n}), order_of)


def change(db: Session, call: CallOrder, now: datetime, **values: Unpack[CallChanges]) -> None:
    """Write what became of an order. A change of state that no table knows is a bug: ValueError."""
    state = values.get("state", call.state)
    if state is not call.state and not call.state.may_become(state):
        raise ValueError(f"call {call.id} is {call.state} and cannot become {state}")
    texts = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in values.items()}
    key = {"of_owner": call.owner_id, "of_n": split_call_id(call.id)[1]}
    db.execute(_CHANGE, {**key, "changed_at": now, **texts})


def price_anew(db: Session, call: CallOrder, quote: Quote) -> CallOrder:
    """Write down who the other party is, and its price, where that was not known when the money was held."""
    key = {"of_owner": call.owner_id, "of_n": split_call_id(call.id)[1]}
    db.execute(_CHANGE, {**key, "b_number": quote.b_number, "b_rate": rate_facts(quote.b)})
    return replace(call, quote=quote)


def placed(db: Session, call_ids: Collection[str]) -> dict[str, CallState]:
    """Return which of these calls this database has handed to a switch, and where they stand.

    Nobody moves them on before this transaction ends.
    """
    keys = [split_call_id(call_id) for call_id in call_ids]
    return {f"{owner_id}-{n}": CallState(state) for owner_id, n, state in db.execute(_PLACED, {"keys": keys})}


def add_events(db: Session, switch: str, events: Sequence[SwitchEvent]) -> None:
    """Keep the switch's records; one that is known already changes nothing."""
    rows = []
    for event in events:
        owner_id, n = split_call_id(event.call_id)
        rows.append(columns_of(event, "call_id", owner_id=owner_id, n=n, switch=switch))
    if rows:
        db.execute(_ADD_EVENT, rows)


def events(db: Session, owner_id: int, n: int) -> list[SwitchEvent]:
    """Return the switch's records of one call."""
    call_id = f"{owner_id}-{n}"
    rows = db.execute(_EVENTS, {"of_owner": owner_id, "of_n": n})
    return [
        value_of(SwitchEvent, row, call_id=call_id, kind=EventKind(row.kind), heard=_heard(row.heard)) for row in rows
    ]


def add_cdrs(db: Session, cdrs: Sequence[Cdr]) -> None:
    """Keep the finished legs; one that is known already changes nothing."""
    rows = [
        columns_of(
            cdr,
            *("call_id", "carrier_cost"),
            n=split_call_id(cdr.call_id)[1],
            carrier_cost_minor=cdr.carrier_cost.minor if cdr.carrier_cost else None,
            carrier_currency=cdr.carrier_cost.currency if cdr.carrier_cost else None,
        )
        for cdr in cdrs
    ]
    if rows:
        db.execute(_ADD_CDR, rows)


def cdrs(db: Session, owner_id: int, n: int) -> list[Cdr]:
    """Return the finished legs of one call, leg A first."""
    found = select(CdrRow).where(CdrRow.owner_id == owner_id, CdrRow.n == n).order_by(CdrRow.leg, CdrRow.started_at)
    return [cdr_of(row) for row in db.scalars(found)]


def cdr_of(row: CdrRow | Row[Any]) -> Cdr:
    """Return the finished leg of a row of its table."""
    cost = row.carrier_cost_minor
    return value_of(
        Cdr,
        row,
        call_id=f"{row.owner_id}-{row.n}",
        heard=_heard(row.heard),
        carrier_cost=None if cost is None else Money(cost, row.carrier_currency or ""),
    )


def position(db: Session, switch: str) -> str:
    """Return how far this switch's records were read, locked: one importer at a time."""
    known = db.scalar(_FIND_POSITION, {"of_switch": switch})
    if known is None:
        db.execute(_ADD_POSITION, {"switch": switch, "position": ""})
        known = db.scalar(_FIND_POSITION, {"of_switch": switch})
    return known or ""


def positions(db: Session) -> list[tuple[str, str]]:
    """Return how far each switch's records were read, by its name; one of which nothing was read is left out."""
    found = select(SwitchPositionRow.switch, SwitchPositionRow.position).where(SwitchPositionRow.position != "")
    return [(row.switch, row.position) for row in db.execute(found.order_by(SwitchPositionRow.switch))]


def move_position(db: Session, switch: str, position: str) -> None:
    """Remember how far this switch's records were read."""
    db.execute(_MOVE_POSITION, {"of_switch": switch, "position": position})


def note_look(db: Session, switch: str, read_until: datetime) -> None:
    """Remember that all records of this switch until that moment were read."""
    db.execute(update(SwitchPositionRow).where(SwitchPositionRow.switch == switch).values(read_until=read_until))


def looks(db: Session) -> dict[str, datetime]:
    """Return until when the records of each switch with an importer of its own were read."""
    rows = db.execute(select(SwitchPositionRow.switch, SwitchPositionRow.read_until))
    return {switch: read_until for switch, read_until in rows if read_until is not None}


def _heard(text: str | None) -> Heard | None:
    return None if text is None else Heard(text)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def order_of(row: Row[Any]) -> CallOrder:
    """Return the order of a row of its table."""
    a_leg_from: AnswerOf = "a_answer" if row.a_leg_from == "a_answer" else "b_answer"
    return value_of(
        CallOrder,
        row,
        id=f"{row.owner_id}-{row.n}",
        quote=Quote(row.a_number, row.b_number, rate_of(row.a_rate), rate_of(row.b_rate), a_leg_from),
        a_leg_from=a_leg_from,
        hold=Money(row.hold_minor, row.currency),
        covers=tuple(map(Cover.of, row.covers["held"])) if row.covers else (),
        state=CallState(row.state),
        kind=CallKind(row.kind),
        is_recorded=False,
        trunks_a=_codes(row.trunks_a),
        trunks_b=_codes(row.trunks_b),
        outcome=Outcome(row.outcome) if row.outcome else None,
        cost=None if row.cost_minor is None else Money(row.cost_minor, row.currency),
    )
