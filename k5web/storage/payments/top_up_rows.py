"""Top-ups that subscribers began: rows in, domain values out. Changed under the lock of their row."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, Row, Select, Update, func, insert, or_, select, update
from sqlalchemy.orm import Session

from k5web.domain.money import Money
from k5web.domain.payments.top_up import OrderNumber, TopUp, TopUpState, split_reference
from k5web.errors import NotFound
from k5web.storage.sql import first_of, next_of
from k5web.storage.tables import AccountRow, HouseRow, TopUpRow
from k5web.storage.values import columns_of, value_of

TOPUP = TopUpRow.__table__
_MAIN_ACCOUNT = (
    select(AccountRow.id)
    .where(AccountRow.owner_id == TOPUP.c.owner_id, AccountRow.purpose == "main")
    .order_by(AccountRow.id)
    .limit(1)
    .scalar_subquery()
    .label("main_account_id")
)
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
OWN_SIGNS = 6  # of a top-up's mark: a copy of the database that lives on makes others


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTopUp(TopUp):
    """A row of `topup`: the order as its provider may know it, and what K5 alone knows of it."""

    n: int
    changed_at: datetime
    looks: int  # how often the provider was asked
    look_at: datetime | None
    quiet_until: datetime | None  # nobody asks the provider sooner: it is being asked, or was just now
    booked_key: str | None  # the payment's name; None until the money is on the account
    booked_attempt: int | None
    booked: Money
    refund_key: str | None  # of the refund in flight
    refund: Money | None
    card_mask: str  # of every card that was tried, a space between two
    declines: int
    account_id: int | None = field(
        default=None, compare=False
    )  # of the owner's main account, where the row was locked: money goes there


class TopUpChanges(TypedDict, total=False):
    """Columns of `topup` that change while it lives."""

    state: TopUpState
    provider_id: str
    pay_url: str
    code: str
    qr: str
    expires_at: datetime
    return_url: str
    look_at: datetime | None
    quiet_until: datetime
    booked_key: str
    booked_attempt: int
    booked_minor: int
    refunded_minor: int
    refund_key: str | None
    refund_minor: int | None
    card_mask: str
    declines: int


def new_mark(db: Session) -> str:
    """Return the letters of this house and some that nobody has: with them a number is made once in the world."""
    own = "".join(secrets.choice(SIGNS) for _place in range(OWN_SIGNS))
    return f"{db.scalars(select(HouseRow.mark)).one()}{own}"


def add(db: Session, top_up: TopUp, form_key: str, look_at: datetime | None) -> KeptTopUp:
    """Write a new top-up under the next number; its reference is made here. The caller holds the account's lock."""
    row = columns_of(
        top_up,
        *("reference", "amount", "refunded"),
        n=next_of(db, TopUpRow, top_up.owner_id),
        form_key=form_key,
        amount_minor=top_up.amount.minor,
        currency=top_up.amount.currency,
        card_mask="",
        changed_at=top_up.created_at,
        look_at=look_at,
        looks=0,
    )
    return _kept(db.execute(insert(TopUpRow).values(row).returning(*TOPUP.c)).one())


def find(db: Session, reference: str) -> KeptTopUp:
    """Return one top-up. Raises: NotFound."""
    return _there(db, _of(split_reference(reference)))


def lock(db: Session, top_up: TopUp) -> KeptTopUp:
    """Return it as it stands now and keep everybody else from moving it until the end of the transaction."""
    return _there_locked(db, _of(top_up.key))


def find_order(db: Session, origin: str, number: OrderNumber) -> KeptTopUp:
    """Return the top-up that gave the provider this very number, now or at an attempt before. Raises: NotFound.

    A number like ours with other letters in it is another house's.
    """
    return _there(db, _order(origin, number))


def lock_order(db: Session, origin: str, number: OrderNumber) -> KeptTopUp:
    """Return the same and keep everybody else from moving it until the end of the transaction. Raises: NotFound."""
    return _there_locked(db, _order(origin, number))


def find_by_form_key(db: Session, owner_id: int, form_key: str) -> KeptTopUp | None:
    """Return the top-up this form began, if it began one."""
    return _one(db, TOPUP.c.owner_id == owner_id, TOPUP.c.form_key == form_key)


def find_by_provider_id(db: Session, origin: str, provider_id: str) -> KeptTopUp | None:
    """Return the top-up that a provider knows by this id."""
    return _one(db, TOPUP.c.origin == origin, TOPUP.c.provider_id == provider_id)


