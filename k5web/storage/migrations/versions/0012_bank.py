"""What is paid at a bank: payments of its statements, invoices and the numbers they get."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bank_payment",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("received_on", DAY, nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("invoice", WHOLE, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("assigned_to", WHOLE, nullable=True),
        sa.Column("assigned_at", INSTANT, nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_payment_amount")),
        sa.CheckConstraint("(assigned_to IS NULL) = (assigned_at IS NULL)", name=op.f("ck_bank_payment_assigned")),
        sa.CheckConstraint("(owner_id = 0) = (why <> '')", name=op.f("ck_bank_payment_why")),
        sa.PrimaryKeyConstraint("owner_id", "origin", "key", name=op.f("pk_bank_payment")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_bank_payment_waiting",
        "bank_payment",
        ["received_on"],
        unique=False,
        postgresql_where=sa.text("owner_id = 0 AND assigned_to IS NULL"),
        sqlite_where=sa.text("owner_id = 0 AND assigned_to IS NULL"),
    )
    op.create_table(
        "invoice",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("number", WHOLE, autoincrement=False, nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("contract_day", DAY, nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("buyer_inn", sa.Text(), nullable=False),
        sa.Column("buyer_kpp", sa.Text(), nullable=False),
        sa.Column("buyer_address", sa.Text(), nullable=False),
        sa.Column("vat", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_invoice_amount")),
        sa.CheckConstraint("state IN ('open', 'paid', 'cancelled')", name=op.f("ck_invoice_state")),
        sa.PrimaryKeyConstraint("owner_id", "number", name=op.f("pk_invoice")),
        sa.UniqueConstraint("owner_id", "form_key", name=op.f("uq_invoice_owner_id_form_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_invoice_number", "invoice", ["number"], unique=False)
    allocator = sa.table("allocator", sa.column("kind"), sa.column("next_id"))
    op.bulk_insert(allocator, [{"kind": "invoice", "next_id": 1}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE ON bank_payment, invoice TO k5_app")
