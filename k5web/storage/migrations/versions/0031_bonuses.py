"""Bonuses of sponsors."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bonus",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("newcomer_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("level", WHOLE, autoincrement=False, nullable=False),
        sa.Column("month", DAY, nullable=False),
        sa.Column("paid_minor", WHOLE, nullable=False),
        sa.Column("bonus_minor", WHOLE, nullable=False),
        sa.Column("taken_back_minor", WHOLE, nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.CheckConstraint("bonus_minor > 0 AND bonus_minor <= paid_minor", name=op.f("ck_bonus_bonus")),
        sa.CheckConstraint("taken_back_minor BETWEEN 0 AND bonus_minor", name=op.f("ck_bonus_taken_back")),
        sa.CheckConstraint("owner_id <> newcomer_id", name=op.f("ck_bonus_pair")),
        sa.PrimaryKeyConstraint("owner_id", "newcomer_id", "level", "month", name=op.f("pk_bonus")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE ON bonus TO k5_app")
