"""Several phones of a subscriber. Each one that is there already is written down as the first of its owner's."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "phone",
        sa.Column("digits", sa.Text(), nullable=False),
        sa.Column("owner_id", WHOLE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("digits", name=op.f("pk_phone")),
        sqlite_strict=True,
    )
    op.create_index("ix_phone_owner_id", "phone", ["owner_id"], unique=False)
    op.execute(
        "INSERT INTO phone (digits, owner_id, name, added_at, verified_at) "
        "SELECT phone, id, '', created_at, phone_verified_at FROM subscriber WHERE phone IS NOT NULL"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON phone TO k5_app")
