"""The mapped class of claims: a charge that is disputed, the answer, what was paid out. Triggers let it only go on."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.books.claim import CLAIM_REASONS
from k5web.storage.tables.base import STRICT, Base, quoted


class ClaimRow(Base):
    """A claim about one charge (B11); one of a charge is unanswered at a time. Units: minor."""

    __tablename__ = "claim"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "account_id"], ["account.owner_id", "account.id"]),
        UniqueConstraint("owner_id", "form_key"),
        CheckConstraint("disputed_minor > 0 AND disputed_minor <= charged_minor", name="disputed"),
        CheckConstraint("given_minor BETWEEN 0 AND charged_minor", name="given"),
        CheckConstraint(f"reason IN ({quoted(CLAIM_REASONS)})", name="reason"),
        CheckConstraint(
            "(answered_at IS NULL) = (given_minor IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL) "
            "AND (answered_at IS NULL) = (answer IS NULL)",
            name="answered",
        ),
        CheckConstraint("pay_by IS NULL OR given_minor > 0", name="pay_by"),
        CheckConstraint(
            "(paid_at IS NULL) = (paid_by IS NULL) AND (paid_at IS NULL) = (document IS NULL) "
            "AND (paid_at IS NULL OR pay_by IS NOT NULL)",
            name="paid",
        ),
        Index(
            "uq_claim_open",
            "owner_id",
            "origin",
            "key",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
            sqlite_where=text("answered_at IS NULL"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … of this owner
    account_id: Mapped[int]
    origin: Mapped[str]  # of the charge
    key: Mapped[str]
    seq: Mapped[int]
    unit: Mapped[str]
    charged_minor: Mapped[int]
    disputed_minor: Mapped[int]
    reason: Mapped[str]
    text: Mapped[str]
    recipient: Mapped[str]  # with the next two: where to pay the money; empty where it is to stay on the account
    account: Mapped[str]
    bank: Mapped[str]
    form_key: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    due_on: Mapped[date]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    given_minor: Mapped[int | None]  # credited; zero where the claim was rejected
    answer: Mapped[str | None]
    pay_by: Mapped[date | None]  # the credited money is to leave for the bank account by then
    paid_at: Mapped[datetime | None]
    paid_by: Mapped[str | None]
    document: Mapped[str | None]
