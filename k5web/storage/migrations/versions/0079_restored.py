"""Where a database was opened last, so that a restored one is known, and the call numbers that none may have again."""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("house", sa.Column("place", sa.Text(), nullable=True))
    op.add_column("house", sa.Column("calls_above", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default=sa.text("0"), nullable=False))
    if op.get_context().dialect.name == "postgresql":
        op.execute("GRANT UPDATE (place, calls_above) ON house TO k5_app")
