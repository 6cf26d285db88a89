"""Conversations whose end was not told to webhooks are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

IS_UNTOLD = sa.text("replace(told, 'ended', '') = told")


def upgrade() -> None:
    op.create_index(
        "ix_conversation_untold",
        "conversation",
        ["owner_id", "began_at"],
        postgresql_where=IS_UNTOLD,
        sqlite_where=IS_UNTOLD,
    )
