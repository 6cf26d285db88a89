"""Rows of a price list that close a range."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("rate", sa.Column("is_blocked", FLAG, nullable=False, server_default=sa.false()))