def by_code(db: Session, code: str, origin: str | None = None) -> list[KeptTopUp]:
    """Return the top-ups with this payment code, newest first: codes are short and come again some day."""
    found = select(TOPUP).where(TOPUP.c.code == code, TOPUP.c.code != "").order_by(TOPUP.c.created_at.desc())
    if origin is not None:
        found = found.where(TOPUP.c.origin == origin)
    return [_kept(row) for row in db.execute(found.limit(20))]


def all_of_provider_id(db: Session, provider_id: str, limit: int) -> list[KeptTopUp]:
    """Return the top-ups that any provider knows by this id."""
    found = select(TOPUP).where(TOPUP.c.provider_id == provider_id, TOPUP.c.provider_id != "").limit(limit)
    return [_kept(row) for row in db.execute(found)]


def by_booked_key(db: Session, owner_id: int, origin: str, key: str) -> KeptTopUp | None:
    """Return the top-up that this payment of the owner's paid."""
    return _one(db, TOPUP.c.owner_id == owner_id, TOPUP.c.origin == origin, TOPUP.c.booked_key == key)


def payer_key(db: Session, owner_id: int, origin: str) -> str | None:
    """Return how this provider knows the owner, None where it does not."""
    mine = (TOPUP.c.owner_id == owner_id, TOPUP.c.origin == origin, TOPUP.c.payer_key != "")
    return db.scalar(select(TOPUP.c.payer_key).where(*mine).order_by(TOPUP.c.n.desc()).limit(1))


def page(db: Session, owner_id: int, before_n: int | None, limit: int) -> list[KeptTopUp]:
    """Return the owner's top-ups, newest first, paged by key."""
    found = select(TOPUP).where(TOPUP.c.owner_id == owner_id).order_by(TOPUP.c.n.desc()).limit(limit)
    if before_n is not None:
        found = found.where(TOPUP.c.n < before_n)
    return [_kept(row) for row in db.execute(found)]


def cards_tried(db: Session, owner_id: int, origins: Collection[str], since: datetime) -> tuple[int, int]:
    """Return how many tries of the owner's cards were declined since then, and how many different cards were tried."""
    tried = select(TOPUP.c.declines, TOPUP.c.card_mask, TOPUP.c.state, TOPUP.c.provider_id).where(
        TOPUP.c.owner_id == owner_id, TOPUP.c.origin.in_(origins), TOPUP.c.created_at >= since
    )
    declines, cards = 0, set[str]()
    for row in db.execute(tried):
        is_declined = row.state == TopUpState.DECLINED and row.provider_id != ""
        declines += max(row.declines, int(is_declined))
        cards.update(row.card_mask.split())
    return declines, len(cards)


def still_open(db: Session, owner_id: int, now: datetime) -> list[KeptTopUp]:
    """Return what the owner began and may still pay, oldest first; what a card is charged for by itself is no page."""
    unpaid = TOPUP.c.state.in_((TopUpState.NEW, TopUpState.WAITING))
    found = select(TOPUP).where(TOPUP.c.owner_id == owner_id, unpaid, TOPUP.c.expires_at > now, ~TOPUP.c.is_automatic)
    return [_kept(row) for row in db.execute(found.order_by(TOPUP.c.n))]


def taken_from_cards(db: Session, owner_id: int, since: datetime) -> int:
    """Return what saved cards of the owner gave or may still give since then. Units: minor."""
    counted = select(func.coalesce(func.sum(TOPUP.c.amount_minor), 0)).where(
        TOPUP.c.owner_id == owner_id,
        TOPUP.c.saved_card_id != "",
        TOPUP.c.created_at >= since,
        TOPUP.c.state.not_in((TopUpState.DECLINED, TopUpState.EXPIRED, TopUpState.CANCELLED)),
    )
    return int(db.scalar(counted) or 0)


def due(db: Session, now: datetime, origin: str | None = None, limit: int = 50) -> list[tuple[int, int]]:
    """Return (owner, n) of top-ups whose provider is to be asked now, unlocked; with `origin` of this one alone."""
    found = select(TOPUP.c.owner_id, TOPUP.c.n).where(*_is_due(now)).order_by(TOPUP.c.look_at).limit(limit)
    if origin is not None:
        found = found.where(TOPUP.c.origin == origin)
    return [(row.owner_id, row.n) for row in db.execute(found)]


