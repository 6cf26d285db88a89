"""Orders to record talks; recordings whose length is not known yet are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")

IS_UNMEASURED = sa.text("size_bytes IS NULL AND deleted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "recording_order",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("version", WHOLE, autoincrement=False, nullable=False),
        sa.Column("is_recorded", FLAG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "version", name=op.f("pk_recording_order")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_recording_unmeasured",
        "recording",
        ["switch"],
        postgresql_where=IS_UNMEASURED,
        sqlite_where=IS_UNMEASURED,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT ON recording_order TO k5_app")
