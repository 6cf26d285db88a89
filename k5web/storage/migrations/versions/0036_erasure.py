"""Personal data of a subscriber, erased."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("erased_at", INSTANT, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT DELETE ON api_token TO k5_app")
