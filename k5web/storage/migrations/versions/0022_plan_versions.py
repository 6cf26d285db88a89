"""Plans: each version as it was published, kept for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

HISTORY = "history is appended, never edited"


def upgrade() -> None:
    op.create_table(
        "plan_version",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("plan_text", sa.Text(), nullable=False),
        sa.Column("groups_text", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("code", "effective_from", name=op.f("uq_plan_version_code_effective_from")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER plan_version_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_version "
            "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        )
        op.execute("GRANT SELECT, INSERT ON plan_version TO k5_app")
        op.execute("GRANT USAGE ON SEQUENCE plan_version_id_seq TO k5_app")
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER plan_version_no_{verb.lower()} BEFORE {verb} ON plan_version "
            f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        )
