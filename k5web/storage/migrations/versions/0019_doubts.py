"""Payments of statements that differ from a known one in one part, and by what such are found."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("bank_payment", sa.Column("payer_hash", sa.LargeBinary(), nullable=True))
    op.add_column("bank_payment", sa.Column("payer_bic", sa.Text(), nullable=True))
    op.create_index("ix_bank_payment_number_day", "bank_payment", ["document_no", "day"], unique=False)
    op.create_index("ix_bank_payment_day_amount", "bank_payment", ["day", "amount_minor"], unique=False)
    op.create_table(
        "bank_doubt",
        sa.Column("number", WHOLE, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("received_on", DAY, nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("payer_hash", sa.LargeBinary(), nullable=False),
        sa.Column("payer_bic", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("payer_inn", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("purpose_apart", sa.Text(), nullable=False),
        sa.Column("differs", sa.Text(), nullable=False),
        sa.Column("known_origin", sa.Text(), nullable=False),
        sa.Column("known_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_doubt_amount")),
        sa.CheckConstraint("state IN ('open', 'credited', 'joined')", name=op.f("ck_bank_doubt_state")),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_bank_doubt_decided")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_bank_doubt")),
        sa.UniqueConstraint("origin", "key", name=op.f("uq_bank_doubt_origin_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_bank_doubt_number_day", "bank_doubt", ["document_no", "day"], unique=False)
    op.create_index("ix_bank_doubt_day_amount", "bank_doubt", ["day", "amount_minor"], unique=False)
    allocator = sa.table("allocator", sa.column("kind"), sa.column("next_id"))
    op.bulk_insert(allocator, [{"kind": "bank_doubt", "next_id": 1}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE ON bank_doubt TO k5_app")
