"""An account begins empty on PostgreSQL by a guard too, as on SQLite, and not by the grants of its columns alone.

On many machines the pieces of a table must let the application insert whole rows.
"""

from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

GUARD = """
CREATE TRIGGER account_begins_empty BEFORE INSERT ON account FOR EACH ROW
WHEN (NEW.balance_minor <> 0 OR NEW.held_minor <> 0 OR NEW.last_seq <> 0 OR NEW.last_day <> DATE '2000-01-01'
      OR NEW.closed_at IS NOT NULL)
EXECUTE FUNCTION k5_refuse()
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(GUARD)
