"""Mapped classes of the virtual PBX: rules of incoming numbers, its people and accounts, conversations, recordings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base

IS_THERE = text("removed_at IS NULL")
IS_REMOVED = text("removed_at IS NOT NULL")
IS_KEPT = text("deleted_at IS NULL")
IS_DUE = text("done_at IS NULL")
IS_UNTOLD = text("replace(told, 'ended', '') = told")  # the end is told last
IS_UNMEASURED = text("size_bytes IS NULL AND deleted_at IS NULL")


class PbxRow(Base):
    """An organisation's PBX: how often it changed, and what was chosen for all of it."""

    __tablename__ = "pbx"
    __table_args__ = (Index("ix_pbx_changed_at", "changed_at"), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]  # 1, 2, 3 … one more with whatever the switch must know
    changed_at: Mapped[datetime]
    switch: Mapped[str] = mapped_column(server_default=text("''"))  # where it lives; '': the first of the settings
    is_recorded: Mapped[bool] = mapped_column(server_default=text("false"))
    holds_ahead: Mapped[bool] = mapped_column(server_default=text("true"))


class PbxRuleRow(Base):
    """One version of what the callers of a number meet. Appended, never changed; the newest is in force."""

    __tablename__ = "pbx_rule"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(primary_key=True)  # E.164 digits; 'id': callers of the shared number
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    steps: Mapped[dict[str, Any]]  # domain/pbx/rule.py; {}: the rule of who has none
    at: Mapped[datetime]
    actor: Mapped[str]


class PbxUserRow(Base):
    """One person of a PBX, reached by an extension."""

    __tablename__ = "pbx_user"
    __table_args__ = (
        Index("uq_pbx_user_extension", "owner_id", "extension", unique=True,
              postgresql_where=IS_THERE, sqlite_where=IS_THERE),
        STRICT,
    )  # fmt: skip
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    extension: Mapped[str]
    title: Mapped[str]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class SipAccountRow(Base):
    """An account by which a phone or a browser registers. Of the password only the digest of RFC 7616 is kept."""

    __tablename__ = "sip_account"
    __table_args__ = (
        CheckConstraint("kind IN ('phone', 'browser')", name="kind"),
        CheckConstraint("(kind = 'browser') = (until IS NOT NULL)", name="until"),
        Index("ix_sip_account_until", "until", postgresql_where=IS_THERE, sqlite_where=IS_THERE),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    login: Mapped[str] = mapped_column(primary_key=True)  # u<owner>-<n>; a browser's: w<owner>-<16 hexadecimal digits>
    kind: Mapped[str]
    user_n: Mapped[int | None]  # of pbx_user; none: the owner's own browser
    password_digest: Mapped[str]
    networks: Mapped[str] = mapped_column(server_default=text("''"))  # it may register from, comma separated; '': any
    added_at: Mapped[datetime]
    until: Mapped[datetime | None]
    device: Mapped[str | None]  # the browser's device: ends with it
    removed_at: Mapped[datetime | None]


class BlackCallerRow(Base):
    """Somebody whose calls an organisation does not take."""

    __tablename__ = "black_caller"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    caller: Mapped[str] = mapped_column(primary_key=True)  # E.164 digits
    at: Mapped[datetime]


class GreetingRow(Base):
    """A prompt that an organisation uploaded; its sound is a file of that name."""

    __tablename__ = "greeting"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'ready', 'refused')", name="state"),
        Index("ix_greeting_waiting", "at", postgresql_where=text("state = 'waiting'"),
              sqlite_where=text("state = 'waiting'")),
        Index("ix_greeting_removed_at", "removed_at", postgresql_where=IS_REMOVED, sqlite_where=IS_REMOVED),
        STRICT,
    )  # fmt: skip
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of what was uploaded, 32 hexadecimal digits
    title: Mapped[str]
    words: Mapped[str] = mapped_column(server_default=text("''"))  # what is said, as its owner typed it
    state: Mapped[str]
    why: Mapped[str] = mapped_column(server_default=text("''"))  # it was refused
    milliseconds: Mapped[int | None]
    sound: Mapped[bytes | None]  # as uploaded while it waits, then 8 kHz mono A-law
    at: Mapped[datetime]
    actor: Mapped[str]
    removed_at: Mapped[datetime | None]


