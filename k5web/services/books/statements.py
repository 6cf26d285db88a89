"""What became of the money: the statement, the call detail, each charge with its reason."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from k5web.domain.accounts.subscriber import Party
from k5web.domain.books import transfer
from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.books.period import Movements, Period, next_month
from k5web.domain.books.service import first_charge
from k5web.domain.calls.call import CallOrder, Cdr, split_call_id
from k5web.domain.calls.charging import charge_call
from k5web.domain.money import Money
from k5web.domain.prices.call_cover import Cover
from k5web.domain.prices.rating import LegCharge, Rate
from k5web.domain.prices.subscription import Subscription, period_of_fee
from k5web.domain.prices.usage import Every
from k5web.errors import NotFound
from k5web.services.ports import Ports, start_of_day
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger, spending_rows, statement_rows, transfer_rows
from k5web.storage.calls import call_rows, past_call_rows
from k5web.storage.pbx import conversation_rows
from k5web.storage.prices import subscription_rows

Why = Literal["billed", "not_answered", "nobody_reached", "under_free_threshold"]


@dataclass(frozen=True, slots=True)
class FeeOf:
    """What a fee was taken for: a plan, an option or a service, and the month or day."""

    title: str
    period: date
    every: Every


@dataclass(frozen=True, slots=True)
class LegDetail:
    """One leg with everything that made its charge. Units: microseconds talked, billed seconds in `charge`."""

    rate: Rate
    number: str
    duration_us: int
    charge: LegCharge
    cdr: Cdr | None
    why: Why


@dataclass(frozen=True, slots=True)
class CallDetail:
    """A call explained: both legs, their sum, the posting that took it."""

    call: CallOrder
    a: LegDetail
    b: LegDetail
    used: tuple[Cover, ...]  # what allowances paid
    waived: Money  # above the hold: the switch overran, nobody pays it
    total: Money
    posting: Posting | None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement with its reason: the call or fee it paid for, who sent or received it, or what it takes back."""

    posting: Posting
    detail: CallDetail | None  # of the call, also of one that is taken back
    other: Party | None  # the other side of a transfer, also of one that is taken back
    occurred_at: datetime
    recorded_at: datetime
    reverses: EventName | None
    fee: FeeOf | None = None
    way: str = ""  # the name of the way by which money came in

    @property
    def call(self) -> CallOrder | None:
        """The call it paid for."""
        return self.detail.call if self.detail else None


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Some days of the account: what they began with, what came, what went, how they ended."""

    period: Period
    movements: Movements
    months: Sequence[date]  # with movements or since the first of them, newest first
    lines: Sequence[StatementLine]
    opening: Money  # the balance, whatever the kind of movements
    total_in: Money
    total_out: Money  # zero or below
    closing: Money  # the balance again, where all movements are looked at
    spent_by_day: Sequence[tuple[date, Money]]  # of a whole month: on services, net of what was taken back
    next_before: int | None

    @property
    def month(self) -> date:
        """The first day."""
        return self.period.first

    @property
    def spent(self) -> Money:
        """Return what the month's services cost."""
        return sum((money for _day, money in self.spent_by_day), Money(0, self.opening.currency))


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of calls, newest first."""

    calls: Sequence[CallOrder]
    next_before: int | None
    spent: Money | None = None  # for calls, by the statement of the period; None: no period


def statement(
    ports: Ports,
    owner_id: int,
    period: Period | None = None,
    before: int | None = None,
    limit: int = 25,
    movements: Movements = Movements.ALL,
) -> StatementPage:
    """Return some days of the account (this month by default), newest line first."""
    period = period or Period.month(ports.today())
    days = period.days
    with ports.reading(period.last) as db:
        purse = ledger.purse(db, owner_id)
        unit = purse.balance.currency
        found = statement_rows.lines(db, owner_id, purse.account_id, days, before, limit + 1, movements)
        turnover = statement_rows.turnover(db, owner_id, purse.account_id, days, movements)
        spent = spending_rows.by_day(db, owner_id, purse.account_id, days) if period.is_month else ()
        lines = explained(ports, db, owner_id, found[:limit])
    return StatementPage(
        period=period,
        movements=movements,
        months=months_since(turnover.since or period.first, ports.today()),
        lines=lines,
        opening=Money(turnover.opening, unit),
        total_in=Money(turnover.total_in, unit),
        total_out=Money(turnover.total_out, unit),
        closing=Money(turnover.closing, unit),
        spent_by_day=[(day, Money(minor, unit)) for day, minor in spent],
        next_before=lines[-1].posting.seq if len(found) > limit else None,
    )


def line(ports: Ports, owner_id: int, seq: int) -> StatementLine:
    """Return one movement of this owner's account. Raises: NotFound."""
    with ports.sessions.read() as db:
        purse = ledger.purse(db, owner_id)
        found = NotFound.unless(statement_rows.line(db, owner_id, purse.account_id, seq), f"movement {seq}")
        return explained(ports, db, owner_id, [found])[0]


