"""What is suspended remembers the money that was not enough, not the last posting: holds and floors move it too."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename the column; the numbers in it only let each suspended one be looked at once more."""
    op.execute("ALTER TABLE subscription RENAME COLUMN seen_seq TO seen_minor")


def downgrade() -> None:
    """Go back the same way."""
    op.execute("ALTER TABLE subscription RENAME COLUMN seen_minor TO seen_seq")
