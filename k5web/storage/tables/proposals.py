"""The mapped class of proposals. The database itself holds that nobody approves their own, and that each is decided
once."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.desk.proposal import ProposalState
from k5web.storage.tables.base import STRICT, Base, quoted

_WAITS = text("state = 'waiting'")


class ProposalRow(Base):
    """What a member of the staff asked for, and what a second one decided. Units: minor. Triggers let it only go on."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint(f"state IN ({quoted(ProposalState)})", name="state"),
        CheckConstraint(
            "(state = 'waiting') = (decided_by IS NULL) AND (state = 'waiting') = (decided_at IS NULL)", name="decided"
        ),
        CheckConstraint(
            "state <> 'done' OR is_alone = (decided_by = proposed_by)",
            name="two_persons",
        ),
        CheckConstraint("state <> 'withdrawn' OR decided_by = proposed_by", name="withdrawn"),
        CheckConstraint("NOT is_alone OR (unit IS NOT NULL AND counted_minor <= limit_minor)", name="alone"),
        CheckConstraint(
            "(unit IS NULL) = (amount_minor IS NULL) AND (unit IS NULL) = (counted_minor IS NULL) "
            "AND (unit IS NULL) = (limit_minor IS NULL)",
            name="sums",
        ),
        CheckConstraint("amount_minor >= 0 AND counted_minor >= amount_minor", name="amount"),
        Index("ix_proposal_waiting", "id", postgresql_where=_WAITS, sqlite_where=_WAITS),
        Index("ix_proposal_owner_id", "owner_id", "proposed_at"),
        Index("ix_proposal_proposed_by", "proposed_by", "proposed_at"),
        STRICT,
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    form_key: Mapped[str] = mapped_column(unique=True)
    owner_id: Mapped[int | None]  # the subscriber it is about
    payload: Mapped[dict[str, Any]]  # what it is carried out by
    shown: Mapped[dict[str, Any]]  # what its author was shown that it would do
    reason: Mapped[str]
    document: Mapped[str]
    unit: Mapped[str | None]
    amount_minor: Mapped[int | None]
    is_alone: Mapped[bool]  # it needed no second person
    counted_minor: Mapped[int | None]  # what came together that day, with it
    limit_minor: Mapped[int | None]  # above which two persons were needed that day
    proposed_by: Mapped[str]  # in one spelling for each person
    proposed_at: Mapped[datetime]
    state: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    words: Mapped[str | None]
