"""Proposals: each is written once and decided once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Table, func, select, update
from sqlalchemy.orm import Session

from k5web.domain.desk.proposal import Proposal, ProposalState, Wish
from k5web.domain.money import Money
from k5web.storage.allocator import PROPOSALS, allocate_many
from k5web.storage.sql import first_of
from k5web.storage.tables import ProposalRow
from k5web.storage.values import value_of

PROPOSAL = cast(Table, ProposalRow.__table__)
_IS_WAITING = PROPOSAL.c.state == ProposalState.WAITING


def next_id(db: Session) -> int:
    """Return the number of the next proposal; until the end of the transaction nobody else writes or counts one."""
    return allocate_many(db, PROPOSALS, 1)[0]


def add(db: Session, made: Proposal) -> None:
    """Write a proposal that waits."""
    wish = made.wish
    row = {
        "id": made.id,
        "kind": wish.kind,
        "form_key": wish.form_key,
        "owner_id": wish.owner_id,
        "payload": dict(wish.payload),
        "shown": dict(wish.shown),
        "reason": wish.reason,
        "document": wish.document,
        "unit": wish.amount and wish.amount.currency,
        "amount_minor": _minor(wish.amount),
        "is_alone": made.is_alone,
        "counted_minor": _minor(made.counted),
        "limit_minor": _minor(made.limit),
        "proposed_by": made.proposed_by,
        "proposed_at": made.proposed_at,
        "state": ProposalState.WAITING,
    }
    db.execute(PROPOSAL.insert().values(**row))


def find(db: Session, n: int) -> Proposal | None:
    """Return a proposal."""
    return first_of(db.execute(select(PROPOSAL).where(PROPOSAL.c.id == n)), _proposal)


def lock(db: Session, n: int) -> Proposal | None:
    """Return the same and keep everybody else from deciding about it until the end of the transaction."""
    return first_of(db.execute(select(PROPOSAL).where(PROPOSAL.c.id == n).with_for_update()), _proposal)


def by_form(db: Session, form_key: str) -> Proposal | None:
    """Return the proposal that this form made, if it did."""
    return first_of(db.execute(select(PROPOSAL).where(PROPOSAL.c.form_key == form_key)), _proposal)


def waiting_for_same(db: Session, wish: Wish) -> Proposal | None:
    """Return the proposal that waits and would do the very same, whatever form it came from."""
    found = select(PROPOSAL).where(_IS_WAITING, PROPOSAL.c.kind == wish.kind, PROPOSAL.c.owner_id == wish.owner_id)
    waiting = (_proposal(row) for row in db.execute(found.order_by(PROPOSAL.c.id)))
    return next((each for each in waiting if each.wish.payload == wish.payload), None)


def page(
    db: Session, state: ProposalState | None, before_id: int | None, limit: int, kinds: Collection[str] | None = None
) -> list[Proposal]:
    """Return proposals in this state and of these kinds, or all, the newest first, paged by number."""
    which = [PROPOSAL.c.state == state] if state else []
    return _page(db, which if kinds is None else [*which, PROPOSAL.c.kind.in_(kinds)], before_id, limit)


def of_owner(db: Session, owner_id: int, before_id: int | None, limit: int) -> list[Proposal]:
    """Return the proposals about a subscriber, the newest first."""
    return _page(db, [PROPOSAL.c.owner_id == owner_id], before_id, limit)


def overdue(db: Session, until: datetime, limit: int) -> list[int]:
    """Return the numbers of proposals that wait since this moment or longer, unlocked: each is looked at again."""
    found = select(PROPOSAL.c.id).where(_IS_WAITING, PROPOSAL.c.proposed_at <= until).order_by(PROPOSAL.c.id)
    return list(db.scalars(found.limit(limit)))


def done_alone(db: Session, since: datetime, unit: str, *, actor: str = "", owner_id: int | None = None) -> Money:
    """Return what a member of the staff, or everybody for one subscriber, did without a second person since then."""
    whose = PROPOSAL.c.proposed_by == actor if actor else PROPOSAL.c.owner_id == owner_id
    which = (whose, PROPOSAL.c.is_alone, PROPOSAL.c.unit == unit, PROPOSAL.c.proposed_at >= since)
    found = select(func.coalesce(func.sum(PROPOSAL.c.amount_minor), 0)).where(
        *which, PROPOSAL.c.state == ProposalState.DONE
    )
    return Money(int(db.scalar(found) or 0), unit)


def decide(db: Session, n: int, state: ProposalState, actor: str, now: datetime, words: str) -> bool:
    """Write what was decided; False where somebody decided before."""
    decided = {"state": state, "decided_by": actor, "decided_at": now, "words": words}
    changed = update(PROPOSAL).where(PROPOSAL.c.id == n, _IS_WAITING).values(**decided)
    return db.execute(changed.returning(PROPOSAL.c.id)).first() is not None


def _page(db: Session, which: list[ColumnElement[bool]], before_id: int | None, limit: int) -> list[Proposal]:
    if before_id is not None:
        which.append(PROPOSAL.c.id < before_id)
    found = select(PROPOSAL).where(*which).order_by(PROPOSAL.c.id.desc()).limit(limit)
    return [_proposal(row) for row in db.execute(found)]


def _minor(money: Money | None) -> int | None:
    return None if money is None else money.minor


def _proposal(row: Row[Any]) -> Proposal:
    amount, counted, limit = (
        None if minor is None else Money(minor, row.unit)
        for minor in (row.amount_minor, row.counted_minor, row.limit_minor)
    )
    wish = value_of(Wish, row, amount=amount)
    state = ProposalState(row.state)
    return value_of(Proposal, row, wish=wish, counted=counted, limit=limit, state=state)
