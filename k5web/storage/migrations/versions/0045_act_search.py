"""The hourly search for acts to correct reads what was taken back since the last one, by an index of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
IS_REVERSAL = sa.text("origin = 'reversal'")


def upgrade() -> None:
    op.create_index(
        "ix_ledger_transaction_taken_back", "ledger_transaction", ["recorded_at"],
        postgresql_where=IS_REVERSAL, sqlite_where=IS_REVERSAL,
    )  # fmt: skip
    op.add_column("act_book", sa.Column("searched_at", INSTANT, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT UPDATE (searched_at) ON act_book TO k5_app")
