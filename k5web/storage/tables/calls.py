"""Mapped classes of calls: orders, the switch's records, finished legs, the health of routes, incidents."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.calls.call import LIVE_STATES, OVER_STATES
from k5web.storage.tables.base import STRICT, Base, quoted

LIVE, OVER = quoted(LIVE_STATES), quoted(OVER_STATES)
IS_LIVE = text(f"state IN ({LIVE})")
IS_LIVE_CALLBACK = text(f"state IN ({LIVE}) AND kind = 'callback'")
IS_RISKY = text("risk <> 'ordinary'")
IS_TYPED = text("form_key NOT LIKE '%:%'")  # no widget:…, api:…, missed:…: a person typed the number


class CallRow(Base):
    """An order and where it stands; the queue of the worker. Both rates are kept whole: prices may change."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("owner_id", "form_key"),
        Index("ix_call_owner_id_ordered_at", "owner_id", "ordered_at"),
        Index("ix_call_owner_id_b_number", "owner_id", "b_number", "n"),
        Index(
            "ix_call_typed",
            *("owner_id", "b_number", "at_once", "n"),
            postgresql_where=IS_TYPED,
            sqlite_where=IS_TYPED,
        ),
        Index("ix_call_ordered_at", "ordered_at", "owner_id", "n"),
        Index("ix_call_b_number_ordered_at", "b_number", "ordered_at"),
        Index("ix_call_live", "owner_id", "n", postgresql_where=IS_LIVE, sqlite_where=IS_LIVE),
        Index("ix_call_risky", "ordered_at", postgresql_where=IS_RISKY, sqlite_where=IS_RISKY),
        Index(
            "ix_call_ended_at",
            "ended_at",
            postgresql_where=text("state = 'settled'"),
            sqlite_where=text("state = 'settled'"),
        ),
        Index(
            "uq_call_live_a_number",
            "owner_id",
            "a_number",
            unique=True,
            postgresql_where=IS_LIVE_CALLBACK,
            sqlite_where=IS_LIVE_CALLBACK,
        ),
        Index(
            "ix_call_state_changed_at",
            "state",
            "changed_at",
            postgresql_where=text(f"state NOT IN ({OVER})"),
            sqlite_where=text(f"state NOT IN ({OVER})"),
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
    covers: Mapped[dict[str, Any] | None]  # what is held of allowances beside the money
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
    press_1: Mapped[bool] = mapped_column(server_default=text("false"))  # B only when A pressed 1
    a_free_until: Mapped[datetime | None]  # A was asked to press 1 until then
    risk: Mapped[str] = mapped_column(server_default=text("'ordinary'"))  # whose daily limit it counts in
    switch: Mapped[str] = mapped_column(server_default=text("''"))  # '' while it waits
    trunks_a: Mapped[str] = mapped_column(server_default=text("''"))  # codes, comma separated: tried, the last one now
    trunks_b: Mapped[str] = mapped_column(server_default=text("''"))  # codes to be tried
    kind: Mapped[str] = mapped_column(server_default=text("'callback'"))  # CallKind
    asked_by: Mapped[str] = mapped_column(server_default=text("''"))  # the leg that asked for it, where a switch did


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
    trunk: Mapped[str] = mapped_column(server_default=text("''"))
    attempt: Mapped[int] = mapped_column(server_default=text("1"))
    sip: Mapped[int | None]
    heard: Mapped[str | None]  # '', progress, ringing; NULL where the switch does not say


class CdrRow(Base):
    """One finished leg, as the switch reported it."""

    __tablename__ = "cdr"
    __table_args__ = (Index("ix_cdr_owner_id_n", "owner_id", "n"), Index("ix_cdr_started_at", "started_at"), STRICT)
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
    trunk: Mapped[str] = mapped_column(server_default=text("''"))
    carrier_cost_minor: Mapped[int | None]
    carrier_currency: Mapped[str | None]
    sip: Mapped[int | None]
    heard: Mapped[str | None]
    free_until: Mapped[datetime | None]


class SwitchPositionRow(Base):
    """How far a switch's records were read: kept in the same transaction as the rows they became."""

    __tablename__ = "switch_position"
    __table_args__ = (STRICT,)
    switch: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[str]
    read_until: Mapped[datetime | None]  # all until then was read, says an importer of its own


class RouteHealthRow(Base):
    """A switch or trunk that failed lately and rests; the healthy ones need no row, so a good call writes nothing."""

    __tablename__ = "route_health"
    __table_args__ = (CheckConstraint("kind IN ('switch', 'trunk')", name="kind"), STRICT)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]  # in a row
    doubts: Mapped[int] = mapped_column(server_default=text("0"))  # refusals in a row before anything was heard
    numbers: Mapped[str] = mapped_column(server_default=text("''"))  # that these are of, comma separated, the last ones
    rests_until: Mapped[datetime]
    failed_at: Mapped[datetime]
    reason: Mapped[str]


