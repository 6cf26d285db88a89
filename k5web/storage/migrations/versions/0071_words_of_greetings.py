"""What a prompt of one's own says, as its owner typed it; prompts that were removed are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

IS_REMOVED = sa.text("removed_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("greeting", sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_index(
        "ix_greeting_removed_at", "greeting", ["removed_at"], postgresql_where=IS_REMOVED, sqlite_where=IS_REMOVED
    )
