"""Money from one subscriber to another: its house account, and who received what was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BEFORE = "'fx', 'opening') OR substr"
AFTER = "'fx', 'opening', 'transfer') OR substr"
CODES = (
    "counter IN ('sale.call', 'sale.fee', 'sale.order', 'gift', 'expired', 'refund', 'loss', 'fx', 'opening', "
    "'transfer') OR substr(counter, 1, 5) = 'cash.'"
)
POSTGRESQL = [
    "ALTER TABLE posting DROP CONSTRAINT ck_posting_counter",
    f"ALTER TABLE posting ADD CONSTRAINT ck_posting_counter CHECK ({CODES})",
]


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL:
            op.execute(statement)
    else:
        _widen_on_sqlite()
    received = sa.text("origin = 'transfer.in'")
    op.create_index(
        "ix_ledger_transaction_received",
        "ledger_transaction",
        ["key"],
        postgresql_where=received,
        sqlite_where=received,
    )


def _widen_on_sqlite() -> None:
    """Change the text of the check alone. Source: sqlite.org/lang_altertable.html, the way for what is not on disk;
    to copy the table would undo its triggers and take as long as the ledger is large."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    widen = "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE name = 'posting' AND instr(sql, :before)"
    changed = connection.execute(sa.text(widen), {"before": BEFORE, "after": AFTER})
    assert changed.rowcount == 1
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