def take(db: Session, owner_id: int, n: int, now: datetime) -> KeptTopUp | None:
    """Lock one top-up if it is still to be asked about and nobody else has it."""
    found = select(TOPUP).where(TOPUP.c.owner_id == owner_id, TOPUP.c.n == n, *_is_due(now))
    return first_of(db.execute(found.with_for_update(skip_locked=True)), _kept)


def plan_look(db: Session, kept: KeptTopUp, look_at: datetime, quiet_until: datetime) -> None:
    """Count one more question to the provider, and write when it is asked next and until when nobody else asks; the
    top-up itself did not change."""
    planned = _update(kept).values(looks=kept.looks + 1, look_at=look_at, quiet_until=quiet_until)
    db.execute(planned)


def keep_quiet(db: Session, kept: KeptTopUp, until: datetime) -> None:
    """Let nobody ask the provider before that moment."""
    db.execute(_update(kept).values(quiet_until=until))


def wish_look(db: Session, owner_id: int, n: int, now: datetime) -> None:
    """Let the provider of an open top-up be asked as soon as may be."""
    key = (TOPUP.c.owner_id == owner_id, TOPUP.c.n == n)
    is_later = or_(TOPUP.c.look_at.is_(None), TOPUP.c.look_at > now)
    is_open = TOPUP.c.state.in_([state for state in TopUpState if state.is_open])
    db.execute(update(TopUpRow).where(*key, is_open, is_later).values(look_at=now))


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (TOPUP.c.look_at <= now, or_(TOPUP.c.quiet_until.is_(None), TOPUP.c.quiet_until <= now))


def change(db: Session, kept: KeptTopUp, now: datetime, **values: Unpack[TopUpChanges]) -> KeptTopUp:
    """Write what became of a top-up. A change of state that no table knows is a bug: ValueError."""
    state = values.get("state", kept.state)
    if state is not kept.state and not kept.state.may_become(state):
        raise ValueError(f"{kept.reference} is {kept.state} and cannot become {state}")
    return _kept(db.execute(_update(kept).values(changed_at=now, **values).returning(*TOPUP.c)).one())


def start_again(
    db: Session, kept: KeptTopUp, now: datetime, *, mark: str, attempt: int, provider_id: str = ""
) -> KeptTopUp:
    """Let the provider be told once more of an open top-up, under the number that these make."""
    if not kept.state.is_open:
        raise ValueError(f"{kept.reference} is {kept.state} and cannot be started again")
    values = {"state": TopUpState.NEW, "mark": mark, "attempt": attempt, "provider_id": provider_id}
    return _kept(db.execute(_update(kept).values(changed_at=now, **values).returning(*TOPUP.c)).one())


def _update(kept: KeptTopUp) -> Update:
    return update(TopUpRow).where(TOPUP.c.owner_id == kept.owner_id, TOPUP.c.n == kept.n)


def _of(key: tuple[int, int]) -> Select[Any]:
    owner_id, n = key
    return select(TOPUP).where(TOPUP.c.owner_id == owner_id, TOPUP.c.n == n)


def _order(origin: str, number: OrderNumber) -> Select[Any]:
    given = (TOPUP.c.origin == origin, TOPUP.c.mark == number.mark, TOPUP.c.attempt >= number.attempt)
    return _of(number.key).where(*given)


def _there(db: Session, found: Select[Any]) -> KeptTopUp:
    row = NotFound.unless(db.execute(found).first(), "such top-up")
    return _kept(row)


def _there_locked(db: Session, found: Select[Any]) -> KeptTopUp:
    """Lock the row of the top-up alone, and read beside it where its money goes."""
    row = NotFound.unless(db.execute(found.add_columns(_MAIN_ACCOUNT).with_for_update()).first(), "such top-up")
    return _kept(row, account_id=row.main_account_id)


def _one(db: Session, *which: ColumnElement[bool]) -> KeptTopUp | None:
    return first_of(db.execute(select(TOPUP).where(*which).order_by(TOPUP.c.n).limit(1)), _kept)


def _kept(row: Row[Any], account_id: int | None = None) -> KeptTopUp:
    currency = row.currency
    return value_of(
        KeptTopUp,
        row,
        account_id=account_id,
        reference=f"K5-{row.owner_id}-{row.n}",
        amount=Money(row.amount_minor, currency),
        state=TopUpState(row.state),
        refunded=Money(row.refunded_minor, currency) if row.refunded_minor else None,
        booked=Money(row.booked_minor, currency),
        refund=None if row.refund_minor is None else Money(row.refund_minor, currency),
    )
