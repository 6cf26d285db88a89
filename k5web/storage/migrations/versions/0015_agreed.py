"""All terms that somebody agreed to for a missed call; where a top-up leads on when it is paid."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("agreed", sa.Text(), nullable=True))
    op.add_column("topup", sa.Column("leads_to", sa.Text(), server_default=sa.text("''"), nullable=False))
