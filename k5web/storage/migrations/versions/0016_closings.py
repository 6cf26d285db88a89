"""Money in suspense that is no subscriber's: how it was closed, and the rules that close it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
HISTORY = "history is appended, never edited"


def upgrade() -> None:
    op.add_column("bank_payment", sa.Column("payer_inn", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "bank_closing",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("rule_id", WHOLE, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "event", name=op.f("pk_bank_closing")),
        sqlite_strict=True,
    )
    op.create_index("ix_bank_closing_payment", "bank_closing", ["owner_id", "origin", "key"], unique=False)
    op.create_table(
        "bank_rule",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.CheckConstraint("payer <> '' OR words <> ''", name=op.f("ck_bank_rule_asks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_rule")),
        sqlite_strict=True,
    )
    allocator = sa.table("allocator", sa.column("kind"), sa.column("next_id"))
    op.bulk_insert(allocator, [{"kind": "bank_rule", "next_id": 1}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT ON bank_closing TO k5_app")
        op.execute("GRANT SELECT, INSERT, UPDATE ON bank_rule TO k5_app")
        op.execute(
            "CREATE TRIGGER bank_closing_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_closing "
            "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER bank_closing_no_{verb.lower()} BEFORE {verb} ON bank_closing "
            f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        )
