"""The calls of a subscriber that ring or may ring are found without a look at the others."""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live = sa.text("state IN ('reserved', 'placing', 'calling_a', 'calling_b', 'talking')")
    op.create_index("ix_call_live", "call", ["owner_id", "n"], postgresql_where=live, sqlite_where=live)
