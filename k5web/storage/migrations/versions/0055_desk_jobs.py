"""Files that staff hand in, registers by the day, the bill of a day."""

import sqlalchemy as sa
from alembic import op

revision = '0055'
down_revision = '0054'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
IS_OPEN = sa.text("state IN ('waiting', 'running')")
IS_SETTLED = sa.text("state = 'settled'")
IS_PAYMENT = sa.text("origin LIKE '%:%'")
APPENDED = ("register_file", "register_resolution")
HISTORY = "history is appended, never edited"
GRANTS = (
    "GRANT SELECT, INSERT, UPDATE ON bill_day, register_day, desk_job TO k5_app",
    "GRANT SELECT, INSERT, DELETE ON desk_job_part TO k5_app",
    f"GRANT SELECT, INSERT ON {', '.join(APPENDED)} TO k5_app",
    "GRANT USAGE ON SEQUENCE desk_job_id_seq TO k5_app",
)


def upgrade() -> None:
    op.create_table('bill_day',
    sa.Column('day', DAY, nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('calls', WHOLE, nullable=False),
    sa.Column('cdr_minor', WHOLE, nullable=False),
    sa.Column('bill_minor', WHOLE, nullable=False),
    sa.Column('ledger_minor', WHOLE, nullable=False),
    sa.Column('corrected_minor', WHOLE, nullable=False),
    sa.Column('differing', WHOLE, nullable=False),
    sa.Column('counted_at', INSTANT, nullable=False),
    sa.CheckConstraint('calls >= 0 AND differing >= 0', name=op.f('ck_bill_day_counts')),
    sa.PrimaryKeyConstraint('day', 'currency', name=op.f('pk_bill_day')),
    sqlite_strict=True
    )
    op.create_table('desk_job',
    sa.Column('id', WHOLE, nullable=False),
    sa.Column('form_key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('size', WHOLE, nullable=False),
    sa.Column('options', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('doing', sa.Text(), nullable=False),
    sa.Column('done', WHOLE, nullable=False),
    sa.Column('total', WHOLE, nullable=False),
    sa.Column('attempts', WHOLE, nullable=False),
    sa.Column('maker', sa.Text(), nullable=False),
    sa.Column('lease_until', INSTANT, nullable=True),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('began_by', sa.Text(), nullable=False),
    sa.Column('began_at', INSTANT, nullable=False),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.CheckConstraint("(state IN ('done', 'refused', 'failed')) = (ended_at IS NOT NULL)", name=op.f('ck_desk_job_ended')),
    sa.CheckConstraint("state IN ('waiting', 'running', 'asking', 'done', 'refused', 'failed')", name=op.f('ck_desk_job_state')),
    sa.CheckConstraint('done >= 0 AND total >= 0 AND attempts >= 0 AND size >= 0', name=op.f('ck_desk_job_counts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_job')),
    sa.UniqueConstraint('form_key', name=op.f('uq_desk_job_form_key')),
    sqlite_strict=True
    )
    op.create_index('ix_desk_job_open', 'desk_job', ['began_at'], unique=False, postgresql_where=IS_OPEN, sqlite_where=IS_OPEN)
    op.create_table('desk_job_part',
    sa.Column('job_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('n', WHOLE, autoincrement=False, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('job_id', 'n', name=op.f('pk_desk_job_part')),
    sqlite_strict=True
    )
    op.create_table('register_day',
    sa.Column('day', DAY, nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('is_told', FLAG, nullable=False),
    sa.Column('unresolved', WHOLE, nullable=False),
    sa.Column('late', WHOLE, nullable=False),
    sa.Column('figures', sa.Text(), nullable=False),
    sa.Column('counted_at', INSTANT, nullable=False),
    sa.CheckConstraint('unresolved >= 0 AND late >= 0', name=op.f('ck_register_day_counts')),
    sa.PrimaryKeyConstraint('day', 'origin', name=op.f('pk_register_day')),
    sqlite_strict=True
    )
    op.create_table('register_file',
    sa.Column('file_sha256', sa.Text(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('first_day', DAY, nullable=True),
    sa.Column('last_day', DAY, nullable=True),
    sa.Column('lines', WHOLE, nullable=False),
    sa.Column('read_at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('file_sha256', 'origin', name=op.f('pk_register_file')),
    sqlite_strict=True
    )
    op.create_index('ix_register_file_origin_last_day', 'register_file', ['origin', 'last_day'], unique=False)
    op.create_table('register_resolution',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('is_back', FLAG, nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('day', DAY, nullable=False),
    sa.Column('theirs_minor', WHOLE, nullable=True),
    sa.Column('ours_minor', WHOLE, nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.CheckConstraint("how IN ('credited', 'conflict', 'clarified')", name=op.f('ck_register_resolution_how')),
    sa.PrimaryKeyConstraint('key', 'origin', 'verdict', 'is_back', name=op.f('pk_register_resolution')),
    sqlite_strict=True
    )
    op.create_index('ix_call_ended_at', 'call', ['ended_at'], unique=False, postgresql_where=IS_SETTLED, sqlite_where=IS_SETTLED)
    op.create_index('ix_ledger_transaction_paid', 'ledger_transaction', ['origin', 'occurred_at'], unique=False, postgresql_where=IS_PAYMENT, sqlite_where=IS_PAYMENT)
    op.create_index('ix_register_line_origin_at', 'register_line', ['origin', 'at'], unique=False)
    for table in APPENDED:
        for statement in _guards(table):
            op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        for statement in GRANTS:
            op.execute(statement)


def _guards(table: str) -> list[str]:
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()"
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
        for verb in ("UPDATE", "DELETE")
    ]
