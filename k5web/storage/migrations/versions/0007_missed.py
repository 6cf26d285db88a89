"""Access numbers: whom each rings for a subscriber, and the missed calls that are called back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
NEW = sa.text("outcome IS NULL")


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("agreed_micro", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "access", name=op.f("pk_contact")),
        sqlite_strict=True,
    )
    op.create_table(
        "missed_call",
        sa.Column("switch", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("owner_id", WHOLE, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("call_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("switch", "record", name=op.f("pk_missed_call")),
        sqlite_strict=True,
    )
    op.create_index("ix_missed_call_owner_id_at", "missed_call", ["owner_id", "at"], unique=False)
    op.create_index("ix_missed_call_new", "missed_call", ["at"], postgresql_where=NEW, sqlite_where=NEW)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON contact, missed_call TO k5_app")
