"""Buttons «Звонок с сайта» of subscribers' own sites."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "widget",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("sites", sa.Text(), nullable=False),
        sa.Column("dearest_micro", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("calls_a_day", WHOLE, nullable=False),
        sa.Column("is_on", FLAG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("today", WHOLE, nullable=False),
        sa.CheckConstraint("calls_a_day > 0 AND dearest_micro >= 0 AND today >= 0", name=op.f("ck_widget_limits")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_widget")),
        sqlite_strict=True,
    )
    op.create_index("ix_widget_owner_id", "widget", ["owner_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON widget TO k5_app")
