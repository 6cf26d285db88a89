"""The stop-list, fraud alarms, and the indexes by which staff look through all calls."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0056"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
IS_LISTED, WAITS, IS_RISKY = sa.text("lifted_at IS NULL"), sa.text("decided_at IS NULL"), sa.text("risk <> 'ordinary'")

# An entry is lifted and an alarm decided and undone, each once; all else stays as it was written
SET = "n kind what reason actor at until"
RAISED = "owner_id n kind raised_at facts"
DECISION = "decided_at decided_by decision reason stop_n"
LIFT, UNDOING = "lifted_at lifted_by lift_reason", "undone_at undone_by"


def _differs(columns: str) -> str:
    new, old = (", ".join(f"{row}.{column}" for column in columns.split()) for row in ("NEW", "OLD"))
    return f"({new}) {{differs}} ({old})"


ENTRY = f"OLD.lifted_at IS NOT NULL OR {_differs(SET)}"
ALARM = f"OLD.undone_at IS NOT NULL OR {_differs(RAISED)} OR (OLD.decided_at IS NOT NULL AND {_differs(DECISION)})"
WATCHED = {"call_stop": ("is_only_lifted", ENTRY), "fraud_alarm": ("only_goes_on", ALARM)}
POSTGRESQL = [
    *(
        f"CREATE TRIGGER {table}_{name} BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({wrong.format(differs='IS DISTINCT FROM')}) EXECUTE FUNCTION k5_refuse()"
        for table, (name, wrong) in WATCHED.items()
    ),
    *(
        f"CREATE TRIGGER {table}_stays BEFORE DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        for table in WATCHED
    ),
    "GRANT SELECT, INSERT ON call_stop, fraud_alarm TO k5_app",
    "GRANT USAGE ON SEQUENCE call_stop_n_seq TO k5_app",
    f"GRANT UPDATE ({', '.join(LIFT.split())}) ON call_stop TO k5_app",
    f"GRANT UPDATE ({', '.join(f'{DECISION} {UNDOING}'.split())}) ON fraud_alarm TO k5_app",
]
SQLITE = [
    *(
        f"CREATE TRIGGER {table}_{name} BEFORE UPDATE ON {table} WHEN {wrong.format(differs='IS NOT')} "
        "BEGIN SELECT RAISE(ABORT, 'history is appended, never edited'); END"
        for table, (name, wrong) in WATCHED.items()
    ),
    *(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'history is appended, never edited'); END"
        for table in WATCHED
    ),
]


def upgrade() -> None:
    _stops()
    _alarms()
    op.create_index("ix_refusal_last_at", "refusal", ["last_at"])
    op.create_index("ix_call_ordered_at", "call", ["ordered_at", "owner_id", "n"])
    op.create_index("ix_call_b_number_ordered_at", "call", ["b_number", "ordered_at"])
    op.create_index("ix_call_risky", "call", ["ordered_at"], postgresql_where=IS_RISKY, sqlite_where=IS_RISKY)
    op.create_index("ix_cdr_started_at", "cdr", ["started_at"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def _stops() -> None:
    op.create_table(
        "call_stop",
        sa.Column("n", WHOLE, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('to', 'from', 'subscriber')", name=op.f("ck_call_stop_kind")),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL)",
            name=op.f("ck_call_stop_lifted"),
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_call_stop")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_call_stop_listed", "call_stop", ["kind", "what"], unique=True,
        postgresql_where=IS_LISTED, sqlite_where=IS_LISTED,
    )  # fmt: skip


def _alarms() -> None:
    op.create_table(
        "fraud_alarm",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("stop_n", WHOLE, nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('velocity', 'night', 'weekend', 'short', 'risk', 'first_day')", name=op.f("ck_fraud_alarm_kind")
        ),
        sa.CheckConstraint("decision IN ('stopped', 'left')", name=op.f("ck_fraud_alarm_decision")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (decision IS NULL)",
            name=op.f("ck_fraud_alarm_decided"),
        ),
        sa.CheckConstraint(
            "(stop_n IS NOT NULL) = (decision IS NOT NULL AND decision = 'stopped')", name=op.f("ck_fraud_alarm_stop")
        ),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_fraud_alarm_undone")),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_fraud_alarm")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_fraud_alarm_waiting", "fraud_alarm", ["owner_id", "kind"], unique=True,
        postgresql_where=WAITS, sqlite_where=WAITS,
    )  # fmt: skip
    op.create_index(
        "ix_fraud_alarm_waiting", "fraud_alarm", ["raised_at"], postgresql_where=WAITS, sqlite_where=WAITS
    )
    op.create_index("ix_fraud_alarm_raised_at", "fraud_alarm", ["raised_at", "owner_id", "n"])
