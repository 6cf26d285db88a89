"""Promised payments: each lowers the floor of its account until it ends; nothing else moves a floor."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
OPEN = sa.text("ended_at IS NULL")

KEPT = "owner_id, n, account_id, form_key, amount_minor, floor_before, taken_at, due_at"
NEW, OLD = (", ".join(f"{row}.{column}" for column in KEPT.split(", ")) for row in ("NEW", "OLD"))

POSTGRESQL = [
    f"""
    CREATE FUNCTION k5_move_floor() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            UPDATE public.account SET floor_minor = floor_minor - NEW.amount_minor
            WHERE owner_id = NEW.owner_id AND id = NEW.account_id AND purpose = 'main' AND closed_at IS NULL
              AND floor_minor = NEW.floor_before AND NEW.ended_at IS NULL;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a promised payment begins open, from the floor of a main account'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        ELSE
            IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR ({NEW}) IS DISTINCT FROM ({OLD}) THEN
                RAISE EXCEPTION 'a promised payment only ends, and once'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            UPDATE public.account SET floor_minor = OLD.floor_before
            WHERE owner_id = OLD.owner_id AND id = OLD.account_id;
        END IF;
        RETURN NULL;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION k5_move_floor() FROM PUBLIC",
    "CREATE TRIGGER promised_payment_moves_floor AFTER INSERT OR UPDATE ON promised_payment "
    "FOR EACH ROW EXECUTE FUNCTION k5_move_floor()",
    "CREATE TRIGGER promised_payment_stays BEFORE DELETE OR TRUNCATE ON promised_payment "
    "FOR EACH STATEMENT EXECUTE FUNCTION k5_refuse()",
    "GRANT SELECT, INSERT, UPDATE (ended_at, ended_why) ON promised_payment TO k5_app",
]

LAST = (
    "SELECT {} FROM posting p WHERE p.owner_id = NEW.owner_id AND p.account_id = NEW.id "
    "ORDER BY p.day DESC, p.seq DESC LIMIT 1"
)
OF_THE_ACCOUNT = "FROM promised_payment p WHERE p.owner_id = NEW.owner_id AND p.account_id = NEW.id"
SQLITE = [
    "DROP TRIGGER account_follows_postings",
    f"""
    CREATE TRIGGER account_follows_postings BEFORE UPDATE ON account WHEN (NEW.owner_id, NEW.id, NEW.purpose, NEW.unit)
        IS NOT (OLD.owner_id, OLD.id, OLD.purpose, OLD.unit)
        OR (NEW.floor_minor IS NOT OLD.floor_minor AND NEW.floor_minor IS NOT (
            SELECT p.floor_before {OF_THE_ACCOUNT} ORDER BY p.n DESC LIMIT 1
        ) - (SELECT coalesce(sum(p.amount_minor), 0) {OF_THE_ACCOUNT} AND p.ended_at IS NULL))
        OR NEW.balance_minor IS NOT coalesce(({LAST.format("p.balance_minor")}), 0)
        OR NEW.last_seq IS NOT coalesce(({LAST.format("p.seq")}), 0)
        OR NEW.last_day IS NOT coalesce(({LAST.format("p.day")}), '2000-01-01')
        OR NEW.held_minor IS NOT (SELECT coalesce(sum(h.amount_minor), 0) FROM hold h
            WHERE h.owner_id = NEW.owner_id AND h.account_id = NEW.id AND h.state = 'open')
    BEGIN SELECT RAISE(ABORT, 'the caches of an account follow its postings and holds'); END
    """,
    """
    CREATE TRIGGER promised_payment_begins BEFORE INSERT ON promised_payment
    WHEN NEW.ended_at IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM account a WHERE a.owner_id = NEW.owner_id AND a.id = NEW.account_id AND a.purpose = 'main'
        AND a.closed_at IS NULL AND a.floor_minor = NEW.floor_before)
    BEGIN SELECT RAISE(ABORT, 'a promised payment begins open, from the floor of a main account'); END
    """,
    """
    CREATE TRIGGER promised_payment_lowers_floor AFTER INSERT ON promised_payment BEGIN
        UPDATE account SET floor_minor = floor_minor - NEW.amount_minor
        WHERE owner_id = NEW.owner_id AND id = NEW.account_id;
    END
    """,
    f"""
    CREATE TRIGGER promised_payment_only_ends BEFORE UPDATE ON promised_payment
    WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR ({NEW}) IS NOT ({OLD})
    BEGIN SELECT RAISE(ABORT, 'a promised payment only ends, and once'); END
    """,
    """
    CREATE TRIGGER promised_payment_raises_floor AFTER UPDATE ON promised_payment BEGIN
        UPDATE account SET floor_minor = OLD.floor_before WHERE owner_id = OLD.owner_id AND id = OLD.account_id;
    END
    """,
    "CREATE TRIGGER promised_payment_no_delete BEFORE DELETE ON promised_payment "
    "BEGIN SELECT RAISE(ABORT, 'history is appended, never edited'); END",
]


def upgrade() -> None:
    op.create_table(
        "promised_payment",
        sa.Column("owner_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("n", WHOLE, autoincrement=False, nullable=False),
        sa.Column("account_id", WHOLE, nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("amount_minor", WHOLE, nullable=False),
        sa.Column("floor_before", WHOLE, nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_promised_payment_amount")),
        sa.CheckConstraint("ended_why IN ('due', 'paid')", name=op.f("ck_promised_payment_why")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_promised_payment_ended")),
        sa.ForeignKeyConstraint(
            ["owner_id", "account_id"],
            ["account.owner_id", "account.id"],
            name=op.f("fk_promised_payment_owner_id_account_id"),
        ),
        sa.PrimaryKeyConstraint("owner_id", "n", name=op.f("pk_promised_payment")),
        sa.UniqueConstraint("owner_id", "form_key", name=op.f("uq_promised_payment_owner_id_form_key")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_promised_payment_due_at", "promised_payment", ["due_at"], postgresql_where=OPEN, sqlite_where=OPEN
    )
    op.create_index(
        "uq_promised_payment_open",
        "promised_payment",
        ["owner_id"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
