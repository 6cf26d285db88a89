"""What the line said at a leg's end, «press 1» before B is called, refusals that put a trunk in doubt."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table in ("call", "subscriber"):
        op.add_column(table, sa.Column("press_1", FLAG, server_default=sa.text("false"), nullable=False))
    op.add_column("call", sa.Column("a_free_until", INSTANT, nullable=True))
    op.add_column("switch_event", sa.Column("heard", sa.Text(), nullable=True))
    op.add_column("cdr", sa.Column("sip", WHOLE, nullable=True))
    op.add_column("cdr", sa.Column("heard", sa.Text(), nullable=True))
    op.add_column("cdr", sa.Column("free_until", INSTANT, nullable=True))
    op.add_column("route_health", sa.Column("doubts", WHOLE, server_default=sa.text("0"), nullable=False))
    op.add_column("route_health", sa.Column("numbers", sa.Text(), server_default=sa.text("''"), nullable=False))
