"""Mapped classes of messages: what is to be sent, codes, what was counted, what came in, what subscribers wish."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base


class OutboxRow(Base):
    """A message to send after commit. Its id says what happened, so that it is written once."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_todo", "created_at", postgresql_where=text("done_at IS NULL"),
              sqlite_where=text("done_at IS NULL")),
        Index("ix_outbox_ref", "ref"),
        Index("ix_outbox_owner_id_created_at", "owner_id", "created_at", "id"),
        Index("ix_outbox_decoy", "expires_at", postgresql_where=text("state = 'decoy'"),
              sqlite_where=text("state = 'decoy'")),
        Index("ix_outbox_failed", "done_at", postgresql_where=text("state IN ('refused', 'failed', 'unknown')"),
              sqlite_where=text("state IN ('refused', 'failed', 'unknown')")),
        STRICT,
    )  # fmt: skip
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: of nobody's number
    id: Mapped[str] = mapped_column(primary_key=True)  # "<kind> <origin> <key>"
    kind: Mapped[str]  # low_balance, resume, code …
    facts: Mapped[dict[str, Any]]  # emptied when a message that holds a secret is done
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    done_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))  # SendingState
    channel: Mapped[str | None]  # sms, email; none: as the subscriber wishes
    address: Mapped[str | None]  # +E.164 or e-mail; none: the subscriber's own
    is_urgent: Mapped[bool] = mapped_column(server_default=text("false"))
    due_at: Mapped[datetime | None]  # not before
    expires_at: Mapped[datetime | None]  # of no use later: dropped
    ref: Mapped[str | None]  # our name of it at the SMS centre
    cost_minor: Mapped[int | None]  # what of the day's money was booked for it


class OneTimeCodeRow(Base):
    """The code of one request for a number or an e-mail address and a purpose; another request does not touch it."""

    __tablename__ = "one_time_code"
    __table_args__ = (STRICT,)
    address: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes]  # keyed: six digits are found at once from a plain hash
    tries: Mapped[int]
    expires_at: Mapped[datetime]


class SmsCountRow(Base):
    """When somebody had SMS sent within the last hour."""

    __tablename__ = "sms_count"
    __table_args__ = (STRICT,)
    scope: Mapped[str] = mapped_column(primary_key=True)  # number, address, reply
    subject: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[dict[str, Any]]  # {"at": [ISO 8601, …]}
    last_at: Mapped[datetime]


class SmsDayRow(Base):
    """What all SMS of a day cost. Units: minor units of the operator's currency."""

    __tablename__ = "sms_day"
    __table_args__ = (STRICT,)
    day: Mapped[date] = mapped_column(primary_key=True)
    cost_minor: Mapped[int]


class InboundSmsRow(Base):
    """A message that came in, by the gateway's name of it, without its text: a repeat gets the same answer."""

    __tablename__ = "inbound_sms"
    __table_args__ = (Index("ix_inbound_sms_at", "at"), STRICT)
    smsc: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    sender_hash: Mapped[bytes]  # keyed, as is the text's: the same name with another text is no repeat
    text_hash: Mapped[bytes]
    owner_id: Mapped[int | None]
    outcome: Mapped[str]
    reply: Mapped[str | None]  # a password in it is left out, and made again from the message's name


class NoticeChoiceRow(Base):
    """How a subscriber wishes to hear of a kind of event; no row: by SMS."""

    __tablename__ = "notice_choice"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]  # sms, email, off
