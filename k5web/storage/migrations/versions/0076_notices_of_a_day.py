"""Notices of a day are found by an index."""

from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_notice_at", "notice", ["at"])
