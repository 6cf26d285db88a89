"""Who blocked a subscriber, when and why; until when a top-up is not to be asked about again."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")

POSTGRESQL = [
    "CREATE TRIGGER block_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON block "
    "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()",
    "GRANT SELECT, INSERT ON block TO k5_app",
]
SQLITE = [
    f"CREATE TRIGGER block_no_{what.lower()} BEFORE {what} ON block "
    "BEGIN SELECT RAISE(ABORT, 'history is appended, never edited'); END"
    for what in ("UPDATE", "DELETE")
]


def upgrade() -> None:
    op.create_table(
        "block",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("is_blocked", FLAG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_block")),
        sqlite_strict=True,
    )
    op.add_column("topup", sa.Column("quiet_until", INSTANT, nullable=True))
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
