"""Wishes to top up by themselves: one row an owner, changed under the lock of its row."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnExpressionArgument, ScalarSelect, Text, Update, exists, func, not_, or_, select, update
from sqlalchemy import cast as cast_as
from sqlalchemy.orm import Session

from k5web.domain.money import Money
from k5web.domain.payments.auto_top_up import AutoTopUp, OffWhy
from k5web.domain.payments.top_up import DECLINED_STATES, OPEN_STATES
from k5web.storage.sql import first_of
from k5web.storage.tables import AccountRow, AutoTopUpRow, SubscriberRow, TopUpRow
from k5web.storage.values import value_of

_BALANCE: ScalarSelect[Any] = (
    select(AccountRow.balance_minor)
    .where(AccountRow.owner_id == AutoTopUpRow.owner_id, AccountRow.purpose == "main", AccountRow.closed_at.is_(None))
    .correlate(AutoTopUpRow)
    .scalar_subquery()
)
_RUNS = AutoTopUpRow.off_why.is_(None)


def set_up(db: Session, wish: AutoTopUp) -> None:
    """Write an owner's wish over the one before; the rounds go on, so no form key comes twice."""
    values = {
        "card_n": wish.card_n,
        "currency": wish.amount.currency,
        "threshold_minor": wish.threshold.minor,
        "amount_minor": wish.amount.minor,
        "daily_cap_minor": wish.daily_cap.minor,
        "off_why": None,
        "is_armed": True,
        "refusals": 0,
        "try_at": None,
    }
    row = db.get(AutoTopUpRow, wish.owner_id, with_for_update=True)
    if row is None:
        db.add(AutoTopUpRow(owner_id=wish.owner_id, round=0, **values))
        return
    for name, value in values.items():
        setattr(row, name, value)


def find(db: Session, owner_id: int) -> AutoTopUp | None:
    """Return the owner's wish."""
    row = db.get(AutoTopUpRow, owner_id)
    return None if row is None else _wish(row)


def is_any(db: Session) -> bool:
    """Return whether any wish runs."""
    return bool(db.scalar(select(exists().where(_RUNS))))


def due(db: Session, now: datetime, limit: int = 50) -> list[int]:
    """Return owners whose balance has fallen below their threshold, unlocked."""
    found = select(AutoTopUpRow.owner_id).where(*_due(now)).order_by(AutoTopUpRow.owner_id).limit(limit)
    return list(db.scalars(found))


def unfinished(db: Session, before: datetime, limit: int = 50) -> list[int]:
    """Return owners whose crossing was taken up before then, and whose top-up was never written."""
    begun = exists().where(
        TopUpRow.owner_id == AutoTopUpRow.owner_id, TopUpRow.form_key == "auto-" + _as_text(AutoTopUpRow.round)
    )
    found = select(AutoTopUpRow.owner_id).where(
        _RUNS, not_(AutoTopUpRow.is_armed), AutoTopUpRow.taken_at <= before, not_(begun)
    )
    return list(db.scalars(found.limit(limit)))


def take(db: Session, owner_id: int, now: datetime) -> AutoTopUp | None:
    """Lock a wish that is still due and that nobody else has."""
    found = select(AutoTopUpRow).where(AutoTopUpRow.owner_id == owner_id, *_due(now))
    return first_of(db.scalars(found.with_for_update(skip_locked=True, of=AutoTopUpRow)), _wish)


def switch_off(db: Session, owner_id: int, why: OffWhy, card_n: int | None = None) -> None:
    """Let a wish run no more, where it does, and tops up from this card if one is named; why it ended before stays."""
    of_card = () if card_n is None else (AutoTopUpRow.card_n == card_n,)
    db.execute(_update(owner_id).where(_RUNS, *of_card).values(off_why=why))


def put_off(db: Session, owner_id: int, until: datetime) -> None:
    """Try a wish again from that moment on."""
    db.execute(_update(owner_id).values(try_at=until))


def begin_round(db: Session, wish: AutoTopUp, now: datetime) -> None:
    """Take a crossing up under the next round's number."""
    db.execute(_update(wish.owner_id).values(round=wish.round + 1, is_armed=False, taken_at=now, try_at=None))


def arm_again(db: Session, owner_id: int) -> None:
    """Serve the same crossing once more."""
    db.execute(_update(owner_id).values(is_armed=True))


def note_refusal(db: Session, owner_id: int, refusals: int, try_at: datetime) -> None:
    """Count a refusal and serve the same crossing from that moment on."""
    db.execute(_update(owner_id).values(is_armed=True, refusals=refusals, try_at=try_at))


def arm(db: Session) -> None:
    """Make ready again whoever is above the threshold: the next time below it is another crossing."""
    ready = update(AutoTopUpRow).where(_RUNS, not_(AutoTopUpRow.is_armed), AutoTopUpRow.threshold_minor <= _BALANCE)
    db.execute(ready.values(is_armed=True, refusals=0))


def end_declined(db: Session) -> list[int]:
    """Switch off wishes whose last top-up was declined; return whose."""
    declined = exists().where(
        TopUpRow.owner_id == AutoTopUpRow.owner_id,
        TopUpRow.form_key == "auto-" + _as_text(AutoTopUpRow.round),
        TopUpRow.state.in_(DECLINED_STATES),
        TopUpRow.provider_id != "",  # without it the provider never accepted the order, so nothing was declined
    )
    ended = update(AutoTopUpRow).where(_RUNS, not_(AutoTopUpRow.is_armed), declined).values(off_why="declined")
    return list(db.scalars(ended.returning(AutoTopUpRow.owner_id)))


def spent(db: Session, owner_id: int, since: datetime) -> int:
    """Return what automatic top-ups took or may still take since then. Units: minor."""
    counted = select(func.coalesce(func.sum(TopUpRow.amount_minor), 0)).where(
        TopUpRow.owner_id == owner_id,
        TopUpRow.is_automatic,
        TopUpRow.created_at >= since,
        TopUpRow.state.not_in(DECLINED_STATES),
    )
    return int(db.scalar(counted) or 0)


def _update(owner_id: int) -> Update:
    return update(AutoTopUpRow).where(AutoTopUpRow.owner_id == owner_id)


def _due(now: datetime) -> tuple[ColumnExpressionArgument[bool], ...]:
    pending = exists().where(
        TopUpRow.owner_id == AutoTopUpRow.owner_id, TopUpRow.is_automatic, TopUpRow.state.in_(OPEN_STATES)
    )
    is_blocked = exists().where(SubscriberRow.id == AutoTopUpRow.owner_id, SubscriberRow.blocked_at.is_not(None))
    may_try = or_(AutoTopUpRow.try_at.is_(None), AutoTopUpRow.try_at <= now)
    return (
        _RUNS,
        AutoTopUpRow.is_armed,
        may_try,
        AutoTopUpRow.threshold_minor > _BALANCE,
        not_(pending),
        not_(is_blocked),
    )


def _as_text(column: Any) -> Any:
    return cast_as(column, Text)


def _wish(row: AutoTopUpRow) -> AutoTopUp:
    sums = (row.threshold_minor, row.amount_minor, row.daily_cap_minor)
    threshold, amount, daily_cap = (Money(minor, row.currency) for minor in sums)
    off_why = cast("OffWhy | None", row.off_why)
    return value_of(AutoTopUp, row, threshold=threshold, amount=amount, daily_cap=daily_cap, off_why=off_why)
