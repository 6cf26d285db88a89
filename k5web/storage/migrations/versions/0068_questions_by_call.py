"""Questions of switches are found by their calls, and holds ahead that are not over by their owner, by indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

IS_DUE = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_index("ix_switch_question_call_n", "switch_question", ["owner_id", "call_n"])
    op.create_index(
        "ix_hold_ahead_owner_id", "hold_ahead", ["owner_id"], postgresql_where=IS_DUE, sqlite_where=IS_DUE
    )
