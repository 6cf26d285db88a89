"""Files of archived months; how the ledger came out when it was verified; messages that failed are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
BLOB = sa.LargeBinary()

TABLES = ("archive_file", "verification")
IS_FAILED = sa.text("state IN ('refused', 'failed', 'unknown')")
HISTORY = "history is appended, never edited"

POSTGRESQL = [
    *(
        f"CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        for table in TABLES
    ),
    f"GRANT SELECT, INSERT ON {', '.join(TABLES)} TO k5_app",
]
SQLITE = [
    f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
    for table in TABLES
    for what in ("UPDATE", "DELETE")
]


def upgrade() -> None:
    op.create_table(
        "archive_file",
        sa.Column("month", DAY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", BLOB, nullable=False),
        sa.Column("size_bytes", WHOLE, nullable=False),
        sa.Column("postings", WHOLE, nullable=False),
        sa.Column("seal", BLOB, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_archive_file")),
        sqlite_strict=True,
    )
    op.create_table(
        "verification",
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("breaches", WHOLE, nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("at", "actor", name=op.f("pk_verification")),
        sqlite_strict=True,
    )
    op.create_index("ix_outbox_failed", "outbox", ["done_at"], postgresql_where=IS_FAILED, sqlite_where=IS_FAILED)
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
