"""Conversations with a number are found by an index, and a call detail may be of one number alone."""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_conversation_caller", "conversation", ["owner_id", "caller", "began_at", "linked_id"])
    op.create_index("ix_conversation_called", "conversation", ["owner_id", "called", "began_at", "linked_id"])
    op.add_column("export", sa.Column("other", sa.Text(), server_default=sa.text("''"), nullable=False))
