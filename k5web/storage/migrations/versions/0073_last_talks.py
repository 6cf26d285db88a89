"""When an account of a PBX talked last is found by an index."""

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_conversation_leg_endpoint", "conversation_leg", ["owner_id", "endpoint", "answered_at"])
