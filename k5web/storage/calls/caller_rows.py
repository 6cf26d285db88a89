"""What stands about a subscriber who calls, and what their calls used so far: one statement each, whatever there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, literal_column, null, or_, select
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Purpose, Purse
from k5web.domain.calls.call import LONGEST_CALL, OVER_STATES, UNANSWERED, CallKind
from k5web.domain.calls.own_limit import OwnLimit
from k5web.domain.calls.risk import Risk, SafetyLimits
from k5web.domain.money import Money
from k5web.errors import NotFound
from k5web.storage.calls.call_rows import IS_LIVE
from k5web.storage.calls.limit_rows import LIMITS, limits_of
from k5web.storage.sql import among, same_event, word
from k5web.storage.tables import (
    AccountRow,
    CallLimitRow,
    CallRow,
    OpenedDirectionRow,
    OwnLimitRow,
    PostingRow,
    TransactionRow,
)


@dataclass(frozen=True, slots=True)
class CallerFacts:
    """What stands about one subscriber at one moment. An order reads it under the account's lock."""

    owner_id: int
    purses: Mapping[Purpose, Purse]  # of two of one purpose the older, as `ledger.purse`
    limits: SafetyLimits  # what everybody has, but for what was set for this one
    own: Mapping[str, OwnLimit]  # what the subscriber set, by key
    opened: frozenset[str]  # kinds and prefixes of directions
    first_money_at: datetime | None  # when the main account's first movement was written down

    @property
    def purse(self) -> Purse:
        """The main account. Raises: NotFound."""
        return NotFound.unless(self.purses.get("main"), "account")


@dataclass(frozen=True, slots=True)
class Used:
    """What the calls of a subscriber cost, or hold while they are not over. Units: minor."""

    today: Mapping[Risk, int]  # by kind of direction
    first_day: int
    unanswered: list[datetime]  # when those to the number were ordered that nobody answered, oldest first
    to_number: Mapping[str, int] = field(default_factory=dict)  # of today's by number, where a limit asks for it


# Built once: these run before every call, and building them costs more than running them
_ACCOUNT, _OWN, _OPENED = AccountRow.__table__.c, OwnLimitRow.__table__.c, OpenedDirectionRow.__table__.c
_LIMIT, _CALL = CallLimitRow.__table__.c, CallRow.__table__.c
_POSTING, _TRANSACTION = PostingRow.__table__.c, TransactionRow.__table__.c
_OWNER = bindparam("owner", type_=_CALL.owner_id.type)
_B_NUMBER = bindparam("b_number", type_=_CALL.b_number.type)
_NO_TEXT: ColumnElement[str] = literal_column("''")
_RUNG = (CallKind.CALLBACK, CallKind.OUTGOING)  # what the subscriber's own people dial


def _fact(what: str, name: Any, whole: list[Any], at: Any, unit: Any = _NO_TEXT) -> Select[Any]:
    """Return facts of one kind in the shape of all: a name, what is counted, four whole numbers, a moment."""
    numbers = [each.label(label) for each, label in zip([*whole, *[null()] * 4], "abcd", strict=False)]
    kind: ColumnElement[str] = literal_column(f"'{what}'")
    return select(kind.label("what"), name.label("name"), unit.label("unit"), *numbers, at.label("at"))


_MAIN = (
    select(_ACCOUNT.id)
    .where(_ACCOUNT.owner_id == _OWNER, _ACCOUNT.purpose == word("main"))
    .order_by(_ACCOUNT.id)
    .limit(1)
    .scalar_subquery()
)
_FIRST_MONEY = (
    select(_TRANSACTION.recorded_at)
    .where(_POSTING.owner_id == _OWNER, _POSTING.account_id == _MAIN)
    .where(same_event(_TRANSACTION, _POSTING))
    .order_by(_POSTING.day, _POSTING.seq)
    .limit(1)
    .subquery()
)
_MONEY = [_ACCOUNT.balance_minor, _ACCOUNT.held_minor, _ACCOUNT.floor_minor, _ACCOUNT.id]
_FACTS = (
    _fact("account", _ACCOUNT.purpose, _MONEY, _ACCOUNT.closed_at, _ACCOUNT.unit)
    .where(_ACCOUNT.owner_id == _OWNER)
    .union_all(
        _fact("limits", _NO_TEXT, [_LIMIT[name] for name in LIMITS], null()).where(_LIMIT.owner_id == _OWNER),
        _fact("own", _OWN.key, [_OWN.amount, _OWN.next_amount], _OWN.next_from).where(_OWN.owner_id == _OWNER),
        _fact("opened", _OPENED.direction, [], null()).where(_OPENED.owner_id == _OWNER),
        _fact("first", _NO_TEXT, [], _FIRST_MONEY.c.recorded_at),
    )
)


