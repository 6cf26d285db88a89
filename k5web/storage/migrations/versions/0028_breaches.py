"""Services suspended for a breach of the contract, with notice."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("suspended_at", INSTANT, nullable=True))
    op.execute(
        "ALTER TABLE block ADD COLUMN kind TEXT DEFAULT 'block' NOT NULL "
        "CONSTRAINT ck_block_kind CHECK (kind IN ('block', 'breach'))"
    )
