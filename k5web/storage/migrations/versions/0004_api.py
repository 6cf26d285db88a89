"""Tokens of subscribers' own programs, and the pace at which anybody may ask."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite's STRICT tables know INTEGER, TEXT and BLOB only
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=False),
        sa.Column("validator_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("may_call", FLAG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("selector", name=op.f("pk_api_token")),
        sqlite_strict=True,
    )
    op.create_index("ix_api_token_owner_id", "api_token", ["owner_id"], unique=False)
    op.create_table(
        "pace",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("booked_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "subject", name=op.f("pk_pace")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE ON api_token, pace TO k5_app")
        op.execute("GRANT DELETE ON pace TO k5_app")
