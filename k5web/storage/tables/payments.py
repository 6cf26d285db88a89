"""Mapped classes of money that comes in: notices, top-ups, registers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base

REFUSED_PAYMENT = "kind = 'paid' AND verdict IN ('refused', 'conflict')"
LONGEST_REQUEST = 8192  # bytes of a provider's request that are kept


class NoticeRow(Base):
    """A provider's request and our answer; placed by key like the names it speaks of. Appended, never changed."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("verdict IN ('ok', 'repeat', 'conflict', 'refused', 'forged', 'malformed')", name="verdict"),
        CheckConstraint(f"length(request) <= {LONGEST_REQUEST}", name="request"),
        Index(
            "ix_notice_receipt",
            "receipt",
            postgresql_where=text("receipt <> ''"),
            sqlite_where=text("receipt <> ''"),
        ),
        Index("ix_notice_origin_at", "origin", "at"),  # how a partner does lately
        Index("ix_notice_at", "at"),
        Index(  # payments that were not credited, sought by their sum and day
            "ix_notice_refused",
            "amount_minor",
            "at",
            postgresql_where=text(REFUSED_PAYMENT),
            sqlite_where=text(REFUSED_PAYMENT),
        ),
        STRICT,
    )
    key: Mapped[str] = mapped_column(primary_key=True)  # the payment's; empty where none was read
    origin: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # random; a forged one's is its minute
    at: Mapped[datetime]
    kind: Mapped[str]  # check, paid, cancelled …; empty where it could not be read
    verdict: Mapped[str]
    why: Mapped[str]  # of a refusal
    owner_id: Mapped[int | None]
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None]
    account_hash: Mapped[bytes | None]  # keyed: a repeat is known by it though the phone has another owner since
    receipt: Mapped[str]  # the provider's second number
    request: Mapped[str]  # masked


class TopUpRow(Base):
    """A top-up that the subscriber began, and where it stands at the provider. Its id is "K5-<owner_id>-<n>"."""

    __tablename__ = "topup"
    __table_args__ = (
        UniqueConstraint("owner_id", "form_key"),
        CheckConstraint("amount_minor > 0 AND booked_minor >= 0 AND refunded_minor >= 0", name="sums"),
        Index("ix_topup_provider_id", "provider_id", "origin"),
        Index("ix_topup_code", "code", postgresql_where=text("code <> ''"), sqlite_where=text("code <> ''")),
        Index(
            "ix_topup_look_at",
            "look_at",
            postgresql_where=text("look_at IS NOT NULL"),
            sqlite_where=text("look_at IS NOT NULL"),
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str]
    form_key: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str]
    attempt: Mapped[int]
    mark: Mapped[str] = mapped_column(server_default=text("''"))  # of its numbers; none: begun before marks were
    provider_id: Mapped[str]
    pay_url: Mapped[str]
    code: Mapped[str]
    qr: Mapped[str]
    payer_key: Mapped[str]
    payer_phone: Mapped[str]
    saved_card_id: Mapped[str]
    card_mask: Mapped[str]  # of every card that was tried, a space between two
    declines: Mapped[int] = mapped_column(server_default=text("0"))  # tries that the provider declined
    is_automatic: Mapped[bool]
    return_url: Mapped[str]
    language: Mapped[str]
    leads_to: Mapped[str] = mapped_column(server_default=text("''"))  # the page the payer goes on to when it is paid
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    look_at: Mapped[datetime | None]  # when the provider is asked next
    looks: Mapped[int]  # how often it was asked
    quiet_until: Mapped[datetime | None]  # not asked sooner: it is being asked, or was just now
    booked_key: Mapped[str | None]  # the payment's name, once it is on the account
    booked_attempt: Mapped[int | None]
    booked_minor: Mapped[int] = mapped_column(server_default=text("0"))
    refunded_minor: Mapped[int] = mapped_column(server_default=text("0"))  # booked back, in all
    refund_key: Mapped[str | None]  # of the refund in flight: one at a time
    refund_minor: Mapped[int | None]


