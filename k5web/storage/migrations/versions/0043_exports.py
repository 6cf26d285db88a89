"""Files that subscribers have made."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
IS_OPEN = sa.text("state IN ('waiting', 'making')")
GRANTS = ("GRANT SELECT, INSERT, UPDATE, DELETE ON export TO k5_app", "GRANT SELECT, INSERT, DELETE ON export_part TO k5_app")


def upgrade() -> None:
    op.create_table('export',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('form_key', sa.Text(), nullable=False),
    sa.Column('paper', sa.Text(), nullable=False),
    sa.Column('first_day', DAY, nullable=False),
    sa.Column('last_day', DAY, nullable=False),
    sa.Column('movements', sa.Text(), nullable=False),
    sa.Column('format', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('asked_at', INSTANT, nullable=False),
    sa.Column('lines', WHOLE, nullable=False),
    sa.Column('lines_done', WHOLE, nullable=False),
    sa.Column('size', WHOLE, nullable=False),
    sa.Column('attempts', WHOLE, nullable=False),
    sa.Column('maker', sa.Text(), nullable=False),
    sa.Column('made_until', INSTANT, nullable=True),
    sa.Column('expires_at', INSTANT, nullable=True),
    sa.Column('letter_link', sa.Text(), nullable=False),
    sa.CheckConstraint("(state IN ('waiting', 'making')) = (expires_at IS NULL)", name=op.f('ck_export_expires')),
    sa.CheckConstraint("format IN ('csv', 'xlsx', 'pdf')", name=op.f('ck_export_format')),
    sa.CheckConstraint("movements IN ('all', 'calls', 'fees', 'payments')", name=op.f('ck_export_movements')),
    sa.CheckConstraint("paper IN ('statement', 'calls')", name=op.f('ck_export_paper')),
    sa.CheckConstraint("state IN ('waiting', 'making', 'ready', 'too_large', 'failed')", name=op.f('ck_export_state')),
    sa.CheckConstraint('first_day <= last_day', name=op.f('ck_export_days')),
    sa.PrimaryKeyConstraint('owner_id', 'token', name=op.f('pk_export')),
    sa.UniqueConstraint('owner_id', 'form_key', name=op.f('uq_export_owner_id_form_key')),
    sqlite_strict=True
    )
    op.create_index('ix_export_expires_at', 'export', ['expires_at'], unique=False)
    op.create_index('ix_export_open', 'export', ['asked_at'], unique=False, postgresql_where=IS_OPEN, sqlite_where=IS_OPEN)
    op.create_table('export_part',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('n', WHOLE, autoincrement=False, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['owner_id', 'token'], ['export.owner_id', 'export.token'], name=op.f('fk_export_part_owner_id_token')),
    sa.PrimaryKeyConstraint('owner_id', 'token', 'n', name=op.f('pk_export_part')),
    sqlite_strict=True
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in GRANTS:
            op.execute(statement)
