"""Mapped classes of the ledger. Triggers and grants are in the migrations."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.books.ledger import HoldState
from k5web.domain.books.promised_payment import EndedWhy
from k5web.storage.tables.base import STRICT, Base, quoted

# House accounts are codes, not rows; the cash ones are checked by their beginning (docs/ledger.md)
HOUSE_CODES = "'sale.call', 'sale.fee', 'sale.order', 'gift', 'expired', 'refund', 'loss', 'fx', 'opening', 'transfer'"


IS_PAYMENT = "substr(counter, 1, 5) = 'cash.'"


class AccountRow(Base):
    """One purse: one owner, one purpose, one unit. The four caches are moved by triggers alone."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("owner_id", "purpose", "unit"),
        UniqueConstraint("owner_id", "id", "unit"),
        Index("ix_account_id", "id"),
        CheckConstraint("held_minor >= 0", name="held"),
        CheckConstraint("unit IN ('RUB', 'KGS', 'SEC', 'SMS', 'KB')", name="unit"),
        {**STRICT, "postgresql_with": {"fillfactor": 70}},
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    purpose: Mapped[str]
    unit: Mapped[str]
    floor_minor: Mapped[int] = mapped_column(server_default=text("0"))
    balance_minor: Mapped[int] = mapped_column(server_default=text("0"))
    held_minor: Mapped[int] = mapped_column(server_default=text("0"))
    last_seq: Mapped[int] = mapped_column(server_default=text("0"))
    last_day: Mapped[date] = mapped_column(server_default=text("'2000-01-01'"))
    closed_at: Mapped[datetime | None]


class NameClaimRow(Base):
    """An outside name, claimed once in the whole of K5; placed by key, so it has no owner in front (docs/ledger.md)."""

    __tablename__ = "name_claim"
    __table_args__ = (CheckConstraint("length(key) BETWEEN 1 AND 64", name="key"), STRICT)
    key: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    fingerprint: Mapped[bytes]