def calls(
    ports: Ports, owner_id: int, before_n: int | None = None, limit: int = 25, period: Period | None = None
) -> CallPage:
    """Return this owner's calls, those ordered in a period where one is given, newest first."""
    with ports.reading(period.last if period else ports.today()) as db:
        found = call_rows.page(db, owner_id, before_n, limit + 1, moments(period) if period else None)
        spent = _spent_for_calls(db, owner_id, period) if period else None
    shown = found[:limit]
    return CallPage(shown, split_call_id(shown[-1].id)[1] if len(found) > limit else None, spent)


def spent_for_calls(ports: Ports, owner_id: int, period: Period, other: str = "") -> Money:
    """Return what the statement of some days has for calls, less what was taken back; `other`: digits of the number
    that they were with, "" for all."""
    with ports.reading(period.last) as db:
        return _spent_for_calls(db, owner_id, period, calls_with(db, owner_id, other) if other else None)


def calls_with(db: Session, owner_id: int, other: str) -> Collection[int]:
    """Return the calls that a list of calls with a number has, by number: those to it, and those that paid for legs of
    conversations with it, whomever these legs rang."""
    alone = past_call_rows.alone_with(db, owner_id, other)
    return {*alone, *conversation_rows.calls_with(db, owner_id, other)}


def moments(period: Period) -> tuple[datetime, datetime]:
    """Return the first moment of a period and the first after it, by the operator's clock."""
    first, until = period.days
    return start_of_day(first), start_of_day(until)


def call_detail(ports: Ports, owner_id: int, call_id: str) -> CallDetail:
    """Return a call with each charge explained. Raises: NotFound, also for other people's."""
    owner, n = split_call_id(call_id)
    with ports.sessions.read() as db:
        call = NotFound.unless(call_rows.find(db, owner_id, n) if owner == owner_id else None, f"call {call_id}")
        legs = call_rows.cdrs(db, owner_id, n)
        found = statement_rows.by_event(db, owner_id, call.account_id, EventName("call", call.id))
    return detail_of(call, legs, found.posting if found else None)


def detail_of(call: CallOrder, legs: Sequence[Cdr], posting: Posting | None = None) -> CallDetail:
    """Return a call with each charge explained by its finished legs."""
    charge = charge_call(call, legs)
    a_cdr = next((leg for leg in legs if leg.leg == "a"), None)
    b_cdr = next((leg for leg in reversed(legs) if leg.leg == "b"), None)
    return CallDetail(
        call=call,
        a=_leg(call.quote.a, call.quote.a_number, charge.a_us, charge.a, a_cdr),
        b=_leg(call.quote.b, call.quote.b_number, charge.b_us, charge.b, b_cdr),
        used=charge.used,
        waived=charge.waived,
        total=call.cost or Money(0, call.hold.currency),
        posting=posting,
    )


