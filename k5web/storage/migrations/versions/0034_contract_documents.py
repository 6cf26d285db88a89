"""Documents of the contract, each version as it was published, and who accepted which."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")

HISTORY = "history is appended, never edited"


def upgrade() -> None:
    op.create_table(
        "contract_document",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("is_worse", FLAG, nullable=False),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('offer', 'terms')", name=op.f("ck_contract_document_kind")),
        sa.CheckConstraint("number > 0", name=op.f("ck_contract_document_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_document")),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_contract_document_kind_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "acceptance",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("version_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.CheckConstraint("way IN ('registration', 'use', 'payment')", name=op.f("ck_acceptance_way")),
        sa.PrimaryKeyConstraint("owner_id", "version_id", name=op.f("pk_acceptance")),
        sqlite_strict=True,
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in ("contract_document", "acceptance"):
        _freeze(table, is_postgresql)
    if is_postgresql:
        op.execute("GRANT USAGE ON SEQUENCE contract_document_id_seq TO k5_app")


def _freeze(table: str, is_postgresql: bool) -> None:
    if is_postgresql:
        op.execute(
            f"CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO k5_app")
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        )
