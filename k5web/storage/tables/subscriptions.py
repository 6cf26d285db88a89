"""Mapped classes of what subscribers are connected to."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.prices.subscription import SubscriptionState
from k5web.storage.tables.base import STRICT, Base, quoted


class SubscriptionRow(Base):
    """A plan, an option or pieces of a service that a subscriber is connected to."""

    __tablename__ = "subscription"
    __table_args__ = (
        CheckConstraint("sort IN ('plan', 'option', 'service')", name="sort"),
        CheckConstraint(f"state IN ({quoted(SubscriptionState)})", name="state"),
        CheckConstraint("pieces > 0", name="pieces"),
        CheckConstraint("next_pieces > 0 AND next_pieces < pieces", name="next_pieces"),
        CheckConstraint("(state = 'ended') = (ended_on IS NOT NULL)", name="ended"),
        UniqueConstraint("owner_id", "form_key"),
        Index(
            "uq_subscription_live",
            "owner_id",
            "sort",
            "code",
            unique=True,
            postgresql_where=text("state <> 'ended'"),
            sqlite_where=text("state <> 'ended'"),
        ),
        Index(
            "ix_subscription_suspended",
            "owner_id",
            postgresql_where=text("state = 'suspended'"),
            sqlite_where=text("state = 'suspended'"),
        ),
        Index(
            "ix_subscription_next_due",
            "next_due",
            postgresql_where=text("state <> 'ended'"),
            sqlite_where=text("state <> 'ended'"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sort: Mapped[str]
    code: Mapped[str]
    plan_code: Mapped[str]
    pieces: Mapped[int]
    state: Mapped[str]
    began_on: Mapped[date]
    next_due: Mapped[date | None]
    ends_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    next_pieces: Mapped[int | None]  # fewer, from the next period on
    seen_minor: Mapped[int] = mapped_column(server_default=text("0"))  # what could be spent when it was not enough
    form_key: Mapped[str]  # of the form that ordered it: the same form orders once
    ordered_at: Mapped[datetime]


class SubscriptionPeriodRow(Base):
    """A period of a subscription, and whether its fee was taken. Units: `fee_minor` what was taken."""

    __tablename__ = "subscription_period"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "n"], ["subscription.owner_id", "subscription.n"]),
        CheckConstraint("state IN ('paid', 'suspended')", name="state"),
        CheckConstraint("fee_minor >= 0", name="fee"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    began_on: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str]
    fee_minor: Mapped[int]
    fee_key: Mapped[str]  # of the event that took it, also where nothing was taken
    plan_version: Mapped[int]  # 0: the plan as K5 came with it
    noted_at: Mapped[datetime]
