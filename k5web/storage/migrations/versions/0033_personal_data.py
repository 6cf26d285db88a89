"""Personal data of subscribers, their consents, and which staff looked."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")

FROZEN = ("consent", "staff_access")
HISTORY = "history is appended, never edited"


def upgrade() -> None:
    _create(
        "personal_data",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("what IN ('person', 'organisation', 'email')", name=op.f("ck_personal_data_what")),
    )
    _create(
        "consent",
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("is_given", FLAG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
    )
    _create(
        "staff_access",
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, DELETE ON personal_data TO k5_app")
        op.execute(f"GRANT SELECT, INSERT ON {', '.join(FROZEN)} TO k5_app")
        op.execute("GRANT DELETE ON email_address TO k5_app")
        for table in FROZEN:
            op.execute(
                f"CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
            )
        return
    for table in FROZEN:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
            )


def _create(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f(f"pk_{table}")),
        sqlite_strict=True,
    )
