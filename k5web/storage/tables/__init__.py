"""All mapped classes. Everything of one owner begins its keys with `owner_id` (scale.md 3).

SQLite tables are STRICT: every type has a variant there (storage/types.py). Triggers and grants are in the migrations.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT
from k5web.storage.tables.base import Base as Base
from k5web.storage.tables.ways import ApiTokenRow as ApiTokenRow
from k5web.storage.tables.ways import PaceRow as PaceRow

# House accounts are codes, not rows; the cash ones are checked by their beginning (ledger.md 2.1)
HOUSE_CODES = "'sale.call', 'sale.fee', 'sale.order', 'gift', 'expired', 'refund', 'loss', 'fx', 'opening'"
LIVE = "'reserved', 'placing', 'calling_a', 'calling_b', 'talking'"


class AllocatorRow(Base):
    """Our own allocator of subscriber and account ids: below 2^33, never given twice (scale.md S10)."""

    __tablename__ = "allocator"
    __table_args__ = (CheckConstraint("next_id BETWEEN 1 AND 8589934592", name="below_2_33"), STRICT)
    kind: Mapped[str] = mapped_column(primary_key=True)  # subscriber, account
    next_id: Mapped[int]


class SubscriberRow(Base):
    """A person or organisation who may call. `id` is the owner_id of everything theirs and the лицевой счёт."""

    __tablename__ = "subscriber"
    __table_args__ = (STRICT,)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    phone: Mapped[str | None] = mapped_column(unique=True)  # E.164 digits, verified
    name: Mapped[str]
    password_hash: Mapped[str | None]
    currency: Mapped[str]
    plan: Mapped[str]
    language: Mapped[str | None]
    at_once_limit_micro: Mapped[int]  # the dearest minute that may be called at once
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime]


class DeviceRow(Base):
    """A browser that is remembered: cookie `selector.validator`, the validator kept as SHA-256 (web.md 5)."""

    __tablename__ = "device"
    __table_args__ = (Index("ix_device_owner_id", "owner_id"), STRICT)
    selector: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    validator_hash: Mapped[bytes]
    rotated_at: Mapped[datetime]
    previous_hash: Mapped[bytes | None]  # stays good until the new one was seen, at least 120 s
    is_seen: Mapped[bool]  # the newest validator came back at least once
    browser: Mapped[str]  # "Chrome, Android"
    place: Mapped[str]  # coarse, from the address: "192.0.2.0/24"
    is_own: Mapped[bool]  # False: «Это чужой телефон», ends with the browser or after 30 idle minutes
    at_once: Mapped[bool]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]  # the password was last typed here
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]  # logout, revoked, password, reuse


class LoginCountRow(Base):
    """Wrong passwords counted by account, device and address: in the base, not in a worker's memory."""

    __tablename__ = "login_count"
    __table_args__ = (STRICT,)
    scope: Mapped[str] = mapped_column(primary_key=True)  # account, device, address
    subject: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]
    in_a_row: Mapped[int]
    in_a_day: Mapped[int]
    blocked_until: Mapped[datetime | None]


class DeckRow(Base):
    """A version of a price list, published whole and never edited; the newest due one is in force."""

    __tablename__ = "deck"
    __table_args__ = (Index("ix_deck_name_effective_from", "name", "effective_from"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str]
    effective_from: Mapped[datetime]
    imported_at: Mapped[datetime]
    row_count: Mapped[int]
    source: Mapped[str]  # the file's name
    digest: Mapped[bytes]  # SHA-256 of the file


class RateRow(Base):
    """A published price of a prefix. Units: millionths of the major unit; `_s` seconds."""

    __tablename__ = "rate"
    __table_args__ = (
        ForeignKeyConstraint(["deck_id"], ["deck.id"]),
        CheckConstraint("price_micro >= 0 AND connect_fee_micro >= 0", name="prices"),
        CheckConstraint("increment_s > 0 AND minimum_s >= 0 AND free_below_s >= 0", name="steps"),
        STRICT,
    )
    deck_id: Mapped[int] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    destination: Mapped[str]
    price_micro: Mapped[int]
    currency: Mapped[str]
    increment_s: Mapped[int]
    minimum_s: Mapped[int]
    free_below_s: Mapped[int]
    connect_fee_micro: Mapped[int]


class AccountRow(Base):
    """One purse: one owner, one purpose, one unit. The four caches are moved by triggers alone."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("owner_id", "purpose", "unit"),
        UniqueConstraint("owner_id", "id", "unit"),
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
    """An outside name, claimed once in the whole of K5; placed by key, so it has no owner in front (scale.md S3)."""

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
        CheckConstraint("state IN ('open', 'settled', 'released', 'expired')", name="state"),
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
    call_id: Mapped[str] = mapped_column(primary_key=True)
    amount_minor: Mapped[int]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class CallRow(Base):
    """An order and where it stands; the queue of the worker. Both rates are kept whole: prices may change."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("owner_id", "form_key"),
        Index(
            "uq_call_live_a_number",
            "owner_id",
            "a_number",
            unique=True,
            postgresql_where=text(f"state IN ({LIVE})"),
            sqlite_where=text(f"state IN ({LIVE})"),
        ),
        Index(
            "ix_call_state_changed_at",
            "state",
            "changed_at",
            postgresql_where=text("state NOT IN ('settled', 'not_placed')"),
            sqlite_where=text("state NOT IN ('settled', 'not_placed')"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # id = "<owner_id>-<n>"
    account_id: Mapped[int]
    form_key: Mapped[str]
    a_number: Mapped[str]
    b_number: Mapped[str]
    a_rate: Mapped[dict[str, Any]]
    b_rate: Mapped[dict[str, Any]]
    a_leg_from: Mapped[str]
    minutes: Mapped[int]
    hold_minor: Mapped[int]
    currency: Mapped[str]
    ring_a_s: Mapped[int]
    ring_b_s: Mapped[int]
    talk_ms: Mapped[int]
    leg_a_s: Mapped[int]
    at_once: Mapped[bool]
    state: Mapped[str]
    outcome: Mapped[str | None]
    cost_minor: Mapped[int | None]
    ordered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    placing_at: Mapped[datetime | None]
    a_answered_at: Mapped[datetime | None]
    b_answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]


class SwitchEventRow(Base):
    """One record of the switch, kept as it came; its key makes a second reading harmless."""

    __tablename__ = "switch_event"
    __table_args__ = (Index("ix_switch_event_owner_id_n", "owner_id", "n"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    switch: Mapped[str] = mapped_column(primary_key=True)
    leg_uuid: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    n: Mapped[int]
    is_a: Mapped[bool]
    cause: Mapped[int | None]
    source: Mapped[str]
    dial_status: Mapped[str]
    stage: Mapped[str]


class CdrRow(Base):
    """One finished leg, as the switch reported it."""

    __tablename__ = "cdr"
    __table_args__ = (Index("ix_cdr_owner_id_n", "owner_id", "n"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    switch: Mapped[str] = mapped_column(primary_key=True)
    leg_uuid: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    leg: Mapped[str]
    number: Mapped[str]
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    cause: Mapped[int]
    source: Mapped[str]
    dial_status: Mapped[str]


class SwitchPositionRow(Base):
    """How far a switch's records were read: kept in the same transaction as the rows they became."""

    __tablename__ = "switch_position"
    __table_args__ = (STRICT,)
    switch: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[str]


class IncidentRow(Base):
    """What a person must look at: cost above the hold, a record after settlement, a damaged line. Named, so once."""

    __tablename__ = "incident"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]
