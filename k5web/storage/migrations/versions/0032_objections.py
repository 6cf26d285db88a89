"""Objections to plans and price lists in one table."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")

HISTORY = "history is appended, never edited"


def upgrade() -> None:
    op.create_table(
        "objection",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("objected_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("ends_on", DAY, nullable=False),
        sa.CheckConstraint("subject IN ('plan', 'deck', 'offer')", name=op.f("ck_objection_subject")),
        sa.PrimaryKeyConstraint("owner_id", "subject", "version_id", name=op.f("pk_objection")),
        sqlite_strict=True,
    )
    op.create_index("ix_objection_ends_on", "objection", ["ends_on"], unique=False)
    op.execute(
        "INSERT INTO objection (owner_id, subject, version_id, code, objected_at, actor, ends_on) "
        "SELECT o.owner_id, 'plan', o.version_id, v.code, o.objected_at, o.actor, o.ends_on "
        "FROM plan_objection AS o JOIN plan_version AS v ON v.id = o.version_id"
    )
    op.drop_table("plan_objection")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER objection_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON objection "
            "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        )
        op.execute("GRANT SELECT, INSERT ON objection TO k5_app")
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER objection_no_{verb.lower()} BEFORE {verb} ON objection "
            f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        )
