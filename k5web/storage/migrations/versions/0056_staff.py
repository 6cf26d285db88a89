"""The operator's staff, their log-ins, and the audit of what they do."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

POSTGRESQL = [
    "GRANT SELECT, INSERT ON staff, staff_session, audit TO k5_app",
    "GRANT USAGE ON SEQUENCE audit_id_seq TO k5_app",
    "GRANT UPDATE (name, roles, password_hash, code_secret, code_step, ended_at) ON staff TO k5_app",
    "GRANT UPDATE (last_used_at, ended_at), DELETE ON staff_session TO k5_app",
    "CREATE TRIGGER audit_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()",
]
SQLITE = [
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
    "BEGIN SELECT RAISE(ABORT, 'history is appended, never edited'); END"
    for verb in ("UPDATE", "DELETE")
]


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("code_secret", sa.LargeBinary(), nullable=False),
        sa.Column("code_step", WHOLE, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_staff")),
        sqlite_strict=True,
    )
    op.create_table(
        "staff_session",
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("validator_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["login"], ["staff.login"], name=op.f("fk_staff_session_login")),
        sa.PrimaryKeyConstraint("selector", name=op.f("pk_staff_session")),
        sqlite_strict=True,
    )
    op.create_index("ix_staff_session_login", "staff_session", ["login"])
    op.create_table(
        "audit",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("begun", WHOLE, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("begun", name=op.f("uq_audit_begun")),
        sqlite_strict=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_actor_id", "audit", ["actor", "id"])
    op.create_index("ix_audit_owner_id_id", "audit", ["owner_id", "id"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
