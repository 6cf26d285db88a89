"""The virtual PBX: rules, people, accounts, conversations, recordings, webhooks; calls that a switch asks for."""

import sqlalchemy as sa
from alembic import op

revision = '0065'
down_revision = '0064'
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")

LIVE = "state IN ('reserved', 'placing', 'calling_a', 'calling_b', 'talking')"
LIVE_CALLBACK = sa.text(f"{LIVE} AND kind = 'callback'")
CHANGED = (
    "black_caller",
    "conversation",
    "conversation_leg",
    "greeting",
    "hold_ahead",
    "pbx",
    "pbx_user",
    "recording",
    "sip_account",
    "switch_question",
    "webhook",
    "webhook_delivery",
)
GRANTS = (
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(CHANGED)} TO k5_app",
    "GRANT SELECT, INSERT, DELETE ON pbx_rule TO k5_app",  # an erasure deletes; a version is never edited
)


def upgrade() -> None:
    op.create_table('black_caller',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('caller', sa.Text(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('owner_id', 'caller', name=op.f('pk_black_caller')),
    sqlite_strict=True
    )
    op.create_table('conversation',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('switch', sa.Text(), nullable=False),
    sa.Column('linked_id', sa.Text(), nullable=False),
    sa.Column('direction', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('caller', sa.Text(), nullable=False),
    sa.Column('called', sa.Text(), nullable=False),
    sa.Column('began_at', INSTANT, nullable=False),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.Column('answered_at', INSTANT, nullable=True),
    sa.Column('answered_by', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('rule_version', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('told', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.CheckConstraint("direction IN ('in', 'out', 'inside')", name=op.f('ck_conversation_direction')),
    sa.PrimaryKeyConstraint('owner_id', 'switch', 'linked_id', name=op.f('pk_conversation')),
    sqlite_strict=True
    )
    op.create_index('ix_conversation_began_at', 'conversation', ['owner_id', 'began_at', 'linked_id'], unique=False)
    op.create_table('conversation_leg',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('switch', sa.Text(), nullable=False),
    sa.Column('leg_uuid', sa.Text(), nullable=False),
    sa.Column('linked_id', sa.Text(), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('started_at', INSTANT, nullable=False),
    sa.Column('answered_at', INSTANT, nullable=True),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.Column('cause', WHOLE, nullable=True),
    sa.Column('call_n', WHOLE, nullable=True),
    sa.PrimaryKeyConstraint('owner_id', 'switch', 'leg_uuid', name=op.f('pk_conversation_leg')),
    sqlite_strict=True
    )
    op.create_index('ix_conversation_leg_linked_id', 'conversation_leg', ['owner_id', 'switch', 'linked_id'], unique=False)
    op.create_table('greeting',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('milliseconds', WHOLE, nullable=True),
    sa.Column('sound', sa.LargeBinary(), nullable=True),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('removed_at', INSTANT, nullable=True),
    sa.CheckConstraint("state IN ('waiting', 'ready', 'refused')", name=op.f('ck_greeting_state')),
    sa.PrimaryKeyConstraint('owner_id', 'digest', name=op.f('pk_greeting')),
    sqlite_strict=True
    )
    op.create_index('ix_greeting_waiting', 'greeting', ['at'], unique=False, postgresql_where=sa.text("state = 'waiting'"), sqlite_where=sa.text("state = 'waiting'"))
    op.create_table('hold_ahead',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('call_n', WHOLE, autoincrement=False, nullable=False),
    sa.Column('switch', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('terms', sa.Text(), nullable=False),
    sa.Column('until', INSTANT, nullable=False),
    sa.Column('withdrawn_at', INSTANT, nullable=True),
    sa.Column('done_at', INSTANT, nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('owner_id', 'call_n', name=op.f('pk_hold_ahead')),
    sqlite_strict=True
    )
    op.create_index('ix_hold_ahead_until', 'hold_ahead', ['until'], unique=False, postgresql_where=sa.text('done_at IS NULL'), sqlite_where=sa.text('done_at IS NULL'))
    op.create_table('pbx',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('version', WHOLE, nullable=False),
    sa.Column('changed_at', INSTANT, nullable=False),
    sa.Column('switch', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('is_recorded', sa.Boolean().with_variant(sa.Integer(), "sqlite"), server_default=sa.text('(false)'), nullable=False),
    sa.Column('holds_ahead', sa.Boolean().with_variant(sa.Integer(), "sqlite"), server_default=sa.text('(true)'), nullable=False),
    sa.PrimaryKeyConstraint('owner_id', name=op.f('pk_pbx')),
    sqlite_strict=True
    )
    op.create_index('ix_pbx_changed_at', 'pbx', ['changed_at'], unique=False)
    op.create_table('pbx_rule',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('version', WHOLE, autoincrement=False, nullable=False),
    sa.Column('steps', sa.Text(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('owner_id', 'number', 'version', name=op.f('pk_pbx_rule')),
    sqlite_strict=True
    )
    op.create_table('pbx_user',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('n', WHOLE, autoincrement=False, nullable=False),
    sa.Column('extension', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('added_at', INSTANT, nullable=False),
    sa.Column('removed_at', INSTANT, nullable=True),
    sa.PrimaryKeyConstraint('owner_id', 'n', name=op.f('pk_pbx_user')),
    sqlite_strict=True
    )
    op.create_index('uq_pbx_user_extension', 'pbx_user', ['owner_id', 'extension'], unique=True, postgresql_where=sa.text('removed_at IS NULL'), sqlite_where=sa.text('removed_at IS NULL'))
    op.create_table('recording',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('switch', sa.Text(), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('box', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('linked_id', sa.Text(), nullable=False),
    sa.Column('leg_uuid', sa.Text(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('day', DAY, nullable=False),
    sa.Column('size_bytes', WHOLE, nullable=True),
    sa.Column('heard_at', INSTANT, nullable=True),
    sa.Column('deleted_at', INSTANT, nullable=True),
    sa.Column('deleted_by', sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('talk', 'voicemail')", name=op.f('ck_recording_kind')),
    sa.PrimaryKeyConstraint('owner_id', 'switch', 'file', name=op.f('pk_recording')),
    sqlite_strict=True
    )
    op.create_index('ix_recording_at', 'recording', ['owner_id', 'at'], unique=False)
    op.create_index('ix_recording_day', 'recording', ['day'], unique=False, postgresql_where=sa.text('deleted_at IS NULL'), sqlite_where=sa.text('deleted_at IS NULL'))
    op.create_table('sip_account',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('user_n', WHOLE, nullable=True),
    sa.Column('password_digest', sa.Text(), nullable=False),
    sa.Column('networks', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('added_at', INSTANT, nullable=False),
    sa.Column('until', INSTANT, nullable=True),
    sa.Column('device', sa.Text(), nullable=True),
    sa.Column('removed_at', INSTANT, nullable=True),
    sa.CheckConstraint("(kind = 'browser') = (until IS NOT NULL)", name=op.f('ck_sip_account_until')),
    sa.CheckConstraint("kind IN ('phone', 'browser')", name=op.f('ck_sip_account_kind')),
    sa.PrimaryKeyConstraint('owner_id', 'login', name=op.f('pk_sip_account')),
    sqlite_strict=True
    )
    op.create_index('ix_sip_account_until', 'sip_account', ['until'], unique=False, postgresql_where=sa.text('removed_at IS NULL'), sqlite_where=sa.text('removed_at IS NULL'))
    op.create_table('switch_question',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('switch', sa.Text(), nullable=False),
    sa.Column('leg_uuid', sa.Text(), nullable=False),
    sa.Column('n', WHOLE, autoincrement=False, nullable=False),
    sa.Column('linked_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('did', sa.Text(), nullable=False),
    sa.Column('caller', sa.Text(), nullable=False),
    sa.Column('called', sa.Text(), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('call_n', WHOLE, nullable=True),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('done_at', INSTANT, nullable=True),
    sa.PrimaryKeyConstraint('owner_id', 'switch', 'leg_uuid', 'n', name=op.f('pk_switch_question')),
    sqlite_strict=True
    )
    op.create_index('ix_switch_question_at', 'switch_question', ['at'], unique=False)
    op.create_index('ix_switch_question_leg_uuid', 'switch_question', ['leg_uuid'], unique=False)
    op.create_table('webhook',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('n', WHOLE, autoincrement=False, nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('events', sa.Text(), nullable=False),
    sa.Column('added_at', INSTANT, nullable=False),
    sa.Column('paused_at', INSTANT, nullable=True),
    sa.Column('removed_at', INSTANT, nullable=True),
    sa.PrimaryKeyConstraint('owner_id', 'n', name=op.f('pk_webhook')),
    sqlite_strict=True
    )
    op.create_table('webhook_delivery',
    sa.Column('owner_id', WHOLE, autoincrement=False, nullable=False),
    sa.Column('webhook_n', WHOLE, autoincrement=False, nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('created_at', INSTANT, nullable=False),
    sa.Column('due_at', INSTANT, nullable=False),
    sa.Column('attempts', WHOLE, server_default=sa.text('0'), nullable=False),
    sa.Column('status', WHOLE, nullable=True),
    sa.Column('why', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('done_at', INSTANT, nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('owner_id', 'webhook_n', 'id', name=op.f('pk_webhook_delivery')),
    sqlite_strict=True
    )
    op.create_index('ix_webhook_delivery_created_at', 'webhook_delivery', ['owner_id', 'webhook_n', 'created_at'], unique=False)
    op.create_index('ix_webhook_delivery_due_at', 'webhook_delivery', ['due_at'], unique=False, postgresql_where=sa.text('done_at IS NULL'), sqlite_where=sa.text('done_at IS NULL'))
    op.add_column('call', sa.Column('kind', sa.Text(), server_default=sa.text("'callback'"), nullable=False))
    op.add_column('call', sa.Column('asked_by', sa.Text(), server_default=sa.text("''"), nullable=False))
    op.drop_index("uq_call_live_a_number", "call")
    op.create_index(
        "uq_call_live_a_number",
        "call",
        ["owner_id", "a_number"],
        unique=True,
        postgresql_where=LIVE_CALLBACK,
        sqlite_where=LIVE_CALLBACK,
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in GRANTS:
            op.execute(statement)
