"""Cards that a provider keeps for a subscriber, and what may be taken from one when the balance is low."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_card",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("mask", sa.Text(), nullable=False),
        sa.Column("expires", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_saved_card")),
        sa.UniqueConstraint("owner_id", "origin", "card_id", name=op.f("uq_saved_card_owner_id_origin_card_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "auto_topup",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("card_n", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("threshold_minor", WHOLE, nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("daily_cap_minor", WHOLE, nullable=False),
        sa.Column("off_why", sa.Text(), nullable=True),
        sa.Column("is_armed", FLAG, nullable=False),
        sa.Column("round", WHOLE, nullable=False),
        sa.Column("refusals", WHOLE, nullable=False),
        sa.Column("try_at", INSTANT, nullable=True),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "threshold_minor >= 0 AND amount_minor > 0 AND daily_cap_minor >= amount_minor",
            name=op.f("ck_auto_topup_sums"),
        ),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_auto_topup")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE ON saved_card, auto_topup TO k5_app")
