"""A long past costs a page nothing: typed calls to a number have an index, PostgreSQL knows whose an account is."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # An account has one owner. Where PostgreSQL does not know it, it thinks that an account has next to no
        # postings, and looks through all of them instead of finding one by its event's name.
        op.execute("CREATE STATISTICS st_posting_account (dependencies) ON owner_id, account_id FROM posting")
        op.execute("ANALYZE posting (owner_id, account_id)")
    typed = sa.text("form_key NOT LIKE '%:%'")
    columns = ["owner_id", "b_number", "at_once", "n"]
    op.create_index("ix_call_typed", "call", columns, postgresql_where=typed, sqlite_where=typed)
