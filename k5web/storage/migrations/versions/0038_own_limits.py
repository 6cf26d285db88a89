"""Limits that subscribers set themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "own_limit",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("amount", WHOLE, nullable=True),
        sa.Column("next_amount", WHOLE, nullable=True),
        sa.Column("next_from", INSTANT, nullable=True),
        sa.CheckConstraint("amount >= 0 AND next_amount >= 0", name=op.f("ck_own_limit_amounts")),
        sa.PrimaryKeyConstraint("owner_id", "key", name=op.f("pk_own_limit")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON own_limit TO k5_app")
