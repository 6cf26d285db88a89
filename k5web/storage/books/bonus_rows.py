"""Bonuses of sponsors, and what earned them: rows in, domain values out."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session, aliased

from k5web.domain.accounts.bonus import Bonus
from k5web.storage.sql import insert_or_nothing, same_event
from k5web.storage.tables import AccountRow, BonusRow, PostingRow, ReferralRow, SavedCardRow, TopUpRow, TransactionRow
from k5web.storage.values import columns_of, value_of

_MAIN = and_(
    AccountRow.owner_id == PostingRow.owner_id, AccountRow.id == PostingRow.account_id, AccountRow.purpose == "main"
)


def add(db: Session, bonus: Bonus, now: datetime) -> bool:
    """Write a bonus; False where this pair has one of this month and level already."""
    row = columns_of(bonus, taken_back_minor=0, noted_at=now)
    keys = ("owner_id", "newcomer_id", "level", "month")
    added = db.execute(insert_or_nothing(BonusRow, *keys).values(**row).returning(BonusRow.owner_id))
    return added.first() is not None


def take_back(db: Session, bonus: Bonus, whole_minor: int) -> None:
    """Note how much of a bonus is taken back in all. The caller holds the sponsor's account."""
    db.execute(update(BonusRow).where(*_same(bonus)).values(taken_back_minor=whole_minor))


def of_owner(db: Session, owner_id: int) -> list[Bonus]:
    """Return what a sponsor earned, the newest month first."""
    found = select(BonusRow).where(BonusRow.owner_id == owner_id)
    rows = db.scalars(found.order_by(BonusRow.month.desc(), BonusRow.newcomer_id, BonusRow.level))
    return [_bonus(row) for row in rows]


def of_pair(db: Session, owner_id: int, newcomer_id: int, since: date) -> list[Bonus]:
    """Return what a sponsor earned by one newcomer since a month, also what was written by this transaction."""
    found = select(BonusRow).where(BonusRow.owner_id == owner_id, BonusRow.newcomer_id == newcomer_id)
    rows = db.scalars(found.where(BonusRow.month >= since), execution_options={"populate_existing": True})
    return [_bonus(row) for row in rows]


def given(db: Session, owner_id: int, month: date) -> int:
    """Return what a sponsor earned in a month in all. Units: minor."""
    return db.scalar(
        select(func.coalesce(func.sum(BonusRow.bonus_minor), 0)).where(
            BonusRow.owner_id == owner_id, BonusRow.month == month
        )
    ) or 0  # fmt: skip


def newcomers(db: Session, after: int, limit: int) -> list[int]:
    """Return who came on somebody's recommendation, by id."""
    found = select(ReferralRow.owner_id).where(ReferralRow.owner_id > after)
    return list(db.scalars(found.order_by(ReferralRow.owner_id).limit(limit)))


def paid_calls(db: Session, owner_id: int, began: date, end: date) -> int:
    """Return what the main account paid for calls from one day to before another, without what went back for them."""
    within = (PostingRow.owner_id == owner_id, PostingRow.day >= began, PostingRow.day < end)
    calls = select(func.sum(-PostingRow.amount_minor)).join(AccountRow, _MAIN)
    paid = db.scalar(calls.where(*within, PostingRow.origin == "call")) or 0
    call = aliased(PostingRow)
    back = (
        select(func.sum(PostingRow.amount_minor))
        .join(AccountRow, _MAIN)
        .join(TransactionRow, same_event(TransactionRow, PostingRow))
        .join(
            call,
            (call.owner_id == TransactionRow.owner_id)
            & (call.origin == TransactionRow.reverses_origin)
            & (call.key == TransactionRow.reverses_key)
            & (call.account_id == PostingRow.account_id),
        )
        .where(PostingRow.owner_id == owner_id, TransactionRow.reverses_origin == "call")
        .where(call.day >= began, call.day < end)
    )
    return int(paid) - int(db.scalar(back) or 0)


def bad_money(db: Session, owner_id: int) -> int:
    """Return how far the main account is below zero by payments that were taken back. Units: minor, zero or more."""
    balance = select(AccountRow.balance_minor).where(AccountRow.owner_id == owner_id, AccountRow.purpose == "main")
    debt = max(0, -(db.scalar(balance) or 0))
    if not debt:
        return 0
    lost = (
        select(func.sum(-PostingRow.amount_minor))
        .join(AccountRow, _MAIN)
        .join(TransactionRow, same_event(TransactionRow, PostingRow))
        .where(PostingRow.owner_id == owner_id, PostingRow.amount_minor < 0)
        .where((TransactionRow.reverses_key.is_not(None)) | (PostingRow.origin == "chargeback"))
    )
    return min(debt, int(db.scalar(lost) or 0))


def cards(db: Session, owner_id: int) -> frozenset[str]:
    """Return the masks of all cards that somebody ever paid with."""
    tried = db.scalars(select(TopUpRow.card_mask).where(TopUpRow.owner_id == owner_id, TopUpRow.card_mask != ""))
    kept = db.scalars(select(SavedCardRow.mask).where(SavedCardRow.owner_id == owner_id))
    return frozenset([mask for several in tried for mask in several.split()] + [mask for mask in kept if mask])


def _same(bonus: Bonus) -> tuple[ColumnElement[bool], ...]:
    return (
        BonusRow.owner_id == bonus.owner_id,
        BonusRow.newcomer_id == bonus.newcomer_id,
        BonusRow.level == bonus.level,
        BonusRow.month == bonus.month,
    )


def _bonus(row: BonusRow) -> Bonus:
    return value_of(Bonus, row)
