"""Until when an importer of its own has read a switch's records: that a later one is missing proves nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("switch_position", sa.Column("read_until", INSTANT, nullable=True))
