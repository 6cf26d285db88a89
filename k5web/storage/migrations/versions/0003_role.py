"""The application's role on PostgreSQL: it may look and append, and change only what is meant to change.

The login that runs K5 only needs `GRANT k5_app TO <login>`; the one that runs the migrations owns the tables.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPENDED = "name_claim, ledger_transaction, posting, deck, rate, switch_event, cdr, incident"
CHANGED = "subscriber, device, login_count, allocator, call, switch_position"

POSTGRESQL = [
    # The role belongs to the whole server: another database may have made it already
    """
    DO $$ BEGIN
        CREATE ROLE k5_app NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """,
    """
    DO $$ BEGIN
        IF NOT pg_has_role(current_user, 'k5_app', 'MEMBER') THEN
            EXECUTE format('GRANT k5_app TO %I', current_user);
        END IF;
    END $$
    """,
    "GRANT USAGE ON SCHEMA public TO k5_app",
    f"GRANT SELECT, INSERT ON {APPENDED} TO k5_app",
    f"GRANT SELECT, INSERT, UPDATE ON {CHANGED} TO k5_app",
    # Born without money, and only its end is written by hand: one updatable column is what a row lock asks for
    "GRANT SELECT, INSERT (owner_id, id, purpose, unit, floor_minor), UPDATE (closed_at) ON account TO k5_app",
    "GRANT SELECT, INSERT, UPDATE (state, closed_at) ON hold TO k5_app",
    "GRANT SELECT ON journal, alembic_version TO k5_app",
    "GRANT DELETE ON device, login_count TO k5_app",  # the only rows that are ever thrown away
    "GRANT USAGE ON SEQUENCE deck_id_seq TO k5_app",
]


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL:
            op.execute(statement)
