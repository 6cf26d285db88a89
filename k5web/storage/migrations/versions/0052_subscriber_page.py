"""The desk's page of one subscriber finds payments and messages by a key, whatever lies between them."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0045"
branch_labels = None
depends_on = None

IS_CASH = sa.text("substr(counter, 1, 5) = 'cash.'")


def upgrade() -> None:
    op.create_index(
        "ix_posting_cash", "posting", ["owner_id", "account_id", "day", "seq"],
        postgresql_where=IS_CASH, sqlite_where=IS_CASH,
    )  # fmt: skip
    op.create_index("ix_outbox_owner_id_created_at", "outbox", ["owner_id", "created_at", "id"])
