"""Receipts that were printed to be paid at a bank."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("amount_minor", WHOLE, autoincrement=False, nullable=False),
        sa.Column("printed_at", INSTANT, nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_receipt_amount")),
        sa.PrimaryKeyConstraint("owner_id", "day", "amount_minor", name=op.f("pk_receipt")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT ON receipt TO k5_app")