def explained(
    ports: Ports, db: Session, owner_id: int, found: Sequence[statement_rows.Line]
) -> Sequence[StatementLine]:
    """Return postings of one owner with what they were for: a few statements, however many there are."""
    numbers = {n for line in found if (n := _call_number(_meant(line))) is not None}
    calls = past_call_rows.several(db, owner_id, numbers) if numbers else {}
    legs = past_call_rows.cdrs_of(db, owner_id, numbers) if numbers else {}
    fees = _fees(ports, db, owner_id, map(_meant, found))
    return [
        StatementLine(
            posting=line.posting,
            detail=_detail(line, calls, legs),
            other=_other(db, owner_id, _meant(line)),
            occurred_at=line.occurred_at,
            recorded_at=line.recorded_at,
            reverses=line.reverses,
            fee=fees.get(_meant(line)),
            way=_way(ports, _meant(line)),
        )
        for line in found
    ]


def _meant(line: statement_rows.Line) -> EventName:
    """Return the event that a posting is about: what it takes back, or its own."""
    return first_charge(line.reverses or line.posting.name)


def _call_number(name: EventName) -> int | None:
    return split_call_id(name.key.partition("#")[0])[1] if name.origin == "call" else None


def _detail(
    line: statement_rows.Line, calls: Mapping[int, CallOrder], legs: Mapping[int, Sequence[Cdr]]
) -> CallDetail | None:
    n = _call_number(_meant(line))
    call = calls.get(n) if n is not None else None
    return detail_of(call, legs.get(n or 0, ()), line.posting) if call else None


def _way(ports: Ports, name: EventName) -> str:
    connector = ports.connectors.of(name.origin)
    return connector.partner.title if connector else ""


def _spent_for_calls(db: Session, owner_id: int, period: Period, calls: Collection[int] | None = None) -> Money:
    purse = ledger.purse(db, owner_id)
    found = statement_rows.turnover(db, owner_id, purse.account_id, period.days, Movements.CALLS, calls=calls)
    return Money(-(found.total_in + found.total_out), purse.balance.currency)


def _leg(rate: Rate, number: str, duration_us: int, charge: LegCharge, cdr: Cdr | None) -> LegDetail:
    why: Why = "billed"
    if not charge.billed_s:
        if cdr is None or cdr.answered_at is None:
            why = "not_answered"
        else:
            why = "under_free_threshold" if duration_us else "nobody_reached"
    return LegDetail(rate, number, duration_us, charge, cdr, why)


def fee_of(ports: Ports, db: Session, owner_id: int, name: EventName) -> FeeOf | None:
    """Return what a fee was for, by the name that the plan in force has for it."""
    return _fees(ports, db, owner_id, [name]).get(name)


def _fees(ports: Ports, db: Session, owner_id: int, names: Iterable[EventName]) -> Mapping[EventName, FeeOf]:
    """Return what fees were for, by their names, in one statement; what is no fee is left out."""
    periods = {name: period for name in names if name.origin == "fee" and (period := period_of_fee(name.key))}
    numbers = {n for n, _first, _every in periods.values()}
    known = subscription_rows.several(db, owner_id, numbers) if numbers else {}
    titles = {n: _title(ports, subscription) for n, subscription in known.items()}
    return {
        name: FeeOf(title, first, every)
        for name, (n, first, every) in periods.items()
        if (title := titles.get(n)) is not None
    }


def _title(ports: Ports, subscription: Subscription) -> str | None:
    """Return what the plan in force calls a subscription, None where no plan knows it."""
    if not ports.plans.knows(subscription.plan_code):
        return None
    return ports.plans.current(subscription.plan_code).title_of(subscription.sort, subscription.code)


def _other(db: Session, owner_id: int, name: EventName) -> Party | None:
    """Return who stands on the other side of a transfer; of what is none, nobody."""
    match name.origin:
        case transfer.RECEIVED:
            other_id: int | None = transfer.sender_of(name)[0]
        case transfer.SENT:
            other_id = transfer_rows.receiver_of(db, owner_id, name)
        case _:
            other_id = None
    return None if other_id is None else subscribers.get(db, other_id).party


def months_since(since: date, until: date) -> list[date]:
    """Return the first days of the months from one day to another, newest first."""
    month, months = since.replace(day=1), []
    while month <= until:
        months.append(month)
        month = next_month(month)
    return months[::-1]
