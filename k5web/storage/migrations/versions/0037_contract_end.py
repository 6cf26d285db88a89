"""How contracts end, and what is refunded after them."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")

STANDING = sa.text("withdrawn_at IS NULL")
OPEN = sa.text("paid_at IS NULL AND declined_at IS NULL")


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("ended_at", INSTANT, nullable=True))
    op.create_table(
        "contract_end",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.CheckConstraint("why IN ('subscriber', 'debt', 'breach', 'objection')", name=op.f("ck_contract_end_why")),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_contract_end")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_contract_end_standing", "contract_end", ["owner_id"], unique=True,
        postgresql_where=STANDING, sqlite_where=STANDING,
    )  # fmt: skip
    op.create_table(
        "refund_application",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.Column("due_on", DAY, nullable=False),
        sa.Column("paid_at", INSTANT, nullable=True),
        sa.Column("declined_at", INSTANT, nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_application_amount")),
        sa.CheckConstraint("paid_at IS NULL OR declined_at IS NULL", name=op.f("ck_refund_application_once")),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_refund_application")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_refund_application_open", "refund_application", ["owner_id"], unique=True,
        postgresql_where=OPEN, sqlite_where=OPEN,
    )  # fmt: skip
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE ON contract_end TO k5_app")
        op.execute("GRANT SELECT, INSERT, UPDATE ON refund_application TO k5_app")
