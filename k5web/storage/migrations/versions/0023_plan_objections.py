"""Objections to a dearer version of a plan."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")

HISTORY = "history is appended, never edited"


def upgrade() -> None:
    op.create_table(
        "plan_objection",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("version_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("objected_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("ends_on", DAY, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "version_id", name=op.f("pk_plan_objection")),
        sqlite_strict=True,
    )
    op.create_index("ix_plan_objection_ends_on", "plan_objection", ["ends_on"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER plan_objection_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_objection "
            "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        )
        op.execute("GRANT SELECT, INSERT ON plan_objection TO k5_app")
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER plan_objection_no_{verb.lower()} BEFORE {verb} ON plan_objection "
            f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        )
