"""Limits of an account, directions opened for it, refusals counted; calls know their risk, phones their proof."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

GRANTS = [
    "GRANT SELECT, INSERT, UPDATE ON call_limit, refusal TO k5_app",
    "GRANT SELECT, INSERT, DELETE ON opened_direction TO k5_app",
]


def upgrade() -> None:
    op.create_table(
        "call_limit",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("daily_minor", WHOLE, nullable=True),
        sa.Column("costly_minor", WHOLE, nullable=True),
        sa.Column("first_day_minor", WHOLE, nullable=True),
        sa.Column("unanswered_an_hour", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_call_limit")),
        sqlite_strict=True,
    )
    op.create_table(
        "opened_direction",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "direction", name=op.f("pk_opened_direction")),
        sqlite_strict=True,
    )
    op.create_table(
        "refusal",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("times", WHOLE, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "kind", name=op.f("pk_refusal")),
        sqlite_strict=True,
    )
    op.add_column("call", sa.Column("risk", sa.Text(), server_default=sa.text("'ordinary'"), nullable=False))
    op.create_index("ix_call_owner_id_ordered_at", "call", ["owner_id", "ordered_at"], unique=False)
    op.add_column("subscriber", sa.Column("phone_verified_at", INSTANT, nullable=True))
    # Until now every phone that was written down had been verified by whoever wrote it
    op.execute("UPDATE subscriber SET phone_verified_at = created_at WHERE phone IS NOT NULL")
    if op.get_bind().dialect.name == "postgresql":
        for statement in GRANTS:
            op.execute(statement)