class TransactionRow(Base):
    """One event; its name is its key."""

    __tablename__ = "ledger_transaction"
    __table_args__ = (
        ForeignKeyConstraint(
            ["owner_id", "reverses_origin", "reverses_key"],
            ["ledger_transaction.owner_id", "ledger_transaction.origin", "ledger_transaction.key"],
        ),
        CheckConstraint("length(key) BETWEEN 1 AND 200", name="key"),
        CheckConstraint("(reverses_origin IS NULL) = (reverses_key IS NULL)", name="reverses"),
        Index(
            "uq_ledger_transaction_reversal",
            "owner_id",
            "reverses_origin",
            "reverses_key",
            unique=True,
            postgresql_where=text("origin = 'reversal'"),
            sqlite_where=text("origin = 'reversal'"),
        ),
        Index(
            "ix_ledger_transaction_reverses",
            "owner_id",
            "reverses_origin",
            "reverses_key",
            postgresql_where=text("reverses_key IS NOT NULL"),
            sqlite_where=text("reverses_key IS NOT NULL"),
        ),
        Index(  # finds what acts have to be corrected for
            "ix_ledger_transaction_taken_back",
            "recorded_at",
            postgresql_where=text("origin = 'reversal'"),
            sqlite_where=text("origin = 'reversal'"),
        ),
        Index(  # finds who received what was sent
            "ix_ledger_transaction_received",
            "key",
            postgresql_where=text("origin = 'transfer.in'"),
            sqlite_where=text("origin = 'transfer.in'"),
        ),
        Index(  # finds a provider's payments of a day
            "ix_ledger_transaction_paid",
            "origin",
            "occurred_at",
            postgresql_where=text("origin LIKE '%:%'"),
            sqlite_where=text("origin LIKE '%:%'"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reverses_origin: Mapped[str | None]
    reverses_key: Mapped[str | None]


class PostingRow(Base):
    """One immutable move between an account and a house account; link `seq` of the account's chain."""

    __tablename__ = "posting"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "account_id", "unit"], ["account.owner_id", "account.id", "account.unit"]),
        ForeignKeyConstraint(
            ["owner_id", "origin", "key"],
            ["ledger_transaction.owner_id", "ledger_transaction.origin", "ledger_transaction.key"],
        ),
        CheckConstraint(
            "amount_minor <> 0 AND amount_minor BETWEEN -1000000000000000 AND 1000000000000000", name="amount"
        ),
        CheckConstraint(f"counter IN ({HOUSE_CODES}) OR substr(counter, 1, 5) = 'cash.'", name="counter"),
        Index("ix_posting_owner_id_origin_key", "owner_id", "origin", "key"),
        Index(  # finds an owner's payments among any number of calls
            "ix_posting_cash",
            "owner_id",
            "account_id",
            "day",
            "seq",
            postgresql_where=text(IS_PAYMENT),
            sqlite_where=text(IS_PAYMENT),
        ),
        Index(  # payments sought by their sum and day; calls and fees are not written into it
            "ix_posting_payment",
            *("day", "amount_minor", "owner_id", "account_id", "seq"),
            postgresql_where=text(IS_PAYMENT),
            sqlite_where=text(IS_PAYMENT),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit: Mapped[str]
    amount_minor: Mapped[int]
    balance_minor: Mapped[int]
    counter: Mapped[str]
    origin: Mapped[str]
    key: Mapped[str]


class HoldRow(Base):
    """A reservation for one call."""

    __tablename__ = "hold"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "account_id"], ["account.owner_id", "account.id"]),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(f"state IN ({quoted(HoldState)})", name="state"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        Index(
            "ix_hold_open",
            "owner_id",
            "account_id",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_hold_expires_at",
            "expires_at",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = mapped_column(primary_key=True)  # the reference: a call's id, or "refund <key>"
    amount_minor: Mapped[int]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class PromisedPaymentRow(Base):
    """A sum that an account may be spent below its floor for a time. It ends once; triggers move the floor by it."""

    __tablename__ = "promised_payment"
    __table_args__ = (
        ForeignKeyConstraint(["owner_id", "account_id"], ["account.owner_id", "account.id"]),
        UniqueConstraint("owner_id", "form_key"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(f"ended_why IN ({quoted(EndedWhy)})", name="why"),
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended"),
        Index(
            "ix_promised_payment_due_at",
            "due_at",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_promised_payment_open",
            "owner_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … of this owner
    account_id: Mapped[int]
    form_key: Mapped[str]
    amount_minor: Mapped[int]
    floor_before: Mapped[int]  # the account's floor without any promise, in minor units
    taken_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]


class BonusRow(Base):
    """What a sponsor earned by one newcomer in a month, and how much of it went back. Units: minor."""

    __tablename__ = "bonus"
    __table_args__ = (
        CheckConstraint("bonus_minor > 0 AND bonus_minor <= paid_minor", name="bonus"),
        CheckConstraint("taken_back_minor BETWEEN 0 AND bonus_minor", name="taken_back"),
        CheckConstraint("owner_id <> newcomer_id", name="pair"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newcomer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    paid_minor: Mapped[int]
    bonus_minor: Mapped[int]
    taken_back_minor: Mapped[int]
    noted_at: Mapped[datetime]


class ClosedDayRow(Base):
    """A day into which nothing is booked any more; the next one is open. Appended, never changed."""

    __tablename__ = "closed_day"
    __table_args__ = (CheckConstraint("next_day > day", name="next_day"), STRICT)
    day: Mapped[date] = mapped_column(primary_key=True)
    next_day: Mapped[date]
    began_at: Mapped[datetime]


class DayCloseRow(Base):
    """An account's position at the end of a day on which it moved. Appended, never changed."""

    __tablename__ = "day_close"
    __table_args__ = (Index("ix_day_close_day", "day"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    last_seq: Mapped[int]
    balance_minor: Mapped[int]
    digest: Mapped[bytes]


class HouseDayRow(Base):
    """A house account's turnover of a closed day. Appended, never changed."""

    __tablename__ = "house_day"
    __table_args__ = (CheckConstraint("debit_minor >= 0 AND credit_minor >= 0", name="turnover"), STRICT)
    day: Mapped[date] = mapped_column(primary_key=True)
    counter: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    debit_minor: Mapped[int]
    credit_minor: Mapped[int]


class SealRow(Base):
    """The digest of a closed day over all accounts that moved, chained to the day before. Appended, never changed."""

    __tablename__ = "seal"
    __table_args__ = (ForeignKeyConstraint(["day"], ["closed_day.day"]), STRICT)
    day: Mapped[date] = mapped_column(primary_key=True)
    previous: Mapped[bytes]
    digest: Mapped[bytes]
    sealed_at: Mapped[datetime]


class BillDayRow(Base):
    """What the calls of a day come to by their records, by their charges, and in the ledger, as it was counted last."""

    __tablename__ = "bill_day"
    __table_args__ = (CheckConstraint("calls >= 0 AND differing >= 0", name="counts"), STRICT)
    day: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int]
    cdr_minor: Mapped[int]
    bill_minor: Mapped[int]
    ledger_minor: Mapped[int]
    corrected_minor: Mapped[int]  # charged anew by claims, beside the others
    differing: Mapped[int]  # calls whose three sums are not the same
    counted_at: Mapped[datetime]


class ArchiveRow(Base):
    """A file that was made of a month older than the legal term. Appended, never changed."""

    __tablename__ = "archive_file"
    __table_args__ = (STRICT,)
    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    name: Mapped[str]
    digest: Mapped[bytes]  # of the whole file
    size_bytes: Mapped[int]
    postings: Mapped[int]
    seal: Mapped[bytes]  # of the month's last day
    made_at: Mapped[datetime]
    actor: Mapped[str]


class VerificationRow(Base):
    """How the ledger came out when all its invariants were asked. Appended, never changed."""

    __tablename__ = "verification"
    __table_args__ = (STRICT,)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(primary_key=True)
    breaches: Mapped[int]
    first: Mapped[str]  # the first breach in words; "": none
