"""Mapped classes of subscribers: who they are, their blocks, their devices, their wrong passwords."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base


class AllocatorRow(Base):
    """Our own allocator of subscriber and account ids: below 2^33, never given twice (docs/ledger.md)."""

    __tablename__ = "allocator"
    __table_args__ = (CheckConstraint("next_id BETWEEN 1 AND 8589934592", name="below_2_33"), STRICT)
    kind: Mapped[str] = mapped_column(primary_key=True)  # subscriber, account, invoice
    next_id: Mapped[int]


class SubscriberRow(Base):
    """A person or organisation who may call. `id` is the owner_id of everything theirs and the лицевой счёт."""

    __tablename__ = "subscriber"
    __table_args__ = (Index("uq_subscriber_inn_hash", "inn_hash", unique=True), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    phone: Mapped[str | None] = mapped_column(unique=True)  # E.164 digits; of all their phones the one that is rung
    name: Mapped[str]
    password_hash: Mapped[str | None]
    currency: Mapped[str]
    plan: Mapped[str]
    language: Mapped[str | None]
    at_once_limit_micro: Mapped[int]  # the dearest minute that may be called at once
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(server_default=text("false"))  # a weak one came by SMS
    low_balance_minor: Mapped[int] = mapped_column(server_default=text("2000"))  # below it a message is due
    inn_hash: Mapped[bytes | None]  # of the company's tax number, keyed: payers type it
    blocked_at: Mapped[datetime | None]  # why, and by whom: BlockRow
    suspended_at: Mapped[datetime | None]  # a breach of the contract, with notice: BlockRow
    ended_at: Mapped[datetime | None]  # the contract: ContractEndRow
    phone_verified_at: Mapped[datetime | None]  # only then leg A may ring it
    erased_at: Mapped[datetime | None]  # who it was is forgotten; calls and books stay
    press_1: Mapped[bool] = mapped_column(server_default=text("false"))  # leg A presses 1 before B is called


class NameWordRow(Base):
    """One word of a subscriber's name, as staff look for it (domain/words.py). It goes with the name.

    PostgreSQL sorts it by its letters' codes, so that a beginning is a range of the index.
    """

    __tablename__ = "name_word"
    __table_args__ = (Index("ix_name_word_word", "word", "owner_id"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True)


class PhoneRow(Base):
    """A phone of a subscriber, the one of their own row too: so the whole of K5 has each number once."""

    __tablename__ = "phone"
    __table_args__ = (Index("ix_phone_owner_id", "owner_id"), STRICT)
    digits: Mapped[str] = mapped_column(primary_key=True)  # E.164
    owner_id: Mapped[int]
    name: Mapped[str]  # "" where its owner gave none
    added_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]  # only then it may be rung, logs in and gets a new password


class BlockRow(Base):
    """One time that staff stopped a subscriber or took it back. Appended, never changed."""

    __tablename__ = "block"
    __table_args__ = (CheckConstraint("kind IN ('block', 'breach')", name="kind"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 … of this owner
    is_blocked: Mapped[bool]
    at: Mapped[datetime]
    actor: Mapped[str]
    reason: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default=text("'block'"))  # of a breach the subscriber reads the reason


class EmailAddressRow(Base):
    """Where a subscriber's letters go. Nothing is sent there before it is confirmed, but the code for that."""

    __tablename__ = "email_address"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    address: Mapped[str]
    given_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class InvitationRow(Base):
    """A member's link by which others join, for a time and so many of them."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_owner_id", "owner_id"), STRICT)
    code: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    joined: Mapped[int]
    revoked_at: Mapped[datetime | None]


class ReferralRow(Base):
    """On whose recommendation a subscriber came. Appended, never changed."""

    __tablename__ = "referral"
    __table_args__ = (Index("ix_referral_sponsor_id", "sponsor_id"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # who came
    sponsor_id: Mapped[int]
    way: Mapped[str]  # sms, invitation
    at: Mapped[datetime]


class DeviceRow(Base):
    """A browser that is remembered: cookie `selector.validator`, the validator kept as SHA-256 (docs/pages.md)."""

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
    """Wrong passwords counted by account, device and address: in the database, not in a worker's memory."""

    __tablename__ = "login_count"
    __table_args__ = (STRICT,)
    scope: Mapped[str] = mapped_column(primary_key=True)  # account, device, address
    subject: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]
    in_a_row: Mapped[int]
    in_a_day: Mapped[int]
    blocked_until: Mapped[datetime | None]


class ApiTokenRow(Base):
    """A token of a subscriber's own program: `k5_selector.validator`, the validator kept as SHA-256."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_owner_id", "owner_id"), STRICT)
    selector: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    validator_hash: Mapped[bytes]
    name: Mapped[str]
    may_call: Mapped[bool]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ThrottleRow(Base):
    """How far ahead of the clock somebody has booked what may be done only so often (domain/throttle.py)."""

    __tablename__ = "pace"
    __table_args__ = (STRICT,)
    scope: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    booked_until: Mapped[datetime]