class HouseRow(Base):
    """What this database alone has, made with it, and where it was opened last: the only row."""

    __tablename__ = "house"
    __table_args__ = (CheckConstraint("id = 1", name="one"), STRICT)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str]  # four letters in the numbers of its orders: another house at the same gateway has others
    place: Mapped[str | None]  # where it was opened last (restored.py)
    calls_above: Mapped[int] = mapped_column(server_default=text("0"))  # no call has this number or a lower one again


class RegisterLineRow(Base):
    """One payment of a provider's register, without its account: the name says whose it is. Appended."""

    __tablename__ = "register_line"
    __table_args__ = (
        Index("ix_register_line_origin_at", "origin", "at"),
        Index("ix_register_line_key", "key", "origin"),
        Index(  # what only the provider has, sought by its sum and day
            "ix_register_line_missing",
            "amount_minor",
            "at",
            postgresql_where=text("verdict = 'missing_here'"),
            sqlite_where=text("verdict = 'missing_here'"),
        ),
        STRICT,
    )
    file_sha256: Mapped[str] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str]
    key: Mapped[str]
    at: Mapped[datetime | None]
    amount_minor: Mapped[int]  # below zero: taken back
    currency: Mapped[str]
    verdict: Mapped[str]  # as it was when the file was first read


class RegisterFileRow(Base):
    """A register that was read whole. Appended."""

    __tablename__ = "register_file"
    __table_args__ = (Index("ix_register_file_origin_last_day", "origin", "last_day"), STRICT)
    file_sha256: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(primary_key=True)
    first_day: Mapped[date | None]  # of its lines, by the provider's clock; none of an empty one
    last_day: Mapped[date | None]
    lines: Mapped[int]
    read_at: Mapped[datetime]


class RegisterDayRow(Base):
    """What the registers and the ledger say of a day, as it was counted last; the lines that differ are asked anew."""

    __tablename__ = "register_day"
    __table_args__ = (CheckConstraint("unresolved >= 0 AND late >= 0", name="counts"), STRICT)
    day: Mapped[date] = mapped_column(primary_key=True)  # by the provider's clock
    origin: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str]
    is_told: Mapped[bool]  # a register has this day
    unresolved: Mapped[int]  # differences about which nobody has said anything
    late: Mapped[int]
    figures: Mapped[dict[str, Any]]  # of each verdict: count, the sum of ours, the sum of theirs
    counted_at: Mapped[datetime]


class RegisterResolutionRow(Base):
    """What a person said about a difference. Appended, never changed."""

    __tablename__ = "register_resolution"
    __table_args__ = (CheckConstraint("how IN ('credited', 'conflict', 'clarified')", name="how"), STRICT)
    key: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(primary_key=True)
    verdict: Mapped[str] = mapped_column(primary_key=True)
    is_back: Mapped[bool] = mapped_column(primary_key=True)  # about money that went back
    how: Mapped[str]
    reason: Mapped[str]
    day: Mapped[date]
    theirs_minor: Mapped[int | None]
    ours_minor: Mapped[int | None]
    currency: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]


class SavedCardRow(Base):
    """A card that a provider keeps for a subscriber: its mask and the provider's id, never its number."""

    __tablename__ = "saved_card"
    __table_args__ = (UniqueConstraint("owner_id", "origin", "card_id"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str]
    card_id: Mapped[str]
    mask: Mapped[str]
    expires: Mapped[str]  # YYYYMM
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]  # by the owner, or forgotten by the provider
    told_at: Mapped[datetime | None]  # when the provider knew of the removal


class AutoTopUpRow(Base):
    """What a subscriber allows to be taken from a saved card when the balance falls below a threshold."""

    __tablename__ = "auto_topup"
    __table_args__ = (
        CheckConstraint("threshold_minor >= 0 AND amount_minor > 0 AND daily_cap_minor >= amount_minor", name="sums"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    card_n: Mapped[int]
    currency: Mapped[str]
    threshold_minor: Mapped[int]
    amount_minor: Mapped[int]
    daily_cap_minor: Mapped[int]
    off_why: Mapped[str | None]  # owner, declined, card_gone, refused; none: it runs
    is_armed: Mapped[bool]  # the balance was above the threshold since the last time
    round: Mapped[int]  # crossings served: each has one form key
    refusals: Mapped[int]  # of the provider, in a row
    try_at: Mapped[datetime | None]  # not before
    taken_at: Mapped[datetime | None]  # when the last crossing was taken up
