"""Numbers to rent and what became of each of them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
HISTORY = "history is appended, never edited"

POSTGRESQL = [
    "CREATE TRIGGER number_change_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON number_change "
    "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()",
    "GRANT SELECT, INSERT, UPDATE ON number TO k5_app",
    "GRANT SELECT, INSERT ON number_change TO k5_app",
]
SQLITE = [
    f"CREATE TRIGGER number_change_no_{verb.lower()} BEFORE {verb} ON number_change "
    f"BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END"
    for verb in ("UPDATE", "DELETE")
]


def upgrade() -> None:
    op.create_table('number',
    sa.Column('digits', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('is_beautiful', FLAG, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('owner_id', WHOLE, nullable=True),
    sa.Column('since', INSTANT, nullable=False),
    sa.Column('reserved_until', INSTANT, nullable=True),
    sa.Column('quarantine_until', INSTANT, nullable=True),
    sa.Column('changes', WHOLE, nullable=False),
    sa.Column('rings', sa.Text(), nullable=True),
    sa.CheckConstraint("(state = 'quarantine') = (quarantine_until IS NOT NULL)", name=op.f('ck_number_quarantine')),
    sa.CheckConstraint("(state = 'reserved') = (reserved_until IS NOT NULL)", name=op.f('ck_number_reserved')),
    sa.CheckConstraint("(state IN ('reserved', 'rented')) = (owner_id IS NOT NULL)", name=op.f('ck_number_owner')),
    sa.CheckConstraint("code IN ('495', '499', '812', '343', '831', '863', '843', '800')", name=op.f('ck_number_code')),
    sa.CheckConstraint("length(digits) = 11 AND substr(digits, 1, 4) = '7' || code", name=op.f('ck_number_digits')),
    sa.CheckConstraint("rings IS NULL OR state = 'rented'", name=op.f('ck_number_rings')),
    sa.CheckConstraint("state IN ('free', 'reserved', 'rented', 'quarantine')", name=op.f('ck_number_state')),
    sa.PrimaryKeyConstraint('digits', name=op.f('pk_number')),
    sqlite_strict=True
    )
    op.create_index('ix_number_code', 'number', ['code', 'digits'], unique=False)
    op.create_index('ix_number_owner_id', 'number', ['owner_id'], unique=False)
    op.create_index('uq_number_reserved', 'number', ['owner_id'], unique=True, postgresql_where=sa.text("state = 'reserved'"), sqlite_where=sa.text("state = 'reserved'"))
    op.create_table('number_change',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('digits', sa.Text(), nullable=False),
    sa.Column('n', WHOLE, autoincrement=False, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('free', 'reserved', 'rented', 'quarantine')", name=op.f('ck_number_change_state')),
    sa.PrimaryKeyConstraint('owner_id', 'digits', 'n', name=op.f('pk_number_change')),
    sqlite_strict=True
    )
    op.create_index('ix_number_change_digits', 'number_change', ['digits', 'n'], unique=False)
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