def _since(name: str) -> ColumnElement[bool]:
    """Return the condition that a call was ordered since a moment, or was under way at it and still is."""
    since, earlier = (bindparam(key, type_=_CALL.ordered_at.type) for key in (name, f"before_{name}"))
    return or_(_CALL.ordered_at >= since, and_(_CALL.ordered_at >= earlier, ~among(_CALL.state, OVER_STATES)))


_MINOR = func.coalesce(_CALL.cost_minor, _CALL.hold_minor)
_UNANSWERED = select(_NO_TEXT.label("risk"), null().label("today"), null().label("first"), _CALL.ordered_at).where(
    _CALL.owner_id == _OWNER,
    _CALL.ordered_at > bindparam("rung_since", type_=_CALL.ordered_at.type),
    _CALL.b_number == _B_NUMBER,
    _CALL.b_answered_at.is_(None),
    or_(
        and_(IS_LIVE, among(_CALL.kind, _RUNG)),
        and_(_CALL.a_answered_at.is_not(None), among(_CALL.outcome, UNANSWERED)),
        and_(_CALL.kind == word(CallKind.OUTGOING), among(_CALL.outcome, UNANSWERED)),
    ),
)
_SUMS = (
    select(
        _CALL.risk,
        func.sum(case((_since("today"), _MINOR), else_=0)),
        func.sum(case((_since("first"), _MINOR), else_=0)),
        null(),
    )
    .where(_CALL.owner_id == _OWNER, _CALL.ordered_at >= bindparam("earliest", type_=_CALL.ordered_at.type))
    .where(or_(_since("today"), _since("first")))
    .group_by(_CALL.risk)
)
_USED = _UNANSWERED.union_all(_SUMS)
_BY_NUMBER = (
    select(_CALL.b_number, func.sum(_MINOR))
    .where(_CALL.owner_id == _OWNER, _CALL.kind != word(CallKind.INCOMING))
    .where(_CALL.ordered_at >= bindparam("before_today", type_=_CALL.ordered_at.type), _since("today"))
    .group_by(_CALL.b_number)
)


def facts(db: Session, owner_id: int) -> CallerFacts:
    """Return what stands about a subscriber, all of one moment."""
    rows = sorted(db.execute(_FACTS, {"owner": owner_id}), key=lambda row: row.d or 0)  # accounts by their ids
    purses: dict[Purpose, Purse] = {}
    for row in rows:
        if row.what == "account":
            purses.setdefault(row.name, _purse(owner_id, row))
    set_here = next((row for row in rows if row.what == "limits"), None)
    return CallerFacts(
        owner_id=owner_id,
        purses=purses,
        limits=limits_of(None if set_here is None else (set_here.a, set_here.b, set_here.c, set_here.d)),
        own={row.name: OwnLimit(row.name, row.a, row.b, row.at) for row in rows if row.what == "own"},
        opened=frozenset(row.name for row in rows if row.what == "opened"),
        first_money_at=next((row.at for row in rows if row.what == "first"), None),
    )


def used(
    db: Session,
    owner_id: int,
    b_number: str,
    *,
    today: datetime,
    first: datetime,
    rung_since: datetime,
    by_number: bool,
) -> Used:
    """Return what the calls ordered since `today` and since `first` cost; one that was under way at that moment counts
    too, as long as it is. And which of those to a number since `rung_since` were not answered by a phone that may have
    rung; one that still rings counts. `by_number`: the sums of today by the number that was called, too."""
    span = {"today": today, "before_today": today - LONGEST_CALL}
    asked = {"owner": owner_id, "b_number": b_number, "rung_since": rung_since, "first": first} | span
    earliest = {"before_first": first - LONGEST_CALL, "earliest": min(today, first) - LONGEST_CALL}
    rows = db.execute(_USED, asked | earliest).all()
    sums = [row for row in rows if row.ordered_at is None]
    numbers = db.execute(_BY_NUMBER, {"owner": owner_id} | span) if by_number else ()
    return Used(
        today={Risk(row.risk): int(row.today) for row in sums if row.today},
        first_day=sum(int(row.first) for row in sums),
        unanswered=sorted(row.ordered_at for row in rows if row.ordered_at is not None),
        to_number={row[0]: int(row[1]) for row in numbers},
    )


def _purse(owner_id: int, row: Row[Any]) -> Purse:
    balance, held, floor = (Money(each, row.unit) for each in (row.a, row.b, row.c))
    return Purse(owner_id=owner_id, account_id=row.d, balance=balance, held=held, floor=floor)