class TrunkOffRow(Base):
    """A trunk that staff have switched off; one that is on has no row. What was goes to the audit."""

    __tablename__ = "trunk_off"
    __table_args__ = (STRICT,)
    code: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    reason: Mapped[str]


class TrunkPaceRow(Base):
    """When the next leg A may begin on a trunk whose carrier counts calls a second; no other has a row."""

    __tablename__ = "trunk_pace"
    __table_args__ = (STRICT,)
    code: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


class HeartbeatRow(Base):
    """When a part of the house was last seen at work: the worker, and how far it has read each switch's records."""

    __tablename__ = "heartbeat"
    __table_args__ = (STRICT,)
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class IncidentRow(Base):
    """What a person must look at: cost above the hold, a record after settlement, a damaged line. Named, so once."""

    __tablename__ = "incident"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]]


class IncidentTickRow(Base):
    """Somebody looked at an incident and is done with it: added beside it, for history is never edited."""

    __tablename__ = "incident_tick"
    __table_args__ = (
        ForeignKeyConstraint(
            ["owner_id", "kind", "reference"], ["incident.owner_id", "incident.kind", "incident.reference"]
        ),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]


class ContactRow(Base):
    """Whom an access number rings for this subscriber, and the terms they agreed to."""

    __tablename__ = "contact"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    access: Mapped[str] = mapped_column(primary_key=True)  # E.164 digits
    number: Mapped[str]
    name: Mapped[str]
    agreed_micro: Mapped[int]  # the first minute
    currency: Mapped[str]
    agreed: Mapped[dict[str, Any] | None]  # both rates; none where only the minute's price was kept


class MissedCallRow(Base):
    """A call that the switch refused as busy; named by the switch's record, so it is called back once."""

    __tablename__ = "missed_call"
    __table_args__ = (
        Index("ix_missed_call_owner_id_at", "owner_id", "at"),
        Index(
            "ix_missed_call_new",
            "at",
            postgresql_where=text("outcome IS NULL"),
            sqlite_where=text("outcome IS NULL"),
        ),
        STRICT,
    )
    switch: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)
    caller: Mapped[str]
    access: Mapped[str]
    at: Mapped[datetime]
    owner_id: Mapped[int | None]  # once the caller is known
    outcome: Mapped[str | None]
    call_id: Mapped[str | None]


class WidgetRow(Base):
    """A button «Звонок с сайта» and how many calls it ordered today."""

    __tablename__ = "widget"
    __table_args__ = (
        Index("ix_widget_owner_id", "owner_id"),
        CheckConstraint("calls_a_day > 0 AND dearest_micro >= 0 AND today >= 0", name="limits"),
        STRICT,
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int]
    label: Mapped[str]
    sites: Mapped[str]  # origins, a space between two
    dearest_micro: Mapped[int]
    currency: Mapped[str]
    calls_a_day: Mapped[int]
    is_on: Mapped[bool]
    created_at: Mapped[datetime]
    day: Mapped[date]
    today: Mapped[int]