class SwitchQuestionRow(Base):
    """What the switch asked before something that costs, and the answer: the same question gets it again."""

    __tablename__ = "switch_question"
    __table_args__ = (
        Index("ix_switch_question_leg_uuid", "leg_uuid"),
        Index("ix_switch_question_at", "at"),
        Index("ix_switch_question_call_n", "owner_id", "call_n"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    switch: Mapped[str] = mapped_column(primary_key=True)
    leg_uuid: Mapped[str] = mapped_column(primary_key=True)  # of the leg that asks
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    linked_id: Mapped[str]
    kind: Mapped[str]
    did: Mapped[str]
    caller: Mapped[str]
    called: Mapped[str]
    endpoint: Mapped[str]
    answer: Mapped[str]
    call_n: Mapped[int | None]  # of the call whose money is held
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]  # its asker is gone


class HoldAheadRow(Base):
    """Money held for a call that may come while K5 is silent; the switch has the answer and spends it once."""

    __tablename__ = "hold_ahead"
    __table_args__ = (
        Index("ix_hold_ahead_until", "until", postgresql_where=IS_DUE, sqlite_where=IS_DUE),
        Index("ix_hold_ahead_owner_id", "owner_id", postgresql_where=IS_DUE, sqlite_where=IS_DUE),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the number its call will have
    switch: Mapped[str]
    kind: Mapped[str]
    number: Mapped[str]  # called: the 8-800 number itself, or where a forward leads
    terms: Mapped[dict[str, Any]]  # the whole call as it will be written
    until: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]  # the switch was told to forget it
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # spent, released


class ConversationRow(Base):
    """A conversation of a PBX, by the switch's name of it: came in, went out, or stayed inside."""

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out', 'inside')", name="direction"),
        Index("ix_conversation_began_at", "owner_id", "began_at", "linked_id"),
        Index("ix_conversation_caller", "owner_id", "caller", "began_at", "linked_id"),
        Index("ix_conversation_called", "owner_id", "called", "began_at", "linked_id"),
        Index("ix_conversation_untold", "owner_id", "began_at", postgresql_where=IS_UNTOLD, sqlite_where=IS_UNTOLD),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    switch: Mapped[str] = mapped_column(primary_key=True)
    linked_id: Mapped[str] = mapped_column(primary_key=True)
    direction: Mapped[str]
    number: Mapped[str]  # of ours that was called, or is shown; '' inside
    caller: Mapped[str]  # E.164 digits, '' where none is shown; an account's login
    called: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]  # a person, not the menu
    answered_by: Mapped[str] = mapped_column(server_default=text("''"))  # an account's login, or a number
    outcome: Mapped[str | None]  # domain/pbx/conversation.py
    rule_version: Mapped[str] = mapped_column(server_default=text("''"))
    told: Mapped[str] = mapped_column(server_default=text("''"))  # events that were told to webhooks, comma separated


class ConversationLegRow(Base):
    """One leg of a conversation, paid or not."""

    __tablename__ = "conversation_leg"
    __table_args__ = (
        Index("ix_conversation_leg_linked_id", "owner_id", "switch", "linked_id"),
        Index("ix_conversation_leg_endpoint", "owner_id", "endpoint", "answered_at"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    switch: Mapped[str] = mapped_column(primary_key=True)
    leg_uuid: Mapped[str] = mapped_column(primary_key=True)
    linked_id: Mapped[str]
    endpoint: Mapped[str]  # an account's login, or a trunk
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[int | None]
    call_n: Mapped[int | None]  # of the call that it is paid by


class RecordingRow(Base):
    """A recorded talk or a message of the voice mail, by the name of its file on the switch."""

    __tablename__ = "recording"
    __table_args__ = (
        CheckConstraint("kind IN ('talk', 'voicemail')", name="kind"),
        Index("ix_recording_at", "owner_id", "at"),
        Index("ix_recording_day", "day", postgresql_where=IS_KEPT, sqlite_where=IS_KEPT),
        Index("ix_recording_unmeasured", "switch", postgresql_where=IS_UNMEASURED, sqlite_where=IS_UNMEASURED),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    switch: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    box: Mapped[str] = mapped_column(server_default=text("''"))
    linked_id: Mapped[str]
    leg_uuid: Mapped[str]
    at: Mapped[datetime]
    day: Mapped[date]  # in the operator's zone: it is kept 30 days after it
    size_bytes: Mapped[int | None]
    heard_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[str | None]


class RecordingOrderRow(Base):
    """An order to record talks, or to record them no more. Appended, never changed."""

    __tablename__ = "recording_order"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # of the PBX, from which it counts
    is_recorded: Mapped[bool]
    at: Mapped[datetime]


class WebhookRow(Base):
    """An address of an organisation's that hears of its calls."""

    __tablename__ = "webhook"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    url: Mapped[str]
    secret: Mapped[bytes]  # enciphered: what is sent is signed with it
    events: Mapped[str]  # comma separated
    added_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class WebhookDeliveryRow(Base):
    """Something to tell an address, and how that went."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_due_at", "due_at", postgresql_where=IS_DUE, sqlite_where=IS_DUE),
        Index("ix_webhook_delivery_created_at", "owner_id", "webhook_n", "created_at"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    webhook_n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(primary_key=True)  # "<event> <switch> <linked id>": told once
    event: Mapped[str]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))  # since the address was added or told again
    status: Mapped[int | None]  # of the last answer
    why: Mapped[str] = mapped_column(server_default=text("''"))
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # told, given_up
