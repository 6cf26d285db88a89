"""Of a service fewer pieces may go on from its next period."""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

CHECK = "CONSTRAINT ck_subscription_next_pieces CHECK (next_pieces > 0 AND next_pieces < pieces)"


def upgrade() -> None:
    whole = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(f"ALTER TABLE subscription ADD COLUMN next_pieces {whole} {CHECK}")
