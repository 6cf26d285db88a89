"""What an unknown number has written in place of a message (S11) is removed again; no message may be."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

IS_DECOY = sa.text("state = 'decoy'")
POSTGRESQL = [
    "CREATE TRIGGER outbox_stays BEFORE DELETE ON outbox FOR EACH ROW WHEN (OLD.state <> 'decoy') "
    "EXECUTE FUNCTION k5_refuse()",
    "GRANT DELETE ON outbox TO k5_app",
]
SQLITE = [
    "CREATE TRIGGER outbox_stays BEFORE DELETE ON outbox WHEN OLD.state <> 'decoy' "
    "BEGIN SELECT RAISE(ABORT, 'messages stay, only decoys go'); END"
]


def upgrade() -> None:
    op.create_index("ix_outbox_decoy", "outbox", ["expires_at"], postgresql_where=IS_DECOY, sqlite_where=IS_DECOY)
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
